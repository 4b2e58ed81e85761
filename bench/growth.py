"""Whether cost grows with what is stored: the same calls on a small and on a large world.

Both applications live in this process, and calls take turns between them, so that a slow
moment of the machine meets both.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench import aws_pair, trio
from bench.aws_pair import Call
from emulator.app import Application
from emulator.core.storage.seeds import default_scope
from emulator.settings import Settings

FEW, MANY = 100, 100_000
FILLS = {
    "personalize": aws_pair.fill_personalize,
    "lookoutvision": aws_pair.fill_lookoutvision,
    "pai": trio.fill_pai,
    "aitems": trio.fill_aitems,
    "coactive": trio.fill_coactive,
}


@dataclass
class StoredWorld:
    """One world and the times its calls took, in seconds."""

    stored: int
    app: Application

    def time(self, call: Call, number: int) -> float:
        environ = call(number).get_environ()
        started: list[str] = []
        began = time.perf_counter()
        b"".join(self.app(environ, lambda status, headers, _=None: started.append(status)))
        took = time.perf_counter() - began
        assert started[0].startswith("2"), started
        return took


Worlds = Sequence[StoredWorld]


def worlds(small: int = FEW, large: int = MANY) -> Worlds:
    """Make the small and the large world."""
    return [StoredWorld(stored, _filled(stored)) for stored in (small, large)]


def report(both: Worlds, samples: int) -> None:
    """Print the medians of the providers' calls on both sides, and their ratio."""
    compare("Call", [*aws_pair.calls(), *trio.calls()], both, samples)


def compare(title: str, calls: Iterable[tuple[str, Call]], both: Worlds, samples: int) -> None:
    """Print a table of calls, each made so many times."""
    small, large = (world.stored for world in both)
    print(f"\n| {title} | ms with {small:,} | ms with {large:,} | ratio |")
    print("|---|---|---|---|")
    for name, call in calls:
        times: list[list[float]] = [[], []]
        for number in range(samples):
            for world, taken in zip(both, times, strict=True):
                taken.append(world.time(call, number))
        few, many = (1000 * statistics.median(taken) for taken in times)
        print(f"| {name} | {few:.2f} | {many:.2f} | {many / few:.2f} |")


def _filled(stored: int) -> Application:
    app = Application(Settings(auth="off", lifecycle="immediate", demo=True))
    for provider, fill in FILLS.items():
        contract = app.contracts[provider]
        app.world.settings.set_limits(provider, dict.fromkeys(contract.quotas))
        with app.world.repository(provider, default_scope(contract)) as repository:
            fill(repository, stored)
    return app
