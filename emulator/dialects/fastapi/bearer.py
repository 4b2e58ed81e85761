"""Bearer tokens: JSON Web Tokens of a login, or client id and secret instead.

Source: https://docs.coactive.ai/api-reference/authentication/api-authentication and the requests
of its client, which sends `Bearer <client_id>:<client_secret>`. The rule `login` of rules.json
has the signing key.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from emulator.core.contract.model import Document
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential
from emulator.core.http.auth.presented import Presented, Scheme, Security, same
from emulator.core.http.exchange import Exchange
from emulator.core.primitives.clock import SECOND
from emulator.dialects.fastapi import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerCredentials(Presented):
    """A token, or a pair if there is a `secret`."""

    token: str = ""
    secret: str | None = None


class Bearer(Scheme[BearerCredentials]):
    """Access tokens and pairs of client id and secret. Terms: the rule `login`."""

    rules: ClassVar[Sequence[str]] = ("login",)

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the header."""
        what = "The access token of a login, or `client_id:client_secret`."
        return ({"bearer": _http("bearer", what, "emulator:emulator")},)

    def read(self, exchange: Exchange) -> BearerCredentials:
        """Read the header; raises `Unauthenticated` of subject `missing` or `other-scheme`."""
        scheme, token = authorization(exchange)
        if scheme != "bearer":
            raise Unauthenticated("other-scheme", reason="the credentials are not a bearer token")
        return self.of_token(exchange, token)

    def of_token(self, exchange: Exchange, token: str) -> BearerCredentials:
        """Return a pair or an access token; any other token has no known caller."""
        key, colon, secret = token.partition(":")
        if colon:
            return BearerCredentials(key=key, secret=secret)
        rule = exchange.contract.rules["login"]
        return BearerCredentials(key=tokens.subject(rule, token), token=token)

    def verify(self, exchange: Exchange, presented: BearerCredentials) -> Credential:
        """Check a pair, or the signature, age and subject of a token."""
        if presented.secret is None:
            self._check_token(exchange, presented.token)
        credential = self.require(presented)
        if presented.secret is not None and not same(presented.secret, credential.secret):
            raise Unauthenticated("wrong-signature", reason="the client secret does not match")
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the credentials have expired")
        return credential

    def _check_token(self, exchange: Exchange, token: str) -> None:
        try:
            until = tokens.expiry(exchange.contract.rules["login"], token)
        except tokens.TokenError:
            reason = "the access token was not issued here"
            raise Unauthenticated("wrong-signature", reason=reason) from None
        if until * SECOND <= exchange.arrived:
            raise Unauthenticated("expired", reason="the access token has expired; log in again")


class Login(Bearer):
    """The credentials of a login: a personal token, or client id and secret as Basic."""

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe both forms."""
        pair = _http("basic", "Client id and client secret.", "ZW11bGF0b3I6ZW11bGF0b3I=")
        return (
            {"client": pair},
            {"personalToken": _http("bearer", "A personal token.", "emulator")},
        )

    def read(self, exchange: Exchange) -> BearerCredentials:
        """Read the header; raises `Unauthenticated`."""
        scheme, given = authorization(exchange)
        if scheme == "bearer":
            return BearerCredentials(token=given)
        if scheme == "basic":
            return _pair(given)
        raise Unauthenticated("other-scheme", reason="the credentials are neither Bearer nor Basic")

    def lookup(self, presented: BearerCredentials) -> Credential | None:
        """Return the credentials of a pair or of a personal token."""
        return (
            self.keyring.find_by_token(presented.token)
            if presented.secret is None
            else super().lookup(presented)
        )

    def verify(self, exchange: Exchange, presented: BearerCredentials) -> Credential:
        """Check the pair or the personal token."""
        if presented.secret is not None:
            return super().verify(exchange, presented)
        credential = self.lookup(presented)
        if credential is None:
            raise Unauthenticated("wrong-signature", reason="the personal token is unknown")
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the personal token has expired")
        return credential


def authorization(exchange: Exchange) -> tuple[str, str]:
    """Return the scheme, in lower case, and the credentials; raises `Unauthenticated:missing`."""
    scheme, _, credentials = exchange.request.header("Authorization").partition(" ")
    if not scheme or not credentials.strip():
        raise Unauthenticated("missing", reason="there is no Authorization with credentials")
    return scheme.lower(), credentials.strip()


def _http(scheme: str, description: str, example: str) -> Document:
    """Return a security scheme of OpenAPI for the header."""
    return {"type": "http", "scheme": scheme, "description": description, "x-example": example}


def _pair(encoded: str) -> BearerCredentials:
    """Read Basic credentials; raises `Unauthenticated:malformed`."""
    try:
        key, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        key = colon = secret = ""
    if not colon:
        raise Unauthenticated(
            "malformed", reason="the Basic credentials are not id:secret in base64"
        )
    return BearerCredentials(key=key, secret=secret)
