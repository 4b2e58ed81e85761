"""Which operations and statuses tests have exercised, of all that there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from emulator.remote import Document


class Coverage:
    """A tally of requests by provider, operation and status."""

    def __init__(self) -> None:
        self._known: dict[str, list[str]] = {}
        self._seen: Counter[tuple[str, str, int]] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether no emulator was used."""
        return not self._known

    def know(self, operations: Iterable[Document]) -> None:
        """Learn what there is to exercise: the operations that are emulated."""
        if self.is_empty:
            for each in operations:
                emulated = self._known.setdefault(each["provider"], [])
                emulated += [each["operation"]] if each["emulated"] else []

    def count(self, requests: Iterable[Document]) -> None:
        """Add requests of a journal; those that no operation answered do not count."""
        for each in requests:
            if each["provider"] and each["operation"]:
                self._seen[each["provider"], each["operation"], each["status"]] += 1

    def document(self) -> list[Any]:
        """Give the tally in plain lists, for another process."""
        known = [[provider, operations] for provider, operations in self._known.items()]
        return [known, [[*key, count] for key, count in self._seen.items()]]

    def add(self, document: list[Any]) -> None:
        """Add the tally of another process."""
        known, seen = document
        self._known = self._known or dict(known)
        for provider, operation, status, count in seen:
            self._seen[provider, operation, status] += count

    def lines(self, *, missing: bool = False) -> Iterator[str]:
        """Tell what was exercised, provider by provider; and what was not, if asked."""
        for provider, operations in self._known.items():
            statuses = {name: list(self._statuses(provider, name)) for name in operations}
            exercised = [name for name in operations if statuses[name]]
            yield f"{provider}: {len(exercised)} of {len(operations)} operations"
            for name in exercised:
                yield f"  {name:<32} {', '.join(statuses[name])}"
            if missing:
                others = [name for name in operations if not statuses[name]]
                yield f"  not exercised: {', '.join(others) or 'none'}"

    def _statuses(self, provider: str, operation: str) -> Iterator[str]:
        for (its, name, status), count in sorted(self._seen.items()):
            if (its, name) == (provider, operation):
                yield f"{status} x {count}"
