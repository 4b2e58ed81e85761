"""The one form of a query that signatures are made of, however it was written on the wire."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes


def canonical_query(query: str, *, without: str = "") -> str:
    """Decode and encode a query as RFC 3986 has it, sorted; leave out one parameter."""
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    written = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in written if name != without)


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", " ").encode("latin-1")), safe="~")
