"""Worlds with many resources, in this process, and the processor time of calls on them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.library.results import Column, Table
from bench.stored import aws_pair, trio
from bench.stored.aws_pair import Call
from emulator.app import Application
from emulator.core.storage.repository import Repository
from emulator.core.storage.seeds import default_scope
from emulator.settings import Settings

FILLS: Mapping[str, Callable[[Repository, int], None]] = {
    "personalize": aws_pair.fill_personalize,
    "lookoutvision": aws_pair.fill_lookoutvision,
    "pai": trio.fill_pai,
    "aitems": trio.fill_aitems,
    "coactive": trio.fill_coactive,
}
"""How so many datasets of a provider are stored, with what belongs to each."""

WANTED = 1.5
"""How many times as much a call may cost on the largest world as on the smallest."""


@dataclass(frozen=True)
class StoredWorld:
    """An application whose world has so many datasets of each provider."""

    stored: int
    app: Application

    def processor_seconds(self, environ: dict[str, Any]) -> float:
        """Return the processor time of a request that has to succeed, in seconds."""
        started: list[str] = []
        began = time.process_time()
        b"".join(self.app(environ, lambda status, headers, _=None: started.append(status)))
        took = time.process_time() - began
        assert started[0].startswith("2"), (started, environ["PATH_INFO"])
        return took


def filled(stored: int, providers: Iterable[str] = tuple(FILLS)) -> Application:
    """Make an application without quotas that has so many datasets of each of the providers."""
    app = Application(Settings(auth="off", lifecycle="immediate", demo=True))
    for provider in providers:
        contract = app.contracts[provider]
        app.world.settings.set_limits(provider, dict.fromkeys(contract.quotas))
        with app.world.repository(provider, default_scope(contract)) as repository:
            FILLS[provider](repository, stored)
    return app


def compare(
    title: str,
    calls: Sequence[tuple[str, Call]],
    worlds: Sequence[StoredWorld],
    rounds: Callable[[], Iterable[int]],
) -> Table:
    """Make every call once in each of its rounds on each world; return the medians."""
    columns = [Column(f"ms with {world.stored:,}", ".3f") for world in worlds]
    table = Table([Column(title), *columns, Column("ratio", ".2f", at_most=WANTED)])
    for name, call in calls:
        times: list[list[float]] = [[] for _ in worlds]
        for number in rounds():
            for turn in range(len(worlds)):
                # each world is the first as often as the others: the first is the slowest, for
                # the processor's caches hold what the call before it needed
                index = (number + turn) % len(worlds)
                environ = call(number).get_environ()
                times[index].append(worlds[index].processor_seconds(environ))
        medians = [1000 * statistics.median(taken) for taken in times]
        table.rows.append([name, *medians, medians[-1] / medians[0]])
    return table
