"""Removes secrets from the journal, by the names of members and by the form of real keys."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import re2

REDACTED = "***"

_ALWAYS = ("Authorization", "Proxy-Authorization", "Cookie")
"""Headers that hold secrets with any provider."""


class Redaction:
    """Replaces the values of secret headers, parameters and members, and whatever looks real."""

    def __init__(self, names: Collection[str] = (), looks: Collection[str] = ()) -> None:
        """Compile `names`, in any case, and `looks`, regular expressions of real keys."""
        self._names = frozenset(name.lower() for name in (*_ALWAYS, *names))
        members = "|".join(map(re.escape, sorted(self._names)))
        self._members = re2.compile(rf'(?i)("(?:{members})"\s*:\s*")(?:[^"\\]|\\[\s\S])*')
        self._looks = re2.compile("|".join(f"(?:{look})" for look in sorted(looks)) or "[^\\s\\S]")

    def pairs(self, pairs: Iterable[tuple[str, str]], longest: int) -> list[tuple[str, str]]:
        """Redact headers or parameters, and cut their values to `longest` characters."""
        return [
            (n, REDACTED if n.lower() in self._names else self._plain(v)[:longest])
            for n, v in pairs
        ]

    def document(self, document: object) -> Any:
        """Redact a JSON document."""
        return json.loads(self.text(json.dumps(document).encode()))

    def text(self, text: bytes) -> str:
        """Redact a text, which may be JSON or the beginning of it."""
        if self._members.search(text):
            text = self._members.sub(rb"\1" + REDACTED.encode(), text)
        if self._looks.search(text):
            text = self._looks.sub(REDACTED.encode(), text)
        return text.decode("utf-8", "replace")

    def _plain(self, value: str) -> str:
        return self._looks.sub(REDACTED, value) if self._looks.search(value) else value


def redaction_of(services: Iterable[Mapping[str, Any]]) -> Redaction:
    """Make a redaction for the secrets of all services: a request may reach the wrong one."""
    known = list(services)
    terms = [service.get("credentials", {}) for service in known]
    return Redaction(
        names=[name for service in known for name in service.get("secrets", ())],
        looks=[each["looksReal"] for each in terms if "looksReal" in each],
    )
