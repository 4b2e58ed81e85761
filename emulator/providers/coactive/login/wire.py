"""The wire format of a login at Coactive AI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from marshmallow import fields

from emulator.api import Wire, reads, snake


@dataclass(frozen=True, kw_only=True)
class Login:
    """The request for an access token; the header `Authorization` has the caller."""

    authorization: str
    grant_type: str | None = None


class _Login(Wire):
    naming = staticmethod(snake)

    access_token = fields.String()
    token_type = fields.String()
    expires_in = fields.Integer()


REQUESTS: Mapping[str, type[Wire]] = {
    "Login": reads(Login, snake),
    "LoginV1": reads(Login, snake),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "Login": _Login,
    "LoginV1": _Login,
}
