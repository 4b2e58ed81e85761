"""An entry of the journal: one request and its response, as they are shown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from emulator.core.primitives import json_text


class Rejection(Protocol):
    """Why a request was rejected, in the few facts that explain it later."""

    @property
    def text(self) -> str:
        """All that it keeps of the request."""

    @property
    def why(self) -> str:
        """The reason in a few words, without a value of the request."""

    def explain(self) -> Mapping[str, object]:
        """Return the explanation, a JSON document; it may hold secrets."""


Warnings = Sequence[Mapping[str, str | None]]
"""Mistakes of a client, each with a JSON `pointer`, a `kind` and the `nearest` known name."""


class Review(Protocol):
    """What finds the mistakes in a request that its vendor passes over."""

    def warnings(
        self, parameters: Sequence[str], headers: Mapping[str, str], body: str
    ) -> Warnings:
        """List the mistakes in what is shown of a request, which has no secrets."""


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
    duration_ms: float = 0
    """Milliseconds of real time that the response took, without an ordered delay."""
    parameters: Sequence[str] = ()
    """Names of the parameters in the query."""
    review: Review | None = field(default=None, repr=False, compare=False)
    size: int = 0
    """Roughly the characters the entry holds."""
    _warnings: Warnings | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def warnings(self) -> Warnings:
        """The client's mistakes, looked for when they are first asked for."""
        if self._warnings is None:
            sent, review = self.request, self.review
            found = review.warnings(self.parameters, sent.headers, sent.body) if review else ()
            self._warnings = found
        return self._warnings

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
