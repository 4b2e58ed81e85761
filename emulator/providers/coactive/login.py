"""Login at Coactive AI: credentials in, an access token for an hour out.

The credentials were checked before. The token is a JSON Web Token that names the caller, signed
with the public key pair.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import SECOND, Call, Document, Handler, Params
from emulator.dialects.fastapi import issue


def login(call: Call, params: Params) -> Document:
    """Return an access token to a user or, for system credentials, to a client."""
    rule = call.contract.rules["login"]
    subject = call.scope.caller
    if _is_system(grant=params.grant_type, authorization=params.authorization):
        subject = rule["systemSubject"].format(client=subject)
    token = issue(rule, subject, call.now // SECOND)
    return {"access_token": token, "expires_in": rule["seconds"]}


def _is_system(*, grant: str | None, authorization: str) -> bool:
    """Return whether the caller is a client and not a user, by the grant or the scheme."""
    if grant is None:
        return authorization.lower().startswith("basic ")
    return grant == "client_credentials"


HANDLERS: Mapping[str, Handler] = {"Login": login, "LoginV1": login}
