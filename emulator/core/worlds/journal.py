"""The journal: the last requests and responses, bounded, without secrets.

Secrets are removed when an entry is written, so that no reader of the journal can forget to.
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from emulator.core.primitives import json_text
from emulator.core.primitives.changes import Changes
from emulator.core.worlds.redaction import Redaction

MOST_ENTRIES = 1000
MOST_BYTES = 8 * 1024 * 1024
LONGEST_BODY = 16 * 1024
"""Bytes of a body that are kept; `body_bytes` counts all of them."""
LONGEST_VALUE = 1024
"""Characters of a value in a header, or in a query, that are kept."""
LONGEST_PATH = 4096
"""Characters of a path, and of a query, that are kept."""


@dataclass(slots=True, kw_only=True)
class Message:
    """A request or response: its headers and the beginning of its body."""

    headers: Mapping[str, str]
    body: str
    body_bytes: int


@dataclass(slots=True, kw_only=True)
class Entry:
    """One request and its response; `provider` and `operation` are None if not recognised."""

    id: str
    at: int
    provider: str | None
    operation: str | None
    method: str
    path: str
    query: str
    status: int
    request: Message
    response: Message
    explain: Mapping[str, object] | None = None
    """Why the request was rejected; None if it was not."""
    size: int = 0
    """Roughly the characters the entry holds."""

    @property
    def document(self) -> object:
        """The body of the request as JSON; None if it is not JSON."""
        try:
            return json_text.read(self.request.body)
        except json_text.NotJson:
            return None

    def names(self, id: str) -> bool:
        """Return whether the request or its response has an id as a value.

        That is a segment or several of the path, a parameter of the query, or a text in one of the
        bodies as far as they are kept. Of an id with slashes each part may be named by itself.
        """
        path, query = f"/{self.path}/", f"&{self.query}&"
        bodies = self.request.body + self.response.body

        def is_named(text: str) -> bool:
            quoted = json.dumps(text), json.dumps(text, ensure_ascii=False)
            return (
                f"/{text}/" in path
                or f"={text}&" in query
                or any(each in bodies for each in quoted)
            )

        return is_named(id) or ("/" in id and all(map(is_named, id.split("/"))))


class Journal:
    """The last requests of a world, oldest first."""

    def __init__(self, redaction: Redaction) -> None:
        """Write entries from which the redaction has removed secrets."""
        self._redaction = redaction
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._ids = count(1)
        self._lock = threading.Lock()
        self.changes = Changes()
        """Counts the requests."""

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over a copy of the entries, oldest first."""
        with self._lock:
            return iter(tuple(self._entries))

    def add(
        self,
        *,
        at: int,
        provider: str | None,
        operation: str | None,
        method: str,
        path: str,
        query: Iterable[tuple[str, str]],
        status: int,
        sent: tuple[Iterable[tuple[str, str]], bytes],
        answered: tuple[Iterable[tuple[str, str]], bytes],
        explain: Mapping[str, object] | None = None,
    ) -> Entry:
        """Write an entry; the oldest ones are removed to make room."""
        parameters = "&".join(f"{name}={value}" for name, value in self._pairs(query))
        entry = Entry(
            id="",
            at=at,
            provider=provider,
            operation=operation,
            method=method,
            path=self._text(path),
            query=self._text(parameters),
            status=status,
            request=self._side(*sent),
            response=self._side(*answered),
            explain=self._redaction.document(explain) if explain else None,
        )
        entry.size = _size(entry)
        with self._lock:
            entry.id = str(next(self._ids))
            self._entries.append(entry)
            self._bytes += entry.size
            while len(self._entries) > MOST_ENTRIES or self._bytes > MOST_BYTES:
                self._bytes -= self._entries.popleft().size
        self.changes.note()
        return entry

    def clear(self, provider: str | None = None) -> None:
        """Remove every entry, or those of one provider."""
        with self._lock:
            kept = [entry for entry in self._entries if provider and entry.provider != provider]
            self._entries = deque(kept)
            self._bytes = sum(entry.size for entry in kept)

    def _side(self, headers: Iterable[tuple[str, str]], body: bytes) -> Message:
        return Message(
            headers=dict(self._pairs(headers)),
            # cut after redaction: half of a secret at the end would not look like one
            body=self._redaction.text(body[: LONGEST_BODY + LONGEST_VALUE])[:LONGEST_BODY],
            body_bytes=len(body),
        )

    def _pairs(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        return self._redaction.pairs(pairs, LONGEST_VALUE)

    def _text(self, text: str) -> str:
        return self._redaction.text(text.encode("utf-8", "surrogatepass"))[:LONGEST_PATH]


def _size(entry: Entry) -> int:
    sides = (entry.request, entry.response)
    texts = [entry.path, entry.query, *(side.body for side in sides)]
    headers = sum(len(name) + len(value) for side in sides for name, value in side.headers.items())
    return sum(map(len, texts)) + headers + len(str(entry.explain or ""))
