"""Access tokens of Coactive AI: signed with the published key, and the same every time."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.primitives.clock import from_iso
from emulator.settings import Settings
from tests.contract import catalogue

START = from_iso("2026-04-01T08:00:00.123Z")
ISSUED = START // 1_000_000
SYSTEM = f"Basic {base64.b64encode(b'client-7:sec:ret').decode()}"


def log_in(authorization: str, **request: Any) -> str:
    """Log in at an emulator of its own, and give the access token."""
    application = Application(Settings(clock="frozen"), wall=lambda: START * 1000)
    headers = {"Authorization": authorization} if authorization else {}
    answer = Client(application).post("/coactive/api/v0/login", headers=headers, **request)
    application.close()
    assert answer.status_code == 200
    assert answer.get_json() == {
        "access_token": answer.get_json()["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    return str(answer.get_json()["access_token"])


def published_key() -> Any:
    """The public half of the key in rules.get_json()."""
    key = catalogue.contracts()["coactive"].rules["login"]["key"]
    return jwt.PyJWK({name: key[name] for name in ("kty", "alg", "use", "n", "e")})


@pytest.mark.parametrize(
    ("authorization", "body", "subject"),
    [
        ("Bearer personal", {"grant_type": "refresh_token"}, "user123"),
        ("bearer personal", {}, "user123"),
        (SYSTEM, {"grant_type": "client_credentials"}, "client-7@clients"),
        (SYSTEM, {}, "client-7@clients"),
        (SYSTEM, {"grant_type": "refresh_token"}, "client-7"),
    ],
)
def test_a_token_says_who_asked_for_it_and_lasts_an_hour(
    authorization: str, body: dict[str, str], subject: str
) -> None:
    token = log_in(authorization, json=body)
    assert jwt.get_unverified_header(token)["alg"] == "RS256"
    claims = jwt.decode(
        token,
        published_key(),
        algorithms=["RS256"],
        issuer="https://auth.coactive.ai/",
        audience="https://app.coactive.ai/",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims == {
        "iss": "https://auth.coactive.ai/",
        "sub": subject,
        "aud": "https://app.coactive.ai/",
        "iat": ISSUED,
        "exp": ISSUED + 3600,
        "scope": "read:datasets write:datasets",
    }


def test_an_overlay_decides_how_long_a_token_lasts(tmp_path: Path) -> None:
    overlay = tmp_path / "coactive" / "rules.patch.json"
    overlay.parent.mkdir()
    overlay.write_text(json.dumps({"login": {"seconds": 60}}))
    application = Application(Settings(clock="frozen", strict=True, schemas=str(tmp_path)))
    headers = {"Authorization": "Bearer personal"}
    answer = Client(application).post("/coactive/api/v0/login", headers=headers).get_json()
    application.close()
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert answer["expires_in"] == claims["exp"] - claims["iat"] == 60


def test_the_same_login_gives_the_same_bytes_in_every_emulator() -> None:
    assert log_in(SYSTEM) == log_in(SYSTEM)
