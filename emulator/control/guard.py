"""Who may use the control API: programs on this machine, never a web page.

A page in a browser can send requests to loopback, and with a name it resolves to
127.0.0.1 it can read the answers. Checking `Host`, `Origin` and the fetch metadata,
and asking for a header or content type a page cannot send without a preflight (which
is refused, as no CORS header is sent), keeps it out; only pages of listed origins are
let in. Nothing has happened yet when a request is refused here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlsplit

from emulator.core.errors.failures import Refused
from emulator.core.http.auth.presented import same
from emulator.core.http.exchange import Exchange, Scope
from emulator.core.http.protocol import media_type

CONTROL_HEADER = "X-Emulator-Control"
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OWN_FETCHES = frozenset({"same-origin", "none"})
NOBODY = Scope(account="", region="", caller="")


class Asked(Protocol):
    """What is looked at of a request."""

    @property
    def method(self) -> str:
        """The method as it was sent."""

    @property
    def peer(self) -> str:
        """The address of the client; empty where there is none."""

    def header(self, name: str) -> str:
        """Give the value of a header field; empty where there is none."""


class Guard:
    """Lets requests to the control API in, or raises `Refused`.

    Whoever has the token may come from anywhere, but not from a web page. Where the emulator
    listens to more than its own machine, or there is a token, nothing changes without it.
    """

    def __init__(
        self, host: str = "127.0.0.1", token: str | None = None, origins: Iterable[str] = ()
    ) -> None:
        """Answer to loopback names and the `host` that is listened on, and to pages of origins."""
        self._names = frozenset({"localhost", host.lower()})
        self._token = token
        self._origins = frozenset(origins)
        self._asks = token is not None or not (host == "localhost" or _is_loopback(host))

    def authenticate(self, exchange: Exchange) -> Scope:
        """Check where a request comes from and where it thought it was going."""
        self._check(exchange.request)
        return NOBODY

    def accepts(self, asked: Asked) -> bool:
        """Tell whether a request will be admitted."""
        try:
            self._check(asked)
        except Refused:
            return False
        return True

    def _check(self, asked: Asked) -> None:
        header, trusted = asked.header, self._has_token(asked)
        if asked.peer and not trusted and not _is_loopback(asked.peer):
            raise Refused("remote-client", peer=asked.peer)
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
        if asked.method not in _SAFE_METHODS and not _has_control_header(asked):
            raise Refused("missing-control-header", header=CONTROL_HEADER)
        if asked.method not in _SAFE_METHODS and self._asks and not trusted:
            raise Refused("missing-token")

    def _has_token(self, asked: Asked) -> bool:
        scheme, _, given = asked.header("Authorization").partition(" ")
        return self._token is not None and scheme.lower() == "bearer" and same(given, self._token)

    def _accepts_page(self, page: str, host: str) -> bool:
        return _netloc_of(page) == host.lower() or _origin_of(page) in self._origins

    def _is_ours(self, name: str) -> bool:
        return name in self._names or _is_loopback(name)


def _has_control_header(asked: Asked) -> bool:
    is_json = media_type(asked.header("Content-Type")) == "application/json"
    return is_json or asked.header(CONTROL_HEADER) == "1"


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
