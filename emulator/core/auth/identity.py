"""Reads the scope of a call from its credentials, where they are present.

Nothing is checked and nothing refused here. What the credentials do not say is taken
from the host name the request was sent to, then from the defaults of service.json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from emulator.core.call import Exchange, Scope

Said = Mapping[str, str]
"""What credentials say: any of `account`, `region` and `caller`."""

_SIGV4 = re.compile(
    r"(?P<key>[^/]*)/(?P<date>[^/]*)/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)
_SIGV4_HEADER = re.compile(r"AWS4-HMAC-SHA256\s+(?:.*[\s,])?Credential=(?P<credential>[^,\s]+)")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ACS3 = re.compile(r"(?:ACS3-HMAC-SHA256\s+(?:.*[\s,])?Credential=|acs )(?P<key>[^,:\s]+)")
_USER = re.compile(r"[0-9]{16,18}")
_PAIR = re.compile(r"Bearer (?P<caller>[^:\s]+):\S+", re.IGNORECASE)


def sigv4(exchange: Exchange) -> Said:
    """Read the credential scope, of the header or of a presigned query.

    An access key of twelve digits is the account.
    """
    header = _SIGV4_HEADER.match(exchange.request.headers.get("Authorization", ""))
    in_query = dict(exchange.request.query).get("X-Amz-Credential", "")
    found = _SIGV4.fullmatch(header["credential"] if header else in_query)
    if found is None:
        return {}
    account = {"account": found["key"]} if _ACCOUNT.fullmatch(found["key"]) else {}
    return {"region": found["region"], "caller": found["key"], **account}


def acs3(exchange: Exchange) -> Said:
    """Read the access key; one of 16 to 18 digits is the id of the user who calls.

    The vendor's own keys do not tell whose they are; that is the emulator's convention.
    """
    found = _ACS3.match(exchange.request.headers.get("Authorization", ""))
    return {"caller": found["key"]} if found and _USER.fullmatch(found["key"]) else {}


def bearer(exchange: Exchange) -> Said:
    """Read the client id of a `client_id:client_secret` token; other tokens say nothing."""
    found = _PAIR.fullmatch(exchange.request.headers.get("Authorization", ""))
    return {"caller": found["caller"]} if found else {}


def unread(exchange: Exchange) -> Said:
    """Read nothing: the access keys of this scheme do not tell an account."""
    return {}


SCHEMES: Mapping[str, Callable[[Exchange], Said]] = {
    "sigv4": sigv4,
    "bearer": bearer,
    "acs3": acs3,
    "ncp": unread,
    "none": unread,
}


class Identity:
    """Finds out whose call it is, for one provider."""

    def __init__(self, scheme: str, defaults: Said, hosts: Sequence[str]) -> None:
        """Use a scheme by name; `hosts` are patterns that may hold a group `region`."""
        self._read = SCHEMES[scheme]
        self._defaults = defaults
        self._hosts = [re.compile(host, re.IGNORECASE) for host in hosts]

    def of(self, exchange: Exchange) -> Scope:
        """Give the scope of a call."""
        said = {**self._defaults, **self._of_host(exchange), **self._read(exchange)}
        return Scope(account=said["account"], region=said["region"], caller=said["caller"])

    def _of_host(self, exchange: Exchange) -> Said:
        host = exchange.request.headers.get("Host", "").partition(":")[0]
        found = (pattern.fullmatch(host) for pattern in self._hosts)
        return next((match.groupdict() for match in found if match), {})
