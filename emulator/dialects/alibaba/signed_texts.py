"""The texts that are signed, and their signatures: ACS3-HMAC-SHA256 and the older `acs`.

Sources as in `acs`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import quote, unquote

from emulator.core.http.exchange import Request

ALGORITHM = "ACS3-HMAC-SHA256"


def sign(canonical: str, secret: str) -> str:
    """Return the signature of a canonical request."""
    return hmac.digest(secret.encode(), string_to_sign(canonical).encode(), "sha256").hex()


def string_to_sign(canonical: str) -> str:
    """Return the string to sign of a canonical request."""
    return f"{ALGORITHM}\n{hashlib.sha256(canonical.encode('latin-1')).hexdigest()}"


def canonical_request(
    request: Request, target: str, headers: Sequence[str], body: str, hidden: Iterable[str] = ()
) -> str:
    """Return the canonical request; `body` is the hash of its body.

    The values of `hidden` headers are left out, for display.
    """
    path, _, query = target.partition("?")
    lines = [
        request.method,
        path,
        _query(query),
        *_written(request, sorted(headers), hidden),
        "",
        ";".join(headers),
        body,
    ]
    return "\n".join(lines)


def sign_older(request: Request, target: str, secret: str) -> str:
    """Return the older signature of a request."""
    text = string_to_sign_older(request, target).encode("latin-1")
    return base64.b64encode(hmac.digest(secret.encode(), text, "sha1")).decode()


def string_to_sign_older(request: Request, target: str, hidden: Iterable[str] = ()) -> str:
    """Return the string to sign of the older signature."""
    path, _, query = target.partition("?")
    fixed = ("Accept", "Content-MD5", "Content-Type", "Date")
    names = sorted(name.lower() for name, _ in request.headers.items())
    lines = [
        request.method,
        *(_trimmed(request, name) for name in fixed),
        *_written(request, [name for name in names if name.startswith("x-acs-")], hidden),
        path + _older_query(query),
    ]
    return "\n".join(lines)


def _written(request: Request, headers: Iterable[str], hidden: Iterable[str]) -> Iterable[str]:
    secrets = {name.lower() for name in hidden}
    for name in headers:
        yield f"{name}:{'***' if name in secrets else _trimmed(request, name)}"


def as_utf8(text: str) -> str:
    """Encode a text that was sent as UTF-8 and decoded as Latin-1."""
    return text.encode("latin-1").decode("utf-8", "replace")


def _trimmed(request: Request, name: str) -> str:
    # other space that Python strips may be a byte of a letter
    return request.header(name).strip(" \t")


def _query(query: str) -> str:
    """Return the sorted query, encoded by RFC 3986."""
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in _sorted(query))


def _older_query(query: str) -> str:
    """Return the sorted query, decoded; a name with an empty value stands alone."""
    written = "&".join(f"{name}={value}" if value else name for name, value in _sorted(query))
    return f"?{written}" if written else ""


def _sorted(query: str) -> Sequence[tuple[str, str]]:
    """Return names and values of a query, with bytes as Latin-1."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return sorted((_decoded(name), _decoded(value)) for name, _, value in pairs)


def _decoded(text: str) -> str:
    return unquote(text.replace("+", " "), "latin-1")


def _encoded(text: str) -> str:
    return quote(text.encode("latin-1"), safe="~")
