"""Signatures of a gateway for resource-oriented APIs: ACS3-HMAC-SHA256, the older `acs`, tokens.

Sources:
https://www.alibabacloud.com/help/en/sdk/product-overview/v3-request-structure-and-signature and
the requests of the vendor's client, alibabacloud-tea-openapi 0.4.6 (PyPI), in each form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime

from emulator.core.contract.model import Document
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential, Keyring
from emulator.core.http.auth.presented import (
    MINUTE,
    Presented,
    Scheme,
    Security,
    same,
    signed_body,
    signs_any_target,
)
from emulator.core.http.exchange import Exchange, Request
from emulator.core.primitives import clock
from emulator.core.primitives.regex import whole_match
from emulator.dialects.alibaba.common_parameters import check_common_parameters
from emulator.dialects.alibaba.described import described
from emulator.dialects.alibaba.signed_texts import (
    ALGORITHM,
    as_utf8,
    canonical_request,
    sign,
    sign_older,
    string_to_sign,
    string_to_sign_older,
)

_ALGORITHMS = (ALGORITHM, "ACS3-HMAC-SM3", "ACS3-RSA-SHA256")
"""Algorithms of the vendor's client; only the first can be verified here."""
_PARTS = ("Credential", "SignedHeaders", "Signature")
_DATE, _NONCE = "x-acs-date", "x-acs-signature-nonce"
_TOKEN, _BEARER = "x-acs-security-token", "x-acs-bearer-token"
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class AcsSignature(Presented):
    """A signature and what it covers, or a bearer token."""

    moment: int = 0
    """Microseconds UTC."""
    headers: Sequence[str] | None = None
    """The signed headers; None for the older signature, which has fixed ones."""
    signature: str = ""
    algorithm: str = ALGORITHM
    bearer: str = ""


