"""What happens at a login: a JSON Web Token is signed with the key that everybody knows.

What credentials are worth is not checked here; a token says who asked for it.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.core.call import Call
from emulator.core.clock import SECOND
from emulator.core.provider import Handler
from emulator.providers.coactive.login import wire

if TYPE_CHECKING:
    from jwt import PyJWK

Token = Mapping[str, Any]


def login(call: Call, wish: wire.Login) -> Token:
    """Give an access token to a user or, for system credentials, to a client."""
    import jwt  # noqa: PLC0415 - a tenth of a second, which only logins wait for

    rule = call.contract.rules["login"]
    issued = call.now // SECOND
    claims = {
        "iss": rule["issuer"],
        "sub": _subject(call, wish),
        "aud": rule["audience"],
        "iat": issued,
        "exp": issued + rule["seconds"],
        "scope": rule["scope"],
    }
    key = _key(json.dumps(rule["key"]))
    return {
        "access_token": jwt.encode(claims, key.key, algorithm=key.algorithm_name),
        "token_type": "Bearer",
        "expires_in": rule["seconds"],
    }


def _subject(call: Call, wish: wire.Login) -> str:
    """Tell whom the token is about; the grant decides, or the scheme where none is named."""
    scheme, _, credentials = wish.authorization.partition(" ")
    basic = scheme.lower() == "basic"
    if wish.grant_type == "client_credentials" or (basic and wish.grant_type is None):
        client = _client(credentials) if basic else None
        template: str = call.contract.rules["login"]["systemSubject"]
        return template.format(client=client or call.scope.caller)
    return call.scope.caller


def _client(credentials: str) -> str:
    """Read the client id of Basic credentials; empty where they are none."""
    try:
        return b64decode(credentials).decode().partition(":")[0]
    except ValueError:
        return ""


@cache
def _key(jwk: str) -> PyJWK:
    """Read the key once: a fifteenth of a second goes into checking it."""
    from jwt import PyJWK  # noqa: PLC0415

    return PyJWK.from_json(jwk)


HANDLERS: Mapping[str, Handler] = {
    "Login": login,
    "LoginV1": login,
}
