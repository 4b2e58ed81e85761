"""The operation of a login: it signs a JSON Web Token with the public key pair.

The credentials were checked before; the token names the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.api import SECOND, Call, Handler
from emulator.dialects.fastapi import issue
from emulator.providers.coactive.login import wire

Token = Mapping[str, Any]


def login(call: Call, params: wire.Login) -> Token:
    """Return an access token to a user or, for system credentials, to a client."""
    rule = call.contract.rules["login"]
    subject = call.scope.caller
    if _is_system(params):
        subject = rule["systemSubject"].format(client=subject)
    return {
        "access_token": issue(rule, subject, call.now // SECOND),
        "token_type": "Bearer",
        "expires_in": rule["seconds"],
    }


def _is_system(params: wire.Login) -> bool:
    """Return whether the caller is a client and not a user, by the grant or the scheme."""
    if params.grant_type is None:
        return params.authorization.lower().startswith("basic ")
    return params.grant_type == "client_credentials"


HANDLERS: Mapping[str, Handler] = {
    "Login": login,
    "LoginV1": login,
}
