"""What tests have exercised of all that is emulated: the coverage of their worlds, summed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from emulator.client import Document
from emulator.commands.coverage import table
from emulator.core.worlds.coverage import Covered, with_totals


class Coverage:
    """A sum of documents as `GET /_emulator/coverage` gives them."""

    def __init__(self) -> None:
        self._providers: dict[str, Covered] = {}

    @property
    def document(self) -> Document:
        """The sum, in the form of what was summed."""
        return with_totals(self._providers)

    def add(self, document: Document) -> None:
        """Add what was exercised in a world, or what another process has summed."""
        for name, covered in document["providers"].items():
            known = self._providers.get(name)
            self._providers[name] = _sum(known, covered) if known else covered

    def lines(self, *, missing: bool = False) -> Iterator[str]:
        """Tell how much was exercised, and with which statuses; and what was not, if asked."""
        if not self._providers:
            return
        yield from table(self.document, missing=missing)
        for provider, covered in self._providers.items():
            called = {name: each for name, each in covered["operations"].items() if each["calls"]}
            yield from ("", f"{provider}, exercised:") if called else ()
            for name, each in called.items():
                told = ", ".join(
                    f"{status} x {times}" for status, times in each["statuses"].items()
                )
                yield f"  {name:<32} {told}"


def _sum(one: Covered, other: Covered) -> Covered:
    """Add two; contracts may differ where emulators have different switches."""
    calls, more = one["operations"], other["operations"]
    states, others = one["states"], other["states"]
    return {
        "operations": {name: _calls(calls.get(name), more.get(name)) for name in {**calls, **more}},
        "errors": _either(one["errors"], other["errors"]),
        "states": {
            kind: _either(states.get(kind), others.get(kind)) for kind in {**states, **others}
        },
    }


def _calls(*counted: Document | None) -> Document:
    statuses: Counter[str] = Counter()
    for each in filter(None, counted):
        statuses.update(each["statuses"])
    return {"calls": statuses.total(), "statuses": dict(sorted(statuses.items()))}


def _either(*split: Document | None) -> Document:
    """Take for exercised what was in one of several."""
    exercised = [name for each in filter(None, split) for name in each["exercised"]]
    missing = [name for each in filter(None, split) for name in each["missing"]]
    left = dict.fromkeys(name for name in missing if name not in exercised)
    return {"exercised": list(dict.fromkeys(exercised)), "missing": list(left)}
