"""The journal: the last requests and responses, bounded, without secrets.

An entry keeps what came, and becomes texts and an explanation when it is first read. A secret is
not kept so long: an entry that may hold one is redacted at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import NamedTuple

from emulator.core.primitives.changes import Changes
from emulator.core.worlds.journal_entry import Entry, Message, Rejection, Review
from emulator.core.worlds.redaction import REDACTED, Redaction
from emulator.core.worlds.request_log import RequestLog

MOST_ENTRIES = 1000
MOST_BYTES = 8 * 1024 * 1024
LONGEST_BODY = 16 * 1024
"""Bytes of a body that are shown; `body_bytes` counts all of them."""
LONGEST_VALUE = 1024
"""Characters of a value in a header, or in a query, that are shown."""
LONGEST_PATH = 4096
"""Characters of a path, and of a query, that are shown."""

MOST_PARAMETERS = 100
"""Parameters of a query that are reviewed."""

_LONGEST_UNREAD = 64 * 1024
"""Characters of an entry that are kept as they came; a longer one is cut at once."""
_MARGIN = 1024
"""Characters redacted beyond those shown: half a secret, at a cut, would not look like one."""
_LONGEST_PART = LONGEST_BODY + _MARGIN
"""Bytes of a body that are kept."""

Fields = Iterable[tuple[str, str]]
"""Names and values of headers, or of parameters."""


class _Part(NamedTuple):
    """A request or response as it came, as far as it is kept."""

    headers: Mapping[str, str]
    body: bytes
    body_bytes: int


@dataclass(slots=True)
class _Unread:
    """An entry as it came. It keeps strings, bytes and the contract, and no part of a server."""

    id: str
    at: int
    provider: str | None
    operation: str | None
    method: str
    path: str
    query: Sequence[tuple[str, str]]
    status: int
    request: _Part
    response: _Part
    rejection: Rejection | None
    review: Review | None
    duration_ms: float
    size: int


class Journal:
    """The last requests of a world, oldest first."""

    def __init__(self, redaction: Redaction) -> None:
        """Show entries from which the redaction has removed secrets."""
        self._redaction = redaction
        self._entries: deque[Entry | _Unread] = deque()
        self._bytes = 0
        self._ids = count(1)
        self._lock = threading.Lock()
        self._log = RequestLog()
        self.changes = Changes()
        """Counts the requests."""

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over a copy of the entries, oldest first; entries are read in no other way."""
        with self._lock:
            read = [
                entry if isinstance(entry, Entry) else self._entry(entry, _decoded)
                for entry in self._entries
            ]
            self._entries.clear()
            self._entries.extend(read)
            self._bytes = sum(entry.size for entry in read)
            self._make_room()  # an explanation is longer than the facts it is made from
            return iter(read[len(read) - len(self._entries) :])

    def add(
        self,
        *,
        at: int,
        provider: str | None,
        operation: str | None,
        method: str,
        path: str,
        query: Fields,
        status: int,
        sent: tuple[Fields, bytes],
        answered: tuple[Fields, bytes],
        rejection: Rejection | None = None,
        review: Review | None = None,
        duration_ms: float = 0,
    ) -> None:
        """Add an entry; the oldest ones are removed to make room."""
        parameters, (headers, body), (answered_headers, answer) = list(query), sent, answered
        request = _Part(self._redaction.masked(headers), body[:_LONGEST_PART], len(body))
        response = _Part(dict(answered_headers), answer[:_LONGEST_PART], len(answer))
        texts = [path, *chain.from_iterable(parameters), *request.headers.values()]
        texts += chain.from_iterable(response.headers.items())
        if rejection is not None:
            texts.append(rejection.text)
        text = "\n".join(texts).encode("utf-8", "surrogatepass")
        whole = b"\n".join((text, request.body, response.body))
        size = len(whole) + len("".join(request.headers))
        unread = _Unread(
            "", at, provider, operation, method, path, parameters, status, request, response,
            rejection, review, duration_ms, size,
        )  # fmt: skip
        is_kept = size <= _LONGEST_UNREAD and self._redaction.is_clean(whole)
        entry = unread if is_kept else self._entry(unread, self._redaction.text)
        with self._lock:
            entry.id = str(next(self._ids))
            self._entries.append(entry)
            self._bytes += entry.size
            self._make_room()
        self.changes.note()
        self._log.note(
            method=method,
            path=path,
            provider=provider,
            operation=operation,
            status=status,
            duration_ms=duration_ms,
            rejection=rejection,
        )

    def clear(self, provider: str | None = None) -> None:
        """Remove every entry, or those of one provider."""
        with self._lock:
            kept = [entry for entry in self._entries if provider and entry.provider != provider]
            self._entries = deque(kept)
            self._bytes = sum(entry.size for entry in kept)

    def _make_room(self) -> None:
        while len(self._entries) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            self._bytes -= self._entries.popleft().size

    def _entry(self, unread: _Unread, text: Callable[[bytes], str]) -> Entry:
        """Make the texts of an entry by `text`, which removes secrets unless there are none."""
        rejection, redaction = unread.rejection, self._redaction
        query = "&".join(
            f"{name}={REDACTED if redaction.hides(name) else _cut(text, value, LONGEST_VALUE)}"
            for name, value in unread.query
        )
        entry = Entry(
            id=unread.id,
            at=unread.at,
            provider=unread.provider,
            operation=unread.operation,
            method=unread.method,
            path=_cut(text, unread.path, LONGEST_PATH),
            query=_cut(text, query, LONGEST_PATH),
            status=unread.status,
            request=self._message(unread.request, text),
            response=self._message(unread.response, text),
            explain=redaction.document(rejection.explain()) if rejection else None,
            duration_ms=unread.duration_ms,
            parameters=[
                _cut(text, name, LONGEST_VALUE) for name, _ in unread.query[:MOST_PARAMETERS]
            ],
            review=unread.review,
        )
        entry.size = _size(entry)
        return entry

    def _message(self, part: _Part, text: Callable[[bytes], str]) -> Message:
        headers = self._redaction.masked(part.headers.items())
        return Message(
            headers={name: _cut(text, value, LONGEST_VALUE) for name, value in headers.items()},
            body=_beginning(text(part.body), LONGEST_BODY, is_cut=part.body_bytes > len(part.body)),
            body_bytes=part.body_bytes,
        )


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _cut(text: Callable[[bytes], str], value: str, longest: int) -> str:
    """Make the text of a value, of `longest` characters at most."""
    most = longest + _MARGIN
    kept = value[:most].encode("utf-8", "surrogatepass")
    return _beginning(text(kept), longest, is_cut=len(value) > most)


def _beginning(text: str, longest: int, *, is_cut: bool) -> str:
    """Return the beginning of a redacted text, without the margin if it was cut there."""
    return text[: max(0, min(longest, len(text) - _MARGIN)) if is_cut else longest]


def _size(entry: Entry) -> int:
    sides = (entry.request, entry.response)
    texts = [entry.path, entry.query, *entry.parameters, *(side.body for side in sides)]
    headers = sum(len(name) + len(value) for side in sides for name, value in side.headers.items())
    return sum(map(len, texts)) + headers + len(str(entry.explain or ""))
