"""Lets requests in, as strictly as `--auth` says: `off`, `parse` or `verify`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from emulator.core.contract.model import NO_OPERATION, Document, Operation
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.identity import Identity
from emulator.core.http.auth.keyring import Keyring
from emulator.core.http.auth.presented import Scheme
from emulator.core.http.exchange import Exchange, Scope

log = logging.getLogger(__name__)

Schemes = Mapping[str, type[Scheme[Any]]]
"""The schemes of a provider by the names that its service.json calls them."""


class Authenticator:
    """Finds out who calls a provider, and refuses who is not let in."""

    def __init__(self, level: str, service: Document, keyring: Keyring, schemes: Schemes) -> None:
        """Check credentials by `grade`; `credentials` of service.json name one of the schemes."""
        terms = service["credentials"]
        self._level = level
        self._keyring = keyring
        self._identity = Identity(service)
        self._usual: str = terms["scheme"]
        names = {self._usual, *terms.get("operations", {}).values()}
        self._schemes = {name: schemes[name](terms, keyring) for name in names}
        self._operations: Mapping[str, str] = terms.get("operations", {})
        self._warned: set[str] = set()

    def authenticate(self, exchange: Exchange) -> Scope:
        """Give the scope of a call; raises `Unauthenticated`, and says in the log why."""
        if self._level == "off":
            return self._identity.of(exchange)
        scheme = self._scheme(exchange.operation)
        try:
            presented = scheme.read(exchange)
            self._warn_of_real_ones(exchange, presented.key)
            verified = scheme.verify(exchange, presented) if self._level == "verify" else None
        except Unauthenticated as refusal:
            log.warning(
                "%s %s refused: %s (--auth %s asks for credentials, --auth off does not)",
                exchange.contract.provider,
                exchange.operation.name,
                refusal.facts["reason"],
                self._level,
            )
            raise
        return self._identity.of(exchange, presented, verified)

    def world_of(self, exchange: Exchange) -> str | None:
        """Name the world that the credentials of a request are bound to, if they are to one."""
        if not self._keyring.binds or exchange.operation is NO_OPERATION:
            return None
        scheme = self._scheme(exchange.operation)
        try:
            known = scheme.lookup(scheme.read(exchange))
        except Unauthenticated:
            return None
        return known.world if known else None

    def _scheme(self, operation: Operation) -> Scheme[Any]:
        return self._schemes[self._operations.get(operation.name, self._usual)]

    def _warn_of_real_ones(self, exchange: Exchange, key: str) -> None:
        """Warn, once, of a key that looks like one the vendor gave out; it is not repeated."""
        provider = exchange.contract.provider
        if provider not in self._warned and self._identity.looks_real(key):
            self._warned.add(provider)
            log.warning(
                "%s: credentials that look real were sent; any made-up ones do here, and"
                " nothing is kept of these",
                provider,
            )
