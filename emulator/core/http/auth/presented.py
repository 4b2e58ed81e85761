"""What a scheme of credentials is: it reads what a request says of its sender, and proves it."""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from emulator.core.contract.model import Document
from emulator.core.errors.failures import TooLarge, Unauthenticated
from emulator.core.http.auth.keyring import Credential, Keyring
from emulator.core.http.exchange import Exchange
from emulator.core.primitives import clock

MINUTE = 60 * clock.SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What a request says of its sender; nothing of it is proved."""

    key: str = ""
    """The id of the credentials; empty where they name none."""
    region: str | None = None


C = TypeVar("C", bound=Presented)


class Scheme(ABC, Generic[C]):
    """One way to say, and to prove, who calls; its `terms` are those of service.json."""

    def __init__(self, terms: Document, keyring: Keyring) -> None:
        self.terms = terms
        self.keyring = keyring

    @abstractmethod
    def read(self, exchange: Exchange) -> C:
        """Read the credentials; raises `Unauthenticated` where they are absent or malformed."""

    @abstractmethod
    def verify(self, exchange: Exchange, presented: C) -> Credential:
        """Find out whose credentials they are; raises `Unauthenticated` where they are not."""

    def lookup(self, presented: C) -> Credential | None:
        """Give the credentials a claim names, if it names some that are known."""
        return self.keyring.find(presented.key)

    def require(self, presented: C) -> Credential:
        """Give the credentials a claim names; raises `Unauthenticated:unknown-key`."""
        credential = self.lookup(presented)
        if credential is None:
            raise Unauthenticated("unknown-key", reason="the access key is unknown")
        return credential


def same(given: str, right: str) -> bool:
    """Compare a secret in a time that does not tell how much of it is right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode("utf-8", "replace"))


def signed_body(exchange: Exchange) -> bytes:
    """Give the body that was signed; raises `TooLarge` where it was not read."""
    if exchange.request.body is None:
        raise TooLarge(limit=exchange.contract.service["limits"]["bodyBytes"])
    return exchange.request.body


def signs_any_target(exchange: Exchange, signs: Callable[[str], bool]) -> bool:
    """Tell whether the target was signed: as it was sent, or as it is behind our prefix.

    A client that was given a base URL with a path signs that, too; one whose signer
    knows the vendor's paths does not.
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
