"""Whose names a call sees: what its credentials and its host say, and the defaults for the rest."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.contract.model import Document
from emulator.core.http.auth.keyring import Credential
from emulator.core.http.auth.presented import Presented
from emulator.core.http.exchange import Exchange, Scope
from emulator.core.http.hosts import region_of_host
from emulator.core.primitives.regex import whole_match

_NOTHING = "[^\\s\\S]"
NOBODY = Presented()


class Identity:
    """Finds out the scope of a call, for one provider.

    `identity` of service.json has the defaults; its `credentials` say which keys are an
    account or a caller by themselves, and which look like real ones.
    """

    def __init__(self, service: Document) -> None:
        self._defaults: Mapping[str, str] = service["identity"]
        terms = service.get("credentials", {})
        self._is_account = whole_match(terms.get("accountKeyPattern", _NOTHING))
        self._is_caller = whole_match(terms.get("callerKeyPattern", _NOTHING))
        self.looks_real = whole_match(terms.get("realKeyPattern", _NOTHING))
        """Tells whether a key has the form of those the vendor gives out."""

    def of(
        self,
        exchange: Exchange,
        presented: Presented = NOBODY,
        credential: Credential | None = None,
    ) -> Scope:
        """Give the scope of a call; a key that looks like a real one is not kept as its caller."""
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
