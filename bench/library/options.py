"""How much is measured, and what several parts share."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bench.stored.worlds import StoredWorld, filled
from emulator.catalogue import ProviderCatalogue
from emulator.contracts import load_contracts
from emulator.core.contract.loader import Loader
from emulator.core.contract.model import Contract


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    rounds: int = 5
    """Rounds in which servers take turns."""
    requests: int = 1000
    """Requests of one kind to one server in one round."""
    warm: int = 2000
    """Requests of each kind before the first round, for servers that compile while they run."""
    starts: int = 7
    """Starts of each server."""
    samples: int = 100
    """Calls of one kind in this process on one world."""
    stored: tuple[int, ...] = (100, 10_000, 100_000)
    """Datasets of each provider in the worlds that are compared."""
    filled: int = 20_000
    """Datasets of a provider whose memory is measured."""
    body: int = 4_000_000
    """Bytes of the longest bodies that are refused, where the provider reads as many."""
    seconds: float = 300
    """Seconds after which a part begins no further round."""


@dataclass
class Bench:
    """One run of the benchmark."""

    options: Options = field(default_factory=Options)

    @cached_property
    def contracts(self) -> Mapping[str, Contract]:
        """The contracts of all providers, by name."""
        return dict(load_contracts(Loader(), ProviderCatalogue.find().loaders()))

    @cached_property
    def worlds(self) -> list[StoredWorld]:
        """The filled worlds, from the smallest to the largest."""
        return [StoredWorld(stored, filled(stored)) for stored in self.options.stored]

    def rounds(self, count: int, share: float = 1) -> Iterator[int]:
        """Count rounds, of which there is one at least, until a share of the time is used up."""
        deadline = time.monotonic() + self.options.seconds * share
        for number in range(count):
            if number and time.monotonic() > deadline:
                return
            yield number
