"""Whether cost grows with what is stored: the same calls on small and on large worlds."""

from __future__ import annotations

from functools import partial

from bench.library.options import Bench
from bench.library.results import Section
from bench.stored import aws_pair, trio
from bench.stored.worlds import WANTED, compare

PART = "growth"


def run(bench: Bench) -> Section:
    """Compare the calls of all providers."""
    calls = [*aws_pair.calls(), *trio.calls()]
    rounds = partial(bench.rounds, bench.options.samples, 1 / len(calls))
    table = compare("Call", calls, bench.worlds, rounds)
    sizes = " and ".join(f"{stored:,}" for stored in bench.options.stored)
    method = (
        f"The same calls on worlds with {sizes} of everything (schemas, dataset groups and datasets of Personalize, projects and datasets of "
        "Lookout for Vision, datasets of PAI with a version each, datasets of AiTEMS and of Coactive), in one process and in turn; medians of the "
        f"processor time of {bench.options.samples} calls, quotas lifted. One dataset in ten has what a filter asks for, so that pages of ten fill in every world. "
        f"Pages of the AWS pair hold 100 items, of the others 10. Wanted: at most {WANTED} times as much on the largest world as on the smallest; what misses it is bold."
    )  # fmt: skip
    return Section(PART, method, [table])
