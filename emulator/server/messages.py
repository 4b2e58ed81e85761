"""HTTP messages as bytes: the environ of a request that was read, and a response to write."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from urllib.parse import unquote_to_bytes

from emulator.core.http.wsgi import Environ
from emulator.core.primitives import json_text

Field = tuple[bytes, bytes]
"""Name and value of a header field, as they were sent."""

SERVER: Mapping[str, object] = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}
"""Members of the environ that are the same in every request."""

_UNPREFIXED = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}

_PHRASES = {status.value: status.phrase for status in HTTPStatus}

_WITHOUT_BODY = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


def environ_of(
    of_connection: Mapping[str, object],
    *,
    method: str,
    target: bytes,
    version: str,
    fields: Iterable[Field],
    body: bytes,
) -> Environ:
    """Build the environ of PEP 3333; `of_connection` has what all requests of a connection share.

    `PATH_INFO` is the decoded path, its bytes read as Latin-1; `REQUEST_URI` is the target as it
    was sent, since signatures cover its bytes. Of a request to a proxy, whose target begins with
    scheme and host, the host stands for that of the `Host` field (RFC 9112, 3.2.2).
    """
    host, origin_form = _split(target)
    path, has_query, query = origin_form.partition("?")
    environ: Environ = {
        **of_connection,
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query if has_query else "",
        "REQUEST_URI": origin_form,
        "SERVER_PROTOCOL": f"HTTP/{version}",
        "wsgi.input": BytesIO(body),
    }
    for name, value in fields:
        key, text = _key(name), value.decode("latin-1")
        if key:
            environ[key] = f"{environ[key]},{text}" if key in environ else text
    if host:
        environ["HTTP_HOST"] = host
    return environ


def response_bytes(
    status: int,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    method: str,
    date: str,
    keep_alive: bool,
) -> tuple[bytes, bytes]:
    """Return head and body of a response.

    Names keep their case. `Date` and `Content-Length` are added where the headers lack them.
    """
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Unknown')}"]
    present = set()
    for name, value in headers:
        present.add(name.lower())
        lines.append(f"{name}: {value}")
    if "date" not in present:
        lines.append(f"Date: {date}")
    if status in _WITHOUT_BODY:
        body = b""
    elif "content-length" not in present:
        lines.append(f"Content-Length: {len(body)}")
    if not keep_alive and "connection" not in present:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    return head, b"" if method == "HEAD" else body


def refusal(status: int, error: str, message: str, date: str) -> bytes:
    """Return the response to what is no request of anybody's, in plain JSON."""
    document = json_text.write({"error": error, "message": message})
    head, body = response_bytes(
        status,
        [("Content-Type", "application/json")],
        document,
        method="",
        date=date,
        keep_alive=False,
    )
    return head + body


def _split(target: bytes) -> tuple[str, str]:
    """Split a target into host and origin form; the host is empty if it names none."""
    text = target.decode("latin-1").partition("#")[0]
    if text.startswith("/"):
        return "", text
    scheme, found, rest = text.partition("://")
    if not found or "/" in scheme:
        return "", text  # the `*` of OPTIONS, or nothing that has a route
    host, slash, path = rest.partition("/")
    if not slash:
        host, mark, query = host.partition("?")
        return host, f"/{mark}{query}"
    return host, f"/{path}"


@lru_cache(maxsize=1024)
def _key(name: bytes) -> str:
    """Return the key of a field in an environ; empty for a name that would pass for another's.

    An environ cannot tell x_amz_date from x-amz-date.
    """
    if b"_" in name:
        return ""
    lower = name.lower()
    return _UNPREFIXED.get(lower) or "HTTP_" + lower.decode("latin-1").upper().replace("-", "_")
