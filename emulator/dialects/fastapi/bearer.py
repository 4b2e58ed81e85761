"""Bearer tokens: JSON Web Tokens of a login, and client id and secret in the place of one.

Source: https://docs.coactive.ai/api-reference/authentication/api-authentication and the
requests of its client, which sends `Bearer <client_id>:<client_secret>`. The rule `login`
of rules.json says who signs the tokens.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential
from emulator.core.http.auth.presented import Claim, Scheme, same
from emulator.core.http.exchange import Exchange
from emulator.core.primitives.clock import SECOND
from emulator.dialects.fastapi import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Borne(Claim):
    """A token, or a pair if there is a `secret`."""

    token: str = ""
    secret: str | None = None


class Bearer(Scheme[Borne]):
    """Takes access tokens and pairs. Terms: none but the rule `login`."""

    def read(self, exchange: Exchange) -> Borne:
        """Read the header; raises `Unauthenticated` of subject `missing` or `other-scheme`."""
        scheme, token = authorization(exchange)
        if scheme != "bearer":
            raise Unauthenticated("other-scheme", reason="the credentials are no bearer token")
        return self.of_token(exchange, token)

    def of_token(self, exchange: Exchange, token: str) -> Borne:
        """Tell a pair from an access token; any other token names nobody."""
        key, colon, secret = token.partition(":")
        if colon:
            return Borne(key=key, secret=secret)
        rule = exchange.contract.rules["login"]
        return Borne(key=tokens.subject(rule, token), token=token)

    def prove(self, exchange: Exchange, claim: Borne) -> Credential:
        """Check a pair, or signature and age of a token and that its subject is known."""
        if claim.secret is None:
            self._check_token(exchange, claim.token)
        credential = self.known(claim)
        if claim.secret is not None and not same(claim.secret, credential.secret):
            raise Unauthenticated("wrong-signature", reason="the client secret is another")
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the credentials have expired")
        return credential

    def _check_token(self, exchange: Exchange, token: str) -> None:
        try:
            until = tokens.expiry(exchange.contract.rules["login"], token)
        except tokens.TokenError:
            reason = "the access token is none of a login here"
            raise Unauthenticated("wrong-signature", reason=reason) from None
        if until * SECOND <= exchange.arrived:
            raise Unauthenticated("expired", reason="the access token has expired; log in again")


class Login(Bearer):
    """Takes what a login takes: a personal token, or client id and secret as Basic credentials."""

    def read(self, exchange: Exchange) -> Borne:
        """Read the header; raises `Unauthenticated`."""
        scheme, given = authorization(exchange)
        if scheme == "bearer":
            return Borne(token=given)
        if scheme == "basic":
            return _pair(given)
        raise Unauthenticated("other-scheme", reason="the credentials are neither Bearer nor Basic")

    def named(self, claim: Borne) -> Credential | None:
        """Give the credentials of a pair, or those that a personal token belongs to."""
        return self.keyring.bearing(claim.token) if claim.secret is None else super().named(claim)

    def prove(self, exchange: Exchange, claim: Borne) -> Credential:
        """Check the pair, or find out whose personal token it is."""
        if claim.secret is not None:
            return super().prove(exchange, claim)
        credential = self.named(claim)
        if credential is None:
            raise Unauthenticated("wrong-signature", reason="the personal token is nobody's")
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the personal token has expired")
        return credential


def authorization(exchange: Exchange) -> tuple[str, str]:
    """Give the scheme, in lower case, and the credentials; raises `Unauthenticated:missing`."""
    scheme, _, given = exchange.request.header("Authorization").partition(" ")
    if not scheme or not given.strip():
        raise Unauthenticated("missing", reason="there is no Authorization with credentials")
    return scheme.lower(), given.strip()


def _pair(given: str) -> Borne:
    """Read Basic credentials; raises `Unauthenticated:malformed`."""
    try:
        key, colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        key = colon = secret = ""
    if not colon:
        raise Unauthenticated(
            "malformed", reason="the Basic credentials are no id:secret in base64"
        )
    return Borne(key=key, secret=secret)
