"""Keys without signatures: the schemes `api-key` and `bearer-key`, for every provider.

The key is the `secret` of an entry of the credentials file; its `id` is the caller.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from emulator.core.contract.model import Document
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential
from emulator.core.http.auth.presented import Presented, Scheme, Security, header_scheme
from emulator.core.http.exchange import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentedKey(Presented):
    """A key. It is a secret, so it does not become the caller."""

    secret: str = field(repr=False)


class ApiKey(Scheme[PresentedKey]):
    """A key in a header of its own. Terms: `header`, if it is not X-API-Key."""

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the header."""
        name = service["credentials"].get("header", "X-API-Key")
        return ({"key": header_scheme(name, "emulator", "The key.")},)

    def read(self, exchange: Exchange) -> PresentedKey:
        """Read the header; raises `Unauthenticated` of subject `missing`."""
        header = self.terms.get("header", "X-API-Key")
        key = exchange.request.header(header).strip()
        if not key:
            raise Unauthenticated("missing", reason=f"the header {header} has no key")
        return PresentedKey(secret=key)

    def verify(self, exchange: Exchange, presented: PresentedKey) -> Credential:
        """Return the credentials of a key; raises `Unauthenticated:unknown-key` or `:expired`."""
        credential = self.require(presented)
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the key has expired")
        return credential

    def lookup(self, presented: PresentedKey) -> Credential | None:
        """Return the credentials with this key, or None."""
        return self.keyring.find_by_secret(presented.secret)


class BearerKey(ApiKey):
    """A key as `Authorization: Bearer <key>`, without a login. No terms."""

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the bearer key."""
        return ({"key": {"type": "http", "scheme": "bearer", "x-example": "emulator"}},)

    def read(self, exchange: Exchange) -> PresentedKey:
        """Read the header; raises `Unauthenticated` of subject `missing` or `other-scheme`."""
        scheme, _, key = exchange.request.header("Authorization").partition(" ")
        if not key.strip():
            raise Unauthenticated("missing", reason="Authorization has no credentials")
        if scheme.lower() != "bearer":
            raise Unauthenticated("other-scheme", reason="the credentials are not a bearer key")
        return PresentedKey(secret=key.strip())
