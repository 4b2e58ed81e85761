"""The base of credential schemes: they read credentials from requests and verify them."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from emulator.core.contract.model import Document
from emulator.core.errors.failures import TooLarge, Unauthenticated
from emulator.core.http.auth.keyring import Credential, Keyring
from emulator.core.http.exchange import Exchange
from emulator.core.primitives import clock

MINUTE = 60 * clock.SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """Credentials as a request presents them, not verified yet."""

    key: str = ""
    """The id of the credentials, or an empty string."""
    region: str | None = None


C = TypeVar("C", bound=Presented)


Security = Sequence[Mapping[str, Document]]
"""Alternatives; each has the security schemes of OpenAPI that it needs, by name."""


class Scheme(ABC, Generic[C]):
    """A credential scheme; its `terms` are those of service.json."""

    rules: ClassVar[Sequence[str]] = ()
    """The members of rules.json that the scheme needs."""

    def __init__(self, terms: Document, keyring: Keyring) -> None:
        self.terms = terms
        self.keyring = keyring

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the credentials in terms of OpenAPI, each with a value that `parse` accepts.

        `service` is the service.json. Empty if a scheme says nothing.
        """
        return ()

    @abstractmethod
    def read(self, exchange: Exchange) -> C:
        """Read the credentials; raises `Unauthenticated` if they are absent or malformed."""

    @abstractmethod
    def verify(self, exchange: Exchange, presented: C) -> Credential:
        """Verify the credentials and return the known ones; raises `Unauthenticated`."""

    def lookup(self, presented: C) -> Credential | None:
        """Return the known credentials with the presented id, if any."""
        return self.keyring.find(presented.key)

    def require(self, presented: C) -> Credential:
        """Return the known credentials; raises `Unauthenticated:unknown-key`."""
        credential = self.lookup(presented)
        if credential is None:
            raise Unauthenticated("unknown-key", reason="the access key is unknown")
        return credential


def header_scheme(name: str, example: str, description: str, **more: str) -> Document:
    """Return the security scheme of OpenAPI for a header."""
    return {
        "type": "apiKey",
        "in": "header",
        "name": name,
        "description": description,
        "x-example": example,
        **more,
    }


def same(presented: str, expected: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(
        presented.encode("utf-8", "replace"), expected.encode("utf-8", "replace")
    )


def signed_body(exchange: Exchange) -> bytes:
    """Return the signed body; raises `TooLarge` if it was not read."""
    if exchange.request.body is None:
        raise TooLarge(limit=exchange.contract.service["limits"]["bodyBytes"])
    return exchange.request.body


def signs_any_target(exchange: Exchange, signs: Callable[[str], bool]) -> bool:
    """Return whether the target was signed: the raw one, or the one without our prefix.

    A client whose base URL has a path may sign that path, too; a signer that knows the vendor's
    paths does not.
    """
    request = exchange.request
    if signs(request.target):
        return True
    prefix = request.prefix
    return (
        bool(prefix)
        and request.target.startswith(prefix)
        and signs(request.target[len(prefix) :] or "/")
    )
