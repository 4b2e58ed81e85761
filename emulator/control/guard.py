"""Who may use the control API: programs on this machine, never a web page.

A page in a browser can send requests to loopback, and with a name it resolves to
127.0.0.1 it can read the answers. Checking `Host`, `Origin` and the fetch metadata,
and asking for a header or content type a page cannot send without a preflight (which
is refused, as no CORS header is ever sent), keeps it out. Nothing has happened yet
when a request is refused here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from emulator.core.call import Exchange, Scope
from emulator.core.failures import Refused
from emulator.core.protocols.protocol import media_type

CONTROL_HEADER = "X-Emulator-Control"
_SAFE_METHODS = frozenset({"GET", "HEAD"})
_OWN_FETCHES = frozenset({"same-origin", "none"})
NOBODY = Scope(account="", region="", caller="")


class Guard:
    """Lets requests to the control API in, or raises `Refused`."""

    def __init__(self, names: Collection[str] = ()) -> None:
        """Answer to loopback names, and to the host `names` the emulator was told to use."""
        self._names = frozenset({"localhost", *(name.lower() for name in names)})

    def admit(self, exchange: Exchange) -> Scope:
        """Check where a request comes from and where it thought it was going."""
        header = exchange.request.header
        if exchange.request.peer and not _is_loopback(exchange.request.peer):
            raise Refused("remote-client", peer=exchange.request.peer)
        host = header("Host")
        if not self._is_ours(_name_of(f"//{host}")):
            raise Refused("foreign-host", host=host)
        for name in ("Origin", "Referer"):
            source = header(name)
            if source and urlsplit(source).netloc.lower() != host.lower():
                raise Refused("foreign-origin", header=name, origin=source)
        if (header("Sec-Fetch-Site") or "none").lower() not in _OWN_FETCHES:
            raise Refused("cross-site")
        if exchange.request.method not in _SAFE_METHODS and not _is_deliberate(exchange):
            raise Refused("not-deliberate", header=CONTROL_HEADER)
        return NOBODY

    def _is_ours(self, name: str) -> bool:
        return name in self._names or _is_loopback(name)


def _is_deliberate(exchange: Exchange) -> bool:
    header = exchange.request.header
    is_json = media_type(header("Content-Type")) == "application/json"
    return is_json or header(CONTROL_HEADER) == "1"


def _name_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
