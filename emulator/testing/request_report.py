"""What the emulator was asked, in a few lines, for the report of a test that failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.client import Document

MOST = 20
"""Requests that are told of, the last ones."""


def lines(requests: Sequence[Document]) -> Iterator[str]:
    """Tell of the last requests of a journal: what each came to, and why it was refused."""
    if not requests:
        yield "none"
    if len(requests) > MOST:
        yield f"... {len(requests) - MOST} more before"
    for each in requests[-MOST:]:
        query = f"?{each['query']}" if each["query"] else ""
        asked = f"{each['status']} {each['provider'] or 'nobody'} {each['operation'] or ''}"
        yield f"{asked.rstrip()} ({each['method']} {each['path']}{query})"
        yield from (f"    {line}" for line in _reasons(each["explain"] or {}))


def _reasons(explain: Document) -> Iterator[str]:
    """Tell why a request was refused; nothing if it was not."""
    if not explain:
        return
    named = {"subject": explain["subject"], **explain["facts"]}
    told = ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)
    yield f"{explain['reason']}{told and f' ({told})'}"
    for rule in explain["rules"]:
        limit = "" if rule["limit"] is True else f" {rule['limit']}"
        yield f"{rule['pointer'] or '/'}: {rule['rule']}{limit}"
    if explain["nearest"]:
        yield f"nearest is {explain['nearest']['operation']}: {explain['nearest']['why']}"
