"""Access to the control API: for programs on this machine, never for a web page.

A page in a browser can send requests to loopback, and can read the responses through a name that
resolves to 127.0.0.1. Three checks keep it out: `Host`; `Origin` and the fetch metadata; and a
header or content type that a page cannot send without a preflight, which fails as no CORS header
is sent. Only pages of configured origins are accepted. A request is rejected here before it has
any effect.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlsplit

from emulator.core.contract.model import Operation
from emulator.core.errors.failures import Refused
from emulator.core.http.auth.presented import Security, header_scheme, same
from emulator.core.http.exchange import Exchange, Scope
from emulator.core.http.protocol import media_type

CONTROL_HEADER = "X-Emulator-Control"
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OWN_FETCHES = frozenset({"same-origin", "none"})
NOBODY = Scope(account="", region="", caller="")


class IncomingRequest(Protocol):
    """The parts of a request that are checked."""

    @property
    def method(self) -> str:
        """The method as it was sent."""

    @property
    def peer(self) -> str:
        """The address of the client; empty if it is unknown."""

    def header(self, name: str) -> str:
        """Return the value of a header field; empty if it is absent."""


class Guard:
    """Checks requests to the control API; raises `Refused`.

    A caller with the token may be on any machine, but not a web page. If the emulator listens on
    other addresses than loopback, or has a token, calls that change something require it.
    """

    def __init__(
        self, host: str = "127.0.0.1", token: str | None = None, origins: Iterable[str] = ()
    ) -> None:
        """Accept loopback names, the `host` that the server binds to, and pages of `origins`."""
        self._names = frozenset({"localhost", host.lower()})
        self._token = token
        self._origins = frozenset(origins)
        self._needs_token = token is not None or not (host == "localhost" or _is_loopback(host))

    def authenticate(self, exchange: Exchange) -> Scope:
        """Check the client, the host and the origin of a request, unless its call is open."""
        if not exchange.operation.open:
            self._check(exchange.request)
        return NOBODY

    def accepts(self, request: IncomingRequest) -> bool:
        """Return whether `authenticate` accepts a request."""
        try:
            self._check(request)
        except Refused:
            return False
        return True

    def _check(self, request: IncomingRequest) -> None:
        header, trusted = request.header, self._has_token(request)
        if request.peer and not trusted and not _is_loopback(request.peer):
            raise Refused("remote-client", peer=request.peer)
        host = header("Host")
        if not trusted and not self._is_ours(_name_of(f"//{host}")):
            raise Refused("foreign-host", host=host)
        for name in ("Origin", "Referer"):
            source = header(name)
            if source and not self._accepts_page(source, host):
                raise Refused("foreign-origin", header=name, origin=source)
        is_own = (header("Sec-Fetch-Site") or "none").lower() in _OWN_FETCHES
        if not is_own and header("Origin") not in self._origins:
            raise Refused("cross-site")
        if request.method not in _SAFE_METHODS and not _has_control_header(request):
            raise Refused("missing-control-header", header=CONTROL_HEADER)
        if request.method not in _SAFE_METHODS and self._needs_token and not trusted:
            raise Refused("missing-token")

    def _has_token(self, request: IncomingRequest) -> bool:
        scheme, _, given = request.header("Authorization").partition(" ")
        return self._token is not None and scheme.lower() == "bearer" and same(given, self._token)

    def _accepts_page(self, page: str, host: str) -> bool:
        return _netloc_of(page) == host.lower() or _origin_of(page) in self._origins

    def _is_ours(self, name: str) -> bool:
        return name in self._names or _is_loopback(name)


def control_security(operation: Operation) -> Security:
    """Describe what calls need, in terms of OpenAPI.

    Reading needs nothing. What changes something needs the header, unless it has a body in JSON,
    and the token, if there is one.
    """
    if operation.method in _SAFE_METHODS:
        return ()
    header = header_scheme(CONTROL_HEADER, "1", "Says that no web page sends the request.")
    token = {"type": "http", "scheme": "bearer", "description": "The --control-token, if set."}
    needed = {} if operation.requires_body else {"control": header}
    return ({**needed}, {**needed, "controlToken": token})


def _has_control_header(request: IncomingRequest) -> bool:
    is_json = media_type(request.header("Content-Type")) == "application/json"
    return is_json or request.header(CONTROL_HEADER) == "1"


def _name_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _netloc_of(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _origin_of(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def _is_loopback(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
