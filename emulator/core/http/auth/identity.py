"""The scope of a call: from its credentials and its host, with defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from emulator.core.contract.model import Document
from emulator.core.http.auth.keyring import Credential
from emulator.core.http.auth.presented import Presented
from emulator.core.http.exchange import Exchange, Scope
from emulator.core.primitives.regex import whole_match

_NOTHING = "[^\\s\\S]"
"""A pattern that matches no text."""
NOBODY = Presented()
"""The credentials of a request without credentials."""


class Identity:
    """Determines the scope of calls to one provider.

    `identity` of service.json has the defaults; its `credentials` have patterns for keys that are
    accounts or callers, and for keys that look real.
    """

    def __init__(self, service: Document) -> None:
        self._defaults: Mapping[str, str] = service["identity"]
        terms = service.get("credentials", {})
        self._is_account = whole_match(terms.get("accountKeyPattern", _NOTHING))
        self._is_caller = whole_match(terms.get("callerKeyPattern", _NOTHING))
        self.looks_real = whole_match(terms.get("realKeyPattern", _NOTHING))
        """Returns whether a key has the form of the vendor's real keys."""

    def of(
        self,
        exchange: Exchange,
        presented: Presented = NOBODY,
        credential: Credential | None = None,
    ) -> Scope:
        """Return the scope of a call; a key that looks real does not become its caller."""
        account, caller = self._defaults["account"], self._defaults["caller"]
        if self._is_account(presented.key):
            account = presented.key
        if credential and credential.account:
            account = credential.account
        key = credential.id if credential else presented.key
        if self._is_caller(key) and not self.looks_real(key):
            caller = key
        region = presented.region or region_of_host(exchange) or self._defaults["region"]
        return Scope(account=account, region=region, caller=caller)


def region_of_host(exchange: Exchange) -> str | None:
    """Return the region in the host name of a request, or None if its pattern has no group."""
    host = exchange.request.header("Host").partition(":")[0]
    found = (_compiled(pattern).fullmatch(host) for pattern in exchange.contract.service["hosts"])
    return next((match.groupdict().get("region") for match in found if match), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
