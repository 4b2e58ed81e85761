"""Removes secrets from the journal, by the names of members and by the form of real keys."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

import re2

REDACTED = "***"

_MASK = REDACTED.encode()
_ALWAYS = ("Authorization", "Proxy-Authorization", "Cookie")
"""Headers that hold secrets with any provider."""

_MOST_NAMES = 1024
"""Names of headers that are remembered to be secret or not."""

_MOST_LEVELS = 8
"""Levels of percent-encoding, one inside of the other, that are looked into."""

_BLANK = r"(?:\s|\\+[nrt])*"
_QUOTE = re.compile(rb'(?<!\\)(\\*)"')
_BRACKET = re.compile(rb'(?<!\\)(\\*)"|[\[\]{}]')
_NUMBER = re.compile(rb"-?[0-9][0-9.eE+-]*")
_ENCODED = re2.compile(r'[^\s"\\<>&]*%[0-9A-Fa-f]{2}[^\s"\\<>&]*')
"""A part of a URL, or of a form, with percent-encoded letters."""


class Redaction:
    """Replaces the values of secret headers, parameters and members, and whatever looks real.

    Members are found in JSON and in JSON that is a string of JSON, parameters in URLs and forms,
    also if their names are written with escapes, and in texts of UTF-8, UTF-16 and UTF-32.
    """

    def __init__(self, names: Collection[str] = (), looks: Collection[str] = ()) -> None:
        """Hide `names`, in any case, and what fits `looks`, regular expressions of real keys."""
        known = frozenset(name.lower() for name in (*_ALWAYS, *names))
        self._names = sorted(known)
        self._form_of_keys = "|".join(f"(?:{look})" for look in sorted(looks)) or r"[^\s\S]"
        # a client sends the same few headers with every request
        self.hides = lru_cache(_MOST_NAMES)(lambda name: name.lower() in known)
        """Returns whether the values under a name are secret."""

    def is_clean(self, text: bytes) -> bool:
        """Return whether a text surely has nothing to redact; a cheap look at all of it."""
        return self._suspicious.search(text) is None

    def masked(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Hide the values under secret names; all others stay as they are."""
        masked = dict(headers)
        for name in filter(self.hides, masked):
            masked[name] = REDACTED
        return masked

    def document(self, document: object) -> Any:
        """Redact a JSON document."""
        return json.loads(self.text(json.dumps(document).encode()))

    def text(self, text: bytes) -> str:
        """Redact a text, which may be JSON, a form or the beginning of either."""
        redacted, joined = self._redacted(text), text.replace(b"\0", b"")
        if joined != text:
            # UTF-16 and UTF-32 have NULs beside each ASCII letter, and hide names and keys so
            found = self._redacted(joined)
            redacted = redacted if found == joined else found
        return redacted.decode("utf-8", "replace")

    def _redacted(self, text: bytes, level: int = 0) -> bytes:
        if level > _MOST_LEVELS:
            return _MASK
        if self._members.search(text):
            text = b"".join(self._without_members(text))
        text = self._parameters.sub(rb"\1\2" + _MASK, text)
        text = _ENCODED.sub(lambda part: self._encoded(part[0], level), text)
        return bytes(self._real_keys.sub(_MASK, text))

    def _encoded(self, part: bytes, level: int) -> bytes:
        """Redact what percent-encoding hides; a part without secrets stays as it is written."""
        plain = unquote_to_bytes(part.replace(b"+", b" "))
        redacted = self._redacted(plain, level + 1)
        return part if redacted == plain else quote_from_bytes(redacted, "=*/?:").encode()

    def _without_members(self, text: bytes) -> Iterator[bytes]:
        begin = 0
        for found in self._members.finditer(text):
            if found.start() < begin:  # it is inside of what was taken out
                continue
            quote, end = found.group(1) + b'"', found.end()
            opening = _QUOTE.match(text, end)
            if opening:
                yield text[begin : opening.end()] + _MASK
                begin = _end_of_string(text, opening.end(), len(opening[1]))
            elif number := _NUMBER.match(text, end):
                yield text[begin:end] + quote + _MASK + quote
                begin = number.end()
            elif text[end : end + 1] in (b"[", b"{"):
                yield text[begin:end] + quote + _MASK + quote
                begin = _end_of_brackets(text, end, len(quote) - 1)
        yield text[begin:]

    @cached_property
    def _suspicious(self) -> Any:
        """Finds what may be a secret: a name, a real key, or a spelling that could hide one.

        Everything that `text` redacts is found. Only ASCII letters with escapes are odd: encoders
        escape no others but for `%` and the NUL, which stands between the letters of UTF-16.
        """
        names = "|".join(map(re.escape, self._names))
        odd = r"\\u00[2-7]|%[0-9a-f]{2}|\x00"
        return re2.compile(f"(?i:{names}|{odd})|{self._form_of_keys}")

    @cached_property
    def _members(self) -> Any:
        """Finds the names of secret members in JSON, up to their values."""
        return re2.compile(rf'(?i)"(?:{self._spelt_names})(\\*)"{_BLANK}:{_BLANK}')

    @cached_property
    def _parameters(self) -> Any:
        """Finds secret parameters of URLs and forms."""
        return re2.compile(rf'(?i)(^|[^\w-])((?:{self._spelt_names})=)[^&#"\\\s<>]*')

    @cached_property
    def _real_keys(self) -> Any:
        return re2.compile(self._form_of_keys)

    @property
    def _spelt_names(self) -> str:
        return "|".join("".join(map(_any_spelling, name)) for name in self._names)


def _any_spelling(letter: str) -> str:
    """Make a pattern of a letter as it is, or as an escape of JSON or of a URL."""
    cases = "|".join(f"{ord(case):02x}" for case in sorted({letter.lower(), letter.upper()}))
    return rf"(?:{re.escape(letter)}|(?:\\+u00|%)(?:{cases}))"


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


def _end_of_brackets(text: bytes, begin: int, depth: int) -> int:
    """Find where a JSON array or object ends whose quotes have `depth` backslashes."""
    level, at = 0, begin
    while token := _BRACKET.search(text, at):
        if token[1] is None:
            level += 1 if token[0] in b"[{" else -1
            at = token.end()
            if level == 0:
                return at
        elif len(token[1]) < depth:  # it ends the string that all of this is in
            return token.start()
        else:
            at = _end_of_string(text, token.end(), depth) + depth + 1
    return len(text)


def redaction_of(services: Iterable[Mapping[str, Any]]) -> Redaction:
    """Make a redaction for the secrets of all services: a request may reach the wrong one."""
    known = list(services)
    terms = [service.get("credentials", {}) for service in known]
    return Redaction(
        names=[name for service in known for name in service.get("redact", ())],
        looks=[each["realKeyPattern"] for each in terms if "realKeyPattern" in each],
    )
