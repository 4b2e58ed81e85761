"""The requests of a world in a few lines, for the report of a failed test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from emulator.client import Document

MOST = 20
"""Number of requests reported, the latest ones."""


def lines(requests: Sequence[Document]) -> Iterator[str]:
    """Format the last requests of a journal: status, operation and the reason of a rejection."""
    if not requests:
        yield "none"
    if len(requests) > MOST:
        yield f"... {len(requests) - MOST} more before"
    for each in requests[-MOST:]:
        query = f"?{each['query']}" if each["query"] else ""
        operation = f"{each['provider'] or 'unknown provider'} {each['operation'] or ''}".rstrip()
        yield f"{each['status']} {operation} ({each['method']} {each['path']}{query})"
        yield from (f"    {line}" for line in _reasons(each["explain"] or {}))
        yield from (f"    warning: {mistake(warning)}" for warning in each["warnings"])


def mistake(warning: Document) -> str:
    """Format a mistake that the vendor passes over, with the nearest name that it knows."""
    nearest = f"; nearest is {warning['nearest']}" if warning["nearest"] else ""
    return f"{warning['pointer']}: {warning['kind']}{nearest}"


def _reasons(explain: Document) -> Iterator[str]:
    """Format why a request was rejected, if it was."""
    if not explain:
        return
    named = {"subject": explain["subject"], **explain["facts"]}
    facts = ", ".join(f"{name} {value}" for name, value in named.items() if value is not None)
    yield f"{explain['reason']}{facts and f' ({facts})'}"
    for rule in explain["rules"]:
        limit = "" if rule["limit"] is True else f" {rule['limit']}"
        yield f"{rule['pointer'] or '/'}: {rule['rule']}{limit}"
    if explain["nearest"]:
        yield f"nearest is {explain['nearest']['operation']}: {explain['nearest']['why']}"
