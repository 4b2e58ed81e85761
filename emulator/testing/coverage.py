"""The coverage of tests: that of their worlds, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from emulator.client import Document
from emulator.commands.coverage import table
from emulator.core.worlds.coverage import Covered, with_totals


class Coverage:
    """A sum of documents of `GET /_emulator/coverage`."""

    def __init__(self) -> None:
        self._providers: dict[str, Covered] = {}

    @property
    def document(self) -> Document:
        """The sum, in the same form."""
        return with_totals(self._providers)

    def add(self, document: Document) -> None:
        """Add the coverage of a world or of another process."""
        for name, covered in document["providers"].items():
            known = self._providers.get(name)
            self._providers[name] = _sum(known, covered) if known else covered

    def lines(self, *, missing: bool = False) -> Iterator[str]:
        """Format totals and statuses; with `missing`, also what was not exercised."""
        if not self._providers:
            return
        yield from table(self.document, missing=missing)
        for provider, covered in self._providers.items():
            called = {name: each for name, each in covered["operations"].items() if each["calls"]}
            yield from ("", f"{provider}, exercised:") if called else ()
            for name, each in called.items():
                statuses = ", ".join(
                    f"{status} x {times}" for status, times in each["statuses"].items()
                )
                yield f"  {name:<32} {statuses}"


def _sum(one: Covered, other: Covered) -> Covered:
    """Add two; the contracts of emulators with other switches may differ."""
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
    """Merge splits: exercised in any counts as exercised."""
    exercised = [name for each in filter(None, split) for name in each["exercised"]]
    missing = [name for each in filter(None, split) for name in each["missing"]]
    left = dict.fromkeys(name for name in missing if name not in exercised)
    return {"exercised": list(dict.fromkeys(exercised)), "missing": list(left)}
