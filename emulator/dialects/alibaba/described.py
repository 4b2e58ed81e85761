"""The credentials of requests in terms of OpenAPI, each with a value that is well formed."""

from __future__ import annotations

from emulator.core.http.auth.presented import Security, header_scheme


def described(version: str) -> Security:
    """Describe the newer signature and bearer tokens, with the version that both come with."""
    value = "ACS3-HMAC-SHA256 Credential=emulator,SignedHeaders=host,Signature=unsigned"
    api = {"acsVersion": header_scheme("x-acs-version", version, "The version of the API.")}
    signature = {
        "acs": header_scheme("Authorization", value, "Signature ACS3-HMAC-SHA256."),
        "acsDate": header_scheme(
            "x-acs-date", "2026-04-01T00:00:00Z", "The time of the signature."
        ),
    }
    bearer = {"acsBearer": header_scheme("x-acs-bearer-token", "emulator", "A bearer token.")}
    return ({**signature, **api}, {**bearer, **api})
