"""Matchers: conditions on a request, as service.json writes them.

They select the provider of a request without a prefix or a known host, and the older of two
generations of a service. Both use the same members: `host` (a pattern of the whole name),
`header` (a name), `headerPrefix` (the beginning of a name), `query` (a name), `path` (a pattern of
the whole path), `matches` (a pattern of the whole value of the header or parameter), `bodyHasAny`
and `bodyHasNone` (names of members of a JSON object). A matcher with several of them needs all of
them to hold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

from emulator.core.contract.model import Document
from emulator.core.http.exchange import Headers
from emulator.core.primitives.regex import whole_match

_ANYTHING = r"(?s).*"


class RequestView(Protocol):
    """The parts of a request that matchers look at."""

    @property
    def path(self) -> str:
        """The decoded path."""

    @property
    def query(self) -> Sequence[tuple[str, str]]:
        """The decoded parameters, in the order sent."""

    @property
    def headers(self) -> Headers:
        """The header fields."""

    def has_header_prefix(self, prefix: str) -> bool:
        """Return whether the name of any header begins so, in any case."""

    @property
    def body(self) -> bytes | None:
        """The body; None or empty where it is not available."""


Predicate = Callable[[RequestView], bool]


def matches_any(matchers: Sequence[Document]) -> Predicate:
    """Compile matchers into a test whether any of them matches a request."""
    predicates = [compile_matcher(matcher) for matcher in matchers]
    return lambda request: any(matches(request) for matches in predicates)


def compile_matcher(matcher: Document) -> Predicate:
    """Compile a matcher into a test whether all its conditions hold for a request."""
    conditions = [make(matcher) for name, make in _CONDITIONS.items() if name in matcher]
    if len(conditions) == 1:  # as nearly all have: every request runs these
        return conditions[0]
    return lambda request: all(holds(request) for holds in conditions)


def _path(matcher: Document) -> Predicate:
    fits = whole_match(matcher["path"])
    return lambda request: fits(request.path)


def _host(matcher: Document) -> Predicate:
    fits = whole_match(matcher["host"])
    return lambda request: fits(request.headers.get("Host", "").partition(":")[0].lower())


def _header(matcher: Document) -> Predicate:
    name, fits = matcher["header"], whole_match(matcher.get("matches", _ANYTHING))

    def holds(request: RequestView) -> bool:
        headers = request.headers
        return name in headers and fits(headers.get(name, ""))

    return holds


def _header_prefix(matcher: Document) -> Predicate:
    prefix = matcher["headerPrefix"]
    return lambda request: request.has_header_prefix(prefix)


def _query(matcher: Document) -> Predicate:
    name, fits = matcher["query"], whole_match(matcher.get("matches", _ANYTHING))
    return lambda request: any(key == name and fits(value) for key, value in request.query)


def _body_has_any(matcher: Document) -> Predicate:
    wanted = frozenset(matcher["bodyHasAny"])
    return lambda request: not wanted.isdisjoint(_members(request, wanted))


def _body_has_none(matcher: Document) -> Predicate:
    unwanted = frozenset(matcher["bodyHasNone"])
    return lambda request: unwanted.isdisjoint(_members(request, unwanted))


_CONDITIONS: Mapping[str, Callable[[Document], Predicate]] = {
    "path": _path,
    "host": _host,
    "header": _header,
    "headerPrefix": _header_prefix,
    "query": _query,
    "bodyHasAny": _body_has_any,
    "bodyHasNone": _body_has_none,
}
"""What compiles each member; cheap ones first, for the first that fails ends the test."""


def _members(request: RequestView, names: Collection[str]) -> Mapping[str, object]:
    """Read the members of a body; none where it is not a JSON object, or can have none of these."""
    body = request.body or b"null"
    if not _may_spell(body, names):
        return {}
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _may_spell(body: bytes, names: Collection[str]) -> bool:
    """Return whether one of some names is in a body, or could be: by escapes, or in UTF-16."""
    hides = b"\\" in body or b"\0" in body
    return hides or any(name.encode() in body for name in names)
