"""Removes secrets from the journal, by the names of members and by the form of real keys."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import re2

REDACTED = "***"

_QUOTE = re.compile(rb'(\\*)"')

_ALWAYS = ("Authorization", "Proxy-Authorization", "Cookie")
"""Headers that hold secrets with any provider."""


class Redaction:
    """Replaces the values of secret headers, parameters and members, and whatever looks real."""

    def __init__(self, names: Collection[str] = (), looks: Collection[str] = ()) -> None:
        """Compile `names`, in any case, and `looks`, regular expressions of real keys."""
        self._names = frozenset(name.lower() for name in (*_ALWAYS, *names))
        members = "|".join(map(re.escape, sorted(self._names)))
        self._members = re2.compile(
            rf'(?i)"(?:{members})\\*"(?:\s|\\+[nrt])*:(?:\s|\\+[nrt])*(\\*)"'
        )
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
            text = b"".join(self._without_members(text))
        if self._looks.search(text):
            text = self._looks.sub(REDACTED.encode(), text)
        return text.decode("utf-8", "replace")

    def _without_members(self, text: bytes) -> Iterator[bytes]:
        begin = 0
        for found in self._members.finditer(text):
            if found.start() >= begin:  # or it is inside of what was taken out
                yield text[begin : found.end()] + REDACTED.encode()
                begin = _end_of_string(text, found.end(), len(found.group(1)))
        yield text[begin:]

    def _plain(self, value: str) -> str:
        return self._looks.sub(REDACTED, value) if self._looks.search(value) else value


def _end_of_string(text: bytes, begin: int, depth: int) -> int:
    """Find where a JSON string ends whose opening quote has `depth` backslashes before it.

    Inside of JSON that is itself a string, quotes are escaped, once more at each level: an
    opening quote has 0, 1, 3, 7 ... backslashes, and so has the one that ends the string.
    A backslash before it that belongs to the string is twice as many; a quote that
    belongs to the string has an odd number of such steps, and fewer end a string around it.
    """
    for quote in _QUOTE.finditer(text, begin):
        more = len(quote.group(1)) - depth
        if more < 0 or more % (2 * (depth + 1)) == 0:
            return quote.end() - 1 - min(depth, len(quote.group(1)))
    return len(text)


def redaction_of(services: Iterable[Mapping[str, Any]]) -> Redaction:
    """Make a redaction for the secrets of all services: a request may reach the wrong one."""
    known = list(services)
    terms = [service.get("credentials", {}) for service in known]
    return Redaction(
        names=[name for service in known for name in service.get("redact", ())],
        looks=[each["realKeyPattern"] for each in terms if "realKeyPattern" in each],
    )
