"""AWS Signature Version 4, in the header `Authorization` or in the query.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
Sentences and their order are those of real services of the framework (mhart/kinesalite
test/connection.js and mhart/dynalite index.js); newer ones replace the sent value by a hash.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from emulator.core.contract.model import Document
from emulator.core.errors.failures import Unauthenticated
from emulator.core.http.auth.keyring import Credential, Keyring
from emulator.core.http.auth.presented import (
    MINUTE,
    Presented,
    Scheme,
    Security,
    header_scheme,
    same,
    signed_body,
    signs_any_target,
)
from emulator.core.http.exchange import Exchange, Request
from emulator.core.primitives import clock
from emulator.core.primitives.regex import whole_match
from emulator.dialects.aws.canonical import canonical_query

ALGORITHM, TERMINATOR = "AWS4-HMAC-SHA256", "aws4_request"
MAX_LIFETIME = 604800
"""Maximum lifetime of a presigned request: a week, in seconds."""

_PARTS = ("Credential", "Signature", "SignedHeaders")
_IN_QUERY = ("Algorithm", "Credential", "Signature", "SignedHeaders", "Date")
_TOKEN = "X-Amz-Security-Token"  # noqa: S105 - the name of a header
_SPACES = re.compile(
    r"[ \t]+"
)  # not \s: header bytes are read as Latin-1, \xa0 may be half a letter
_BASIC = re.compile(r"[0-9]{8}T[0-9]{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class SigV4Signature(Presented):
    """A signature and what it covers."""

    date: str
    service: str
    terminator: str
    headers: Sequence[str]
    moment: str
    """The time of the signature, as `20260401T080000Z`."""
    lasts: int | None
    """Lifetime of a presigned request in seconds, or None."""
    signature: str

    @property
    def scope(self) -> str:
        """The credential scope."""
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


class SigV4(Scheme[SigV4Signature]):
    """Signatures in the header or in the query.

    Terms: the `service` that signatures are scoped to, `minutes` a clock may be off, and which keys
    are `temporary`, that is, come with a session token.
    """

    def __init__(self, terms: Document, keyring: Keyring) -> None:
        """Compile the terms."""
        super().__init__(terms, keyring)
        self._is_temporary = whole_match(terms["temporary"])

    @classmethod
    def security(cls, service: Document) -> Security:
        """Describe the signature in the headers; the extension is the one that gateways export."""
        date, name = "20260401T000000Z", service["credentials"]["service"]
        credential = f"emulator/{date[:8]}/us-east-1/{name}/{TERMINATOR}"
        value = f"{ALGORITHM} Credential={credential}, SignedHeaders=host, Signature=unsigned"
        signature = header_scheme(
            "Authorization",
            value,
            "AWS Signature Version 4.",
            **{"x-amazon-apigateway-authtype": "awsSigv4"},
        )
        return (
            {
                "sigv4": signature,
                "sigv4Date": header_scheme("X-Amz-Date", date, "The time of the signature."),
            },
        )

    def read(self, exchange: Exchange) -> SigV4Signature:
        """Read header or query; raises `Unauthenticated`."""
        request = exchange.request
        header, query = request.header("Authorization"), dict(request.query)
        if header and "X-Amz-Algorithm" in query:
            raise Unauthenticated("both", reason="both header and query are signed")
        if header:
            return _signed(_of_header(request, header))
        if "X-Amz-Algorithm" in query:
            return _signed(_of_query(query))
        raise Unauthenticated("missing", reason="there is no Authorization")

    def verify(self, exchange: Exchange, presented: SigV4Signature) -> Credential:
        """Check time, scope, key, signature and session token, in this order."""
        self._check_time(exchange, presented)
        if "host" not in presented.headers:
            raise Unauthenticated("host-not-signed", reason="the header Host is not signed")
        sentences = "".join(self._faults_of_scope(exchange, presented))
        if sentences:
            raise Unauthenticated("wrong-scope", said=sentences, reason=sentences.strip())
        credential = self.require(presented)
        body = hashlib.sha256(signed_body(exchange)).hexdigest()

        def signs(target: str) -> bool:
            expected = sign(exchange.request, target, presented, credential.secret, body)
            return same(presented.signature, expected)

        if not signs_any_target(exchange, signs):
            raise Unauthenticated("wrong-signature", reason="the signature does not match")
        self._check_token(exchange, credential)
        return credential

    def _check_time(self, exchange: Exchange, presented: SigV4Signature) -> None:
        now = exchange.arrived - exchange.arrived % clock.SECOND  # as the response shows it
        signed = clock.from_iso(presented.moment)
        ahead = self.terms["minutes"] * MINUTE
        behind = ahead if presented.lasts is None else presented.lasts * clock.SECOND
        if signed + behind < now:
            subject, limit, minutes = "stale", now - behind, behind // MINUTE
        elif signed - ahead > now:
            subject, limit, minutes = "early", now + ahead, ahead // MINUTE
        else:
            return
        facts = {"signed": presented.moment, "limit": _basic(limit), "now": _basic(now)}
        reason = f"signed at {presented.moment}, but the clock shows {_basic(now)}"
        raise Unauthenticated(subject, reason=reason, minutes=minutes, **facts)

    def _faults_of_scope(self, exchange: Exchange, presented: SigV4Signature) -> Iterator[str]:
        region, service = exchange.host_region or presented.region, self.terms["service"]
        if presented.region != region:
            yield f"Credential should be scoped to a valid region, not '{presented.region}'. "
        if presented.service != service:
            yield f"Credential should be scoped to correct service: '{service}'. "
        if presented.terminator != TERMINATOR:
            yield "Credential should be scoped with a valid terminator: "
            yield f"'{TERMINATOR}', not '{presented.terminator}'. "
        if presented.date != presented.moment[:8]:
            yield "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
            yield f"from HTTP: '{presented.date}' != '{presented.moment[:8]}', "
            yield f"from '{presented.moment}'."

    def _check_token(self, exchange: Exchange, credential: Credential) -> None:
        """Check the session token, if there is one or the id requires one."""
        request = exchange.request
        token = request.header(_TOKEN) or dict(request.query).get(_TOKEN, "")
        if not token and self._is_temporary(credential.id):
            raise Unauthenticated("unknown-key", reason=f"there is no {_TOKEN}")
        if token and not same(token, credential.token or ""):
            raise Unauthenticated("wrong-token", reason="the session token does not match")
        if credential.is_expired(exchange.arrived):
            raise Unauthenticated("expired", reason="the credentials have expired")


def _of_header(request: Request, header: str) -> Mapping[str, str]:
    """Read the header; raises `Unauthenticated` with a sentence per missing part."""
    algorithm, *fields = re.split(r"[, ]+", header.strip(", "))
    parts = {name: value for name, _, value in (field.partition("=") for field in fields)}
    if not all("=" in field for field in fields):
        raise Unauthenticated(
            "no-pairs", digest=_digest(header), reason="Authorization has no key=value pairs"
        )
    moment = request.header("X-Amz-Date") or request.header("Date")
    missing = [
        f"Authorization header requires '{n}' parameter." for n in _PARTS if not parts.get(n)
    ]
    if not moment:
        missing.append(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if missing:
        sentences = " ".join(missing)
        raise Unauthenticated("malformed", said=sentences, digest=_digest(header), reason=sentences)
    return {**parts, "Algorithm": algorithm, "Date": moment}


def _of_query(query: Mapping[str, str]) -> Mapping[str, str]:
    """Read the query; raises `Unauthenticated` with a sentence per missing part."""
    parts = {name: query.get(f"X-Amz-{name}", "") for name in _IN_QUERY}
    missing = [
        f"AWS query-string parameters must include 'X-Amz-{name}'. "
        for name, value in parts.items()
        if not value
    ]
    expires = query.get("X-Amz-Expires", "")
    if missing or (expires and not _is_valid_lifetime(expires)):
        sentences = "".join(missing)
        raise Unauthenticated(
            "malformed-query", said=sentences, reason=sentences or "invalid X-Amz-Expires"
        )
    return {**parts, "Expires": expires}


def _is_valid_lifetime(expires: str) -> bool:
    return expires.isascii() and expires.isdigit() and 1 <= int(expires[:9]) <= MAX_LIFETIME


def _signed(parts: Mapping[str, str]) -> SigV4Signature:
    """Split date and credential scope; raises `Unauthenticated`."""
    moment, algorithm, credential = parts["Date"], parts["Algorithm"], parts["Credential"]
    try:
        clock.from_iso(moment if _BASIC.fullmatch(moment) else "")
    except ValueError:
        raise Unauthenticated("bad-time", given=moment, reason="the date is malformed") from None
    if algorithm != ALGORITHM:
        raise Unauthenticated(
            "other-algorithm", given=algorithm, reason=f"the algorithm is not {ALGORITHM}"
        )
    steps = credential.rstrip("/").split("/")
    if len(steps) != 5 or not all(steps):  # noqa: PLR2004 - key, date, region, service, terminator
        raise Unauthenticated("no-scope", given=credential, reason="Credential needs 5 elements")
    key, date, region, service, terminator = steps
    return SigV4Signature(
        key=key,
        region=region,
        date=date,
        service=service,
        terminator=terminator,
        headers=parts["SignedHeaders"].lower().split(";"),
        moment=moment,
        lasts=int(parts["Expires"]) if parts.get("Expires") else None,
        signature=parts["Signature"],
    )


def _digest(value: str) -> str:
    """Return a hash of the sent value, for a response that must not repeat it."""
    return base64.b64encode(hashlib.sha256(value.encode("latin-1", "replace")).digest()).decode()


def _basic(micros: int) -> str:
    """Write a time as `20260401T080000Z`."""
    return re.sub(r"[-:]|\.[0-9]+", "", clock.to_iso(micros))


def sign(request: Request, target: str, presented: SigV4Signature, secret: str, body: str) -> str:
    """Return the signature of a request to a target; `body` is the hash of its body."""
    canonical = canonical_request(request, target, presented.headers, body)
    hashed = hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()
    text = f"{ALGORITHM}\n{presented.moment}\n{presented.scope}\n{hashed}"
    key = f"AWS4{secret}".encode()
    for step in (*presented.scope.split("/"), text):
        key = hmac.digest(key, step.encode("utf-8", "replace"), "sha256")
    return key.hex()


def canonical_request(request: Request, target: str, headers: Sequence[str], body: str) -> str:
    """Return the canonical request."""
    path, _, query = target.partition("?")
    lines = [
        request.method,
        quote(_normal(path).encode("latin-1"), safe="/~"),
        canonical_query(query, without="X-Amz-Signature"),
        *(f"{name}:{_spaced(request.header(name))}" for name in headers),
        "",
        ";".join(headers),
        body,
    ]
    return "\n".join(lines)


def _spaced(value: str) -> str:
    return _SPACES.sub(" ", value).strip()


def _normal(path: str) -> str:
    """Remove empty segments, `.` and `..`, by RFC 3986."""
    segments: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment and segment != ".":
            segments.append(segment)
    trailing = "/" if segments and path.endswith("/") else ""
    return f"/{'/'.join(segments)}{trailing}"