class Acs(Scheme[AcsSignature]):
    """Both signatures, and bearer tokens.

    Terms: `minutes` a clock may be off, and which keys are `temporary`, that is, come with a
    session token. Responses never contain the secrets that service.json lists.
    """

    def __init__(self, terms: Document, keyring: Keyring) -> None:
        """Compile the terms."""
        super().__init__(terms, keyring)
        self._is_temporary = whole_match(terms["temporary"])
        self._is_token = whole_match(terms["tokenPattern"])

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the newer signature and bearer tokens."""
        return described(service["protocol"]["version"])

    def read(self, exchange: Exchange) -> AcsSignature:
        """Read the credentials in whichever form they have; raises `Unauthenticated`.

        Raises also what `check_common_parameters` raises, which comes first.
        """
        check_common_parameters(exchange)
        header = exchange.request.header
        if header(_BEARER):
            return AcsSignature(bearer=header(_BEARER))
        algorithm, _, rest = header("Authorization").partition(" ")
        if not algorithm:
            raise Unauthenticated("missing", reason="there is no Authorization")
        if algorithm in _ALGORITHMS:
            return replace(_of_parts(exchange.request, rest), algorithm=algorithm)
        if algorithm == "acs":
            return _of_pair(exchange.request, rest)
        raise Unauthenticated("malformed", reason="the algorithm is unknown")

    def verify(self, exchange: Exchange, presented: AcsSignature) -> Credential:
        """Check key, token, time, signature and nonce, in this order."""
        if presented.bearer:
            return self._verify_bearer(exchange, presented)
        if presented.algorithm != ALGORITHM:
            raise Unauthenticated("malformed", reason=f"{presented.algorithm} cannot be verified")
        credential = self.require(presented)
        self._check_token(exchange, credential)
        window = self.terms["minutes"] * MINUTE
        if abs(exchange.arrived - presented.moment) > window:
            raise Unauthenticated("stale", reason="the date is too far from the clock")
        self._check_signature(exchange, presented, credential)
        # The nonce comes last, so that only a valid request uses it up.
        nonce = exchange.request.header(_NONCE)
        lasts = 2 * window + 1  # then the date of a request signed ahead is too old as well
        if nonce and not exchange.world.nonces.use(
            presented.key, nonce, now=exchange.arrived, lasts=lasts
        ):
            raise Unauthenticated("replayed", reason="the nonce was used before")
        return credential

    def _verify_bearer(self, exchange: Exchange, presented: AcsSignature) -> Credential:
        credential = self.keyring.find_by_token(presented.bearer)
        if credential is None or self._is_temporary(credential.id):
            raise Unauthenticated("wrong-bearer", reason="the bearer token is unknown")
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired-bearer", reason="the bearer token has expired")
        return credential

    def _check_token(self, exchange: Exchange, credential: Credential) -> None:
        token = exchange.request.header(_TOKEN)
        if not token and self._is_temporary(credential.id):
            raise Unauthenticated("missing-token", reason=f"there is no {_TOKEN}")
        if token and not same(token, credential.token or ""):
            if not self._is_token(token):
                raise Unauthenticated("malformed-token", reason="the security token is malformed")
            raise Unauthenticated("wrong-token", reason="the security token does not match")
        if credential.is_expired(exchange.arrived):
            subject = "expired" if token else "inactive"
            raise Unauthenticated(subject, reason="the credentials have expired")

    def _check_signature(
        self, exchange: Exchange, presented: AcsSignature, credential: Credential
    ) -> None:
        request, body = exchange.request, hashlib.sha256(signed_body(exchange)).hexdigest()

        def signs(target: str) -> bool:
            if presented.headers is None:
                return same(presented.signature, sign_older(request, target, credential.secret))
            text = canonical_request(request, target, presented.headers, body)
            return same(presented.signature, sign(text, credential.secret))

        if signs_any_target(exchange, signs):
            return
        reason, secrets = "the signature does not match", exchange.contract.service["redact"]
        if presented.headers is None:
            text = as_utf8(string_to_sign_older(request, request.target, secrets))
            raise Unauthenticated("wrong-older-signature", reason=reason, stringToSign=text)
        text = string_to_sign(canonical_request(request, request.target, presented.headers, body))
        canonical = as_utf8(
            canonical_request(request, request.target, presented.headers, body, secrets)
        )
        raise Unauthenticated(
            "wrong-signature", reason=reason, stringToSign=text, canonical=canonical
        )


def _of_parts(request: Request, rest: str) -> AcsSignature:
    """Read `Credential=..,SignedHeaders=..,Signature=..`; raises `Unauthenticated`."""
    pairs = (text.strip().partition("=") for text in rest.split(","))
    parts = {name: value for name, _, value in pairs}
    if "Credential" in parts and not parts["Credential"]:
        raise Unauthenticated("missing", reason="there is no Credential in Authorization")
    missing = [name for name in _PARTS if not parts.get(name)]
    if missing:
        raise Unauthenticated("malformed", reason=f"there is no {missing[0]} in Authorization")
    date = request.header(_DATE)
    if not date:
        raise Unauthenticated("missing-time", reason=f"there is no {_DATE}")
    if not _ISO.fullmatch(date):
        raise _bad_time()
    try:
        moment = clock.from_iso(date)
    except ValueError:
        raise _bad_time() from None
    return AcsSignature(
        key=parts["Credential"],
        moment=moment,
        headers=parts["SignedHeaders"].lower().split(";"),
        signature=parts["Signature"],
    )


def _of_pair(request: Request, rest: str) -> AcsSignature:
    """Read `key:signature`; raises `Unauthenticated`."""
    key, _, signature = rest.strip().partition(":")
    if not key:
        raise Unauthenticated("missing", reason="there is no access key in Authorization")
    if not signature:
        raise Unauthenticated("malformed", reason="there is no signature in Authorization")
    date = request.header("Date")
    if not date:
        raise Unauthenticated("missing-time", reason="there is no Date")
    try:
        moment = clock.from_iso(parsedate_to_datetime(date).isoformat())
    except (ValueError, OverflowError):
        raise _bad_time() from None
    return AcsSignature(key=key, moment=moment, signature=signature)


def _bad_time() -> Unauthenticated:
    return Unauthenticated("bad-time", reason="the date is not in the vendor's format")
