"""Access tokens of a login: JSON Web Tokens, signed with a public private key.

The rule `login` of rules.json has the key, the issuer, the audience and the lifetime.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.core.contract.model import Document

if TYPE_CHECKING:
    from jwt import PyJWK


class TokenError(ValueError):
    """A token was not issued by a login."""


def issue(rule: Document, subject: str, issued: int) -> str:
    """Make an access token; `issued` in seconds since 1970."""
    import jwt  # noqa: PLC0415 - a tenth of a second, which only tokens wait for

    claims: dict[str, Any] = {
        "iss": rule["issuer"],
        "sub": subject,
        "aud": rule["audience"],
        "iat": issued,
        "exp": issued + rule["seconds"],
        "scope": rule["scope"],
    }
    key = _key(json.dumps(rule["key"]))
    return jwt.encode(claims, key.key, algorithm=rule["key"]["alg"])


def expiry(rule: Document, token: str) -> int:
    """Return the expiry of a token in seconds since 1970; raises `TokenError`.

    Checks signature, issuer and audience, not whether the token has expired.
    """
    import jwt  # noqa: PLC0415

    key = _key(json.dumps(rule["key"]))
    # Times are compared with the clock of the world, not with that of the machine.
    unchecked = dict.fromkeys(("verify_exp", "verify_iat", "verify_nbf"), False)
    try:
        _check_canonical(token)
        claims = jwt.decode(
            token,
            key.key.public_key(),
            algorithms=[rule["key"]["alg"]],
            audience=rule["audience"],
            issuer=rule["issuer"],
            options={**unchecked, "require": ["exp", "sub"]},  # type: ignore[arg-type]
        )
        return int(claims["exp"])
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise TokenError(str(error)) from None


def subject(rule: Document, token: str) -> str:
    """Return the subject of a token, unverified, or an empty string."""
    try:
        payload = token.split(".")[1]
        claims: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(_padded(payload)))
        name: str = claims["sub"]
        name.encode()  # raises for an unpaired surrogate
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""
    suffix: str = rule["systemSubject"].format(client="")
    return name.removesuffix(suffix)


def _check_canonical(token: str) -> None:
    """Raise `ValueError` if the last character of the signature has unused bits set.

    Decoders ignore these bits, so that a changed token would still be valid.
    """
    signature = token.rpartition(".")[2]
    canonical = base64.urlsafe_b64encode(base64.urlsafe_b64decode(_padded(signature)))
    if canonical.decode().rstrip("=") != signature:
        raise ValueError("the signature is not canonical base64")


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


@cache
def _key(jwk: str) -> PyJWK:
    """Load a key once: checking it takes a fifteenth of a second."""
    from jwt import PyJWK  # noqa: PLC0415

    return PyJWK.from_json(jwk)
