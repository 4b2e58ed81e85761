"""Credentials and tokens of Coactive for tests: an emulator that knows some, and a maker of any."""

from __future__ import annotations

import base64
import json
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.primitives.clock import from_iso
from emulator.settings import Settings
from tests.contract import catalogue

START = from_iso("2026-04-01T08:00:00Z")
ISSUED = START // 1_000_000
DATASETS, LOGIN = "/coactive/api/v1/datasets", "/coactive/api/v0/login"
PARAMS = {"name": "clips_1", "encoder_name": "multimodal"}
ENCODER = {
    "id": "6b187760-4a2a-4033-86dd-e4c4cee876ce",
    "name": "multimodal",
    "modality": "image",
    "modalities": ["image", "video"],
}
EMPTY = {
    "meta": {"page": {"current_page": 1, "last_page": 0, "limit": 100, "offset": 0, "total": 0}},
    "data": [],
}
MISSING = {"detail": "Not authenticated"}
INVALID = {"detail": "Invalid authentication credentials"}
CHALLENGE = {"WWW-Authenticate": "Bearer"}
PAIRS = [
    {"provider": "coactive", "id": "client-7", "secret": "sec:ret", "token": "personal-7"},
    {
        "provider": "coactive",
        "id": "client-8",
        "secret": "secret-8",
        "token": "personal-8",
        "expires": "2026-04-01T08:30:00Z",
    },
    {"provider": "coactive", "id": "stranger", "secret": "secret", "account": "other"},
    {"provider": "aitems", "id": "elsewhere", "secret": "secret-9", "token": "personal-9"},
]


def make(folder: Path, grade: Any, now: int = START) -> Application:
    """An emulator that knows `PAIRS`; its clock stands still."""
    file = folder / f"{grade}.json"
    file.write_text(json.dumps({"credentials": PAIRS}))
    settings = Settings(auth=grade, clock="frozen", strict=True, credentials=str(file))
    return Application(settings, wall=lambda: now * 1000)


def basic(pair: str) -> str:
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def send(client: Client, method: str, path: str, authorization: str | None, **request: Any) -> TestResponse:  # fmt: skip
    headers = {} if authorization is None else {"Authorization": authorization}
    headers |= request.pop("headers", {})
    return client.open(path, method=method, headers=headers, **request)


def listed(client: Client, authorization: str | None) -> TestResponse:
    return send(client, "GET", DATASETS, authorization)


def access_token(client: Client, authorization: str, **request: Any) -> str:
    """Log in; the rest of the answer is as documented."""
    answer = send(client, "POST", LOGIN, authorization, **request)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    said = dict(answer.get_json())
    token = said.pop("access_token")
    assert said == {"token_type": "Bearer", "expires_in": 3600}
    return str(token)


def assert_answers(answer: TestResponse, status: int, wanted: object, **extra: str) -> None:
    """Compare status, headers, and the body with the order of its members."""
    text = json.dumps(wanted, separators=(",", ":"))
    assert (answer.status_code, answer.get_data(as_text=True)) == (status, text)
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("Content-Length", "Date")
    }
    assert headers == {"Content-Type": "application/json", **extra}


def assert_refuses(answer: TestResponse) -> None:
    assert_answers(answer, 401, INVALID, **CHALLENGE)


def shown(dataset_id: str, caller: str) -> dict[str, Any]:
    """The whole dataset made of `WISH`, in the documented order."""
    return {
        "created_dt": "2026-04-01T08:00:00Z",
        "created_by": caller,
        "id": dataset_id,
        "name": "clips_1",
        "embeddings": [ENCODER],
        "encoders": [ENCODER],
        "description": None,
        "allowed_asset_types": ["image", "video"],
        "status": "active",
        "keyframe_sampling_method": "intelligent",
        "store_original": True,
        "store_preview": True,
        **dict.fromkeys(("updated_dt", "updated_by", "deleted_dt", "deleted_by")),
        "keyframe_uniform_fps_sampling_rate": None,
        "metadata_fields_to_index": None,
        "metadata_fields_to_embed": None,
        "dataset_config": None,
    }


# Tokens, made with PyJWT and the key that is published; nothing of the emulator's own code.


@cache
def published() -> Any:
    """The private key that everybody can read."""
    rule = catalogue.contracts()["coactive"].rules["login"]
    return jwt.PyJWK(rule["key"]).key


def claims(**changes: Any) -> dict[str, Any]:
    """What the documented sample holds; a member that is changed to `...` is left out."""
    said = {
        "iss": "https://auth.coactive.ai/",
        "sub": "client-7@clients",
        "aud": "https://app.coactive.ai/",
        "iat": ISSUED,
        "exp": ISSUED + 3600,
        "scope": "read:datasets write:datasets",
        **changes,
    }
    return {name: value for name, value in said.items() if value is not ...}


def token(algorithm: str = "RS256", **changes: Any) -> str:
    """A token with the claims, changed, rightly signed with the algorithm."""
    return signed_part(json.dumps(claims(**changes)).encode(), algorithm)


def part(document: object) -> str:
    """A part of a token: JSON, or bytes as they are, in base64 without padding."""
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed_part(payload: bytes, algorithm: str = "RS256") -> str:
    """A token over any bytes, rightly signed."""
    text = f"{part({'alg': algorithm, 'typ': 'JWT'})}.{part(payload)}"
    signature = jwt.get_algorithm_by_name(algorithm).sign(text.encode(), published())
    return f"{text}.{part(signature)}"
