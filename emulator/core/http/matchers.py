"""Marks of requests: by which the older of two generations of a service knows its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from emulator.core.contract.model import Document
from emulator.core.http.exchange import Request
from emulator.core.primitives.regex import whole_match

Test = Callable[[Request], bool]


def matches_any(marks: Sequence[Document]) -> Test:
    """Compile marks into a test whether a request bears one of them."""
    tests = [_mark(mark) for mark in marks]
    return lambda request: any(test(request) for test in tests)


def _mark(mark: Document) -> Test:
    """Compile a mark: on a header, on a parameter of the query, or on members of the body."""
    if "header" in mark:
        header, fits = mark["header"], whole_match(mark.get("matches", r"(?s).*"))
        return lambda request: header in request.headers and fits(request.header(header))
    if "query" in mark:
        name = mark["query"]
        return lambda request: any(key == name for key, _ in request.query)
    has, lacks = set(mark["bodyHas"]), set(mark["bodyLacks"])
    return lambda request: _fits(_members(request), has, lacks)


def _fits(members: set[str], has: set[str], lacks: set[str]) -> bool:
    return not members.isdisjoint(has) and members.isdisjoint(lacks)


def _members(request: Request) -> set[str]:
    """Name the members of a body; none where it is no JSON object."""
    try:
        document = json.loads(request.body or b"null")
    except (ValueError, RecursionError):
        return set()
    return set(document) if isinstance(document, dict) else set()
