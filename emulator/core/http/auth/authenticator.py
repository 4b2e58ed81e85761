"""Authenticates callers at the level of `--auth`: `off`, `parse` or `verify`; identifies them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.core.contract.files import ContractError
from emulator.core.contract.model import NO_OPERATION, Contract, Document, Operation
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential, Keyring
from emulator.core.http.auth.keys import ApiKey, BearerKey
from emulator.core.http.auth.presented import Presented, Scheme, Security
from emulator.core.http.exchange import Exchange, Scope
from emulator.core.primitives.regex import ENCODING, matcher

log = logging.getLogger(__name__)

Schemes = Mapping[str, type[Scheme[Any]]]
"""The schemes of a provider, by their names in service.json."""

GENERIC: Schemes = {"api-key": ApiKey, "bearer-key": BearerKey}
"""The schemes that every provider has, whatever its dialect."""

_NOTHING = "[^\\s\\S]"
"""A pattern that matches no text."""
NOBODY = Presented()
"""The credentials of a request without credentials."""


def faults_of(contract: Contract, schemes: Schemes) -> Iterator[ContractError]:
    """List what is wrong with the credentials of a contract whose provider has these schemes."""
    terms, known = contract.service.get("credentials", {}), {**GENERIC, **schemes}
    for name in sorted(_names(terms)):
        location = f"{contract.provider}/service.json", "/credentials"
        if name not in known:
            yield ContractError(
                *location, f"there is no scheme {name}; there are {', '.join(known)}"
            )
            continue
        for rule in known[name].rules:
            if rule not in contract.rules:
                file, fault = f"{contract.provider}/rules.json", "the member is missing"
                yield ContractError(file, f"/{rule}", f"{fault}; the scheme {name} needs it")


def security_of(service: Document, schemes: Schemes) -> Callable[[Operation], Security]:
    """Return what describes the credentials of an operation, in terms of OpenAPI."""
    terms, known = service.get("credentials", {}), {**GENERIC, **schemes}

    def security(operation: Operation) -> Security:
        name = terms.get("operations", {}).get(operation.name, terms.get("scheme"))
        return known[name].security(service) if name else ()

    return security


def _names(terms: Document) -> set[str]:
    """Return the names of the schemes in the terms of service.json."""
    return {terms["scheme"], *terms.get("operations", {}).values()} if terms else set()


class Identity:
    """Determines the scope of calls to one provider.

    `identity` of service.json has the defaults; its `credentials` have patterns for keys that are
    accounts or callers, and for keys that look real.
    """

    def __init__(self, service: Document) -> None:
        self._defaults: Mapping[str, str] = service["identity"]
        terms = service.get("credentials", {})
        self._is_account = matcher(terms.get("accountKeyPattern", _NOTHING))
        self._is_caller = matcher(terms.get("callerKeyPattern", _NOTHING))
        self._is_real = matcher(terms.get("realKeyPattern", _NOTHING))

    def looks_real(self, key: str) -> bool:
        """Return whether a key has the form of the vendor's real keys."""
        return bool(self._is_real(key.encode(*ENCODING)))

    def of(
        self,
        exchange: Exchange,
        presented: Presented = NOBODY,
        credential: Credential | None = None,
    ) -> Scope:
        """Return the scope of a call; a key that looks real does not become its caller."""
        account, caller = self._defaults["account"], self._defaults["caller"]
        if self._is_account(presented.key.encode(*ENCODING)):
            account = presented.key
        if credential and credential.account:
            account = credential.account
        key = credential.id if credential else presented.key
        if self._is_caller(key.encode(*ENCODING)) and not self.looks_real(key):
            caller = key
        region = presented.region or exchange.host_region or self._defaults["region"]
        return Scope(account=account, region=region, caller=caller)


class Authenticator:
    """Identifies the caller of a provider and rejects invalid credentials."""

    def __init__(self, level: str, service: Document, keyring: Keyring, schemes: Schemes) -> None:
        """Check credentials at a level; `credentials` of service.json name the schemes.

        A service without `credentials` requires none.
        """
        terms = service.get("credentials", {})
        self._level = level
        self._identity = Identity(service)
        self._default_scheme: str | None = terms.get("scheme")
        known = {**GENERIC, **schemes}
        self._schemes = {name: known[name](terms, keyring) for name in _names(terms)}
        self._operations: Mapping[str, str] = terms.get("operations", {})
        self._warned: set[str] = set()

    def authenticate(self, exchange: Exchange) -> Scope:
        """Return the scope of a call; raises `Unauthenticated` and logs the reason."""
        scheme = self._scheme(exchange.operation)
        if self._level == "off" or scheme is None:
            return self._identity.of(exchange)
        try:
            presented = scheme.read(exchange)
            self._warn_of_real_credentials(exchange, presented.key)
            verified = scheme.verify(exchange, presented) if self._level == "verify" else None
        except Unauthenticated as rejection:
            log.warning(
                "%s %s rejected: %s (--auth %s requires credentials, --auth off does not)",
                exchange.contract.provider,
                exchange.operation.name,
                rejection.facts["reason"],
                self._level,
            )
            raise
        return self._identity.of(exchange, presented, verified)

    def world_of(self, exchange: Exchange) -> str | None:
        """Return the world that the credentials of a request are bound to, if any."""
        if exchange.operation is NO_OPERATION:
            return None
        scheme = self._scheme(exchange.operation)
        if scheme is None:
            return None
        try:
            known = scheme.lookup(scheme.read(exchange))
        except Unauthenticated:  # `authenticate` rejects the request when it is its turn
            return None
        return known.world if known else None

    def _scheme(self, operation: Operation) -> Scheme[Any] | None:
        """Return the scheme of an operation; None if the service needs no credentials."""
        name = self._operations.get(operation.name, self._default_scheme)
        return None if name is None else self._schemes[name]

    def _warn_of_real_credentials(self, exchange: Exchange, key: str) -> None:
        """Warn once about a key that looks real; the log does not repeat it."""
        provider = exchange.contract.provider
        if provider not in self._warned and self._identity.looks_real(key):
            self._warned.add(provider)
            log.warning(
                "%s: received credentials that look real; made-up ones are enough here, and"
                " these are not stored",
                provider,
            )
