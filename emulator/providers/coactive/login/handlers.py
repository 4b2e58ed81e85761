"""The operation of a login: it signs a JSON Web Token with the public key pair.

The credentials were checked before; the token names the caller.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import SECOND, Call, Handler, Params
from emulator.dialects.fastapi import issue


def login(call: Call, params: Params) -> Mapping[str, str]:
    """Return an access token to a user or, for system credentials, to a client."""
    rule = call.contract.rules["login"]
    subject = call.scope.caller
    if _is_system(grant=params.grant_type, authorization=params.authorization):
        subject = rule["systemSubject"].format(client=subject)
    return {"access_token": issue(rule, subject, call.now // SECOND)}


def _is_system(*, grant: str | None, authorization: str) -> bool:
    """Return whether the caller is a client and not a user, by the grant or the scheme."""
    if grant is None:
        return authorization.lower().startswith("basic ")
    return grant == "client_credentials"


HANDLERS: Mapping[str, Handler] = {
    "Login": login,
    "LoginV1": login,
}
