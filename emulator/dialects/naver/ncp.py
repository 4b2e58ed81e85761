"""Signature v2 of an API gateway, over target and time, in three headers.

Source: https://api.ncloud-docs.com/docs/en/common-ncpapi
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from emulator.core.contract.model import Document
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential
from emulator.core.http.auth.presented import (
    MINUTE,
    Presented,
    Scheme,
    Security,
    header_scheme,
    same,
    signs_any_target,
)
from emulator.core.http.exchange import Exchange

TIMESTAMP, KEY, SIGNATURE = (
    "x-ncp-apigw-timestamp",
    "x-ncp-iam-access-key",
    "x-ncp-apigw-signature-v2",
)
_MILLISECONDS = re.compile(r"[0-9]{1,16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NcpSignature(Presented):
    """The three headers."""

    timestamp: str
    signature: str


class Ncp(Scheme[NcpSignature]):
    """Signature v2. Terms: `minutes` a timestamp may be off, exclusively."""

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the three headers."""
        return (
            {
                "ncpTime": header_scheme(TIMESTAMP, "1775001600000", "Milliseconds since 1970."),
                "ncpKey": header_scheme(KEY, "emulator", "The access key."),
                "ncpSignature": header_scheme(SIGNATURE, "unsigned", "Signature v2."),
            },
        )

    def read(self, exchange: Exchange) -> NcpSignature:
        """Read the headers; raises `Unauthenticated` of subject `missing` or `malformed`."""
        found = {name: exchange.request.header(name) for name in (TIMESTAMP, KEY, SIGNATURE)}
        missing = [name for name, value in found.items() if not value]
        if missing:
            raise Unauthenticated("missing", reason=f"there is no {' and no '.join(missing)}")
        if not _MILLISECONDS.fullmatch(found[TIMESTAMP]):
            raise Unauthenticated(
                "malformed", reason=f"{TIMESTAMP} is not a number of milliseconds"
            )
        return NcpSignature(key=found[KEY], timestamp=found[TIMESTAMP], signature=found[SIGNATURE])

    def verify(self, exchange: Exchange, presented: NcpSignature) -> Credential:
        """Check key, time and signature."""
        credential = self.require(presented)
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the credentials have expired")
        if (
            abs(exchange.arrived - int(presented.timestamp) * 1000)
            >= self.terms["minutes"] * MINUTE
        ):
            raise Unauthenticated("stale", reason="the timestamp is too far from the clock")

        def signs(target: str) -> bool:
            # WSGI has the same query for `/datasets?` and `/datasets`
            written = (target,) if "?" in target else (target, f"{target}?")
            signatures = (
                sign(exchange.request.method, t, presented, credential.secret) for t in written
            )
            return any(same(presented.signature, expected) for expected in signatures)

        if not signs_any_target(exchange, signs):
            raise Unauthenticated("wrong-signature", reason="the signature does not match")
        return credential


def sign(method: str, target: str, presented: NcpSignature, secret: str) -> str:
    """Return the signature of a request."""
    text = f"{method} {target}\n{presented.timestamp}\n{presented.key}"
    mac = hmac.new(secret.encode(), text.encode("latin-1"), hashlib.sha256)
    return base64.b64encode(mac.digest()).decode()
