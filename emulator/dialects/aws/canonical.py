"""The canonical form of a query, for signatures."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes


def canonical_query(query: str, *, without: str = "") -> str:
    """Return a query sorted and encoded by RFC 3986, without one parameter."""
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    written = sorted((_encoded(name), _encoded(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in written if name != without)


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text.replace("+", " ").encode("latin-1")), safe="~")
