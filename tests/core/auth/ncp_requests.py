"""Credentials of AiTEMS for tests: a signer made from the vendor's page, and an emulator to ask."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.settings import Settings

KEY, SECRET = "TESTACCESSKEY0000001", "TESTSECRETKEY000000000000000000000000001"
OTHER_KEY, OTHER_SECRET = "TESTACCESSKEY0000002", "TESTSECRETKEY000000000000000000000000002"
NOW = 1629528478302
"""Milliseconds, at which the signatures below were made; 2021-08-21T15:47:58.302 in Korea."""

VECTORS = {
    ("POST", "/api/v1/datasets"): "5Nen95egmtNyMR8ApFIyIqACp9yPoAuqXCCNm213WlE=",
    ("GET", "/api/v1/datasets"): "nsZz2qJxiaKjXDbbxIwMOsykNscj8iFWgdDUmR2WVFo=",
    ("GET", "/api/v1/datasets?offset=0&limit=10"): "Noe0XhgfDu05NqaXQr7GGrURJE5uQ33/o+P11qLxAC8=",
    ("DELETE", "/api/v1/datasets/3vewbw8r9r9"): "+/BO+1CGV6ROze0WABX/Hc5tU5gbYzhClNvfICurpqU=",
}
HEADERS = ("x-ncp-apigw-timestamp", "x-ncp-iam-access-key", "x-ncp-apigw-signature-v2")
JSON = {"Content-Type": "application/json"}
DATASET = {
    "type": "item",
    "name": "item_dataset",
    "description": "abc",
    "schemaName": "test_item",
    "osInfo": {"region": "KR", "bucket": "aitems-820431800", "key": "bookmarks-items.csv"},
}
EMPTY = {"datasets": [], "offset": 0, "limit": 1000}


def gateway(code: str, message: str, details: str) -> dict[str, Any]:
    return {"error": {"errorCode": code, "message": message, "details": details}}


MISSING = gateway("200", "Authentication Failed", "Authentication information are missing.")
INVALID = gateway("200", "Authentication Failed", "Invalid authentication information.")
NO_ROUTE = gateway("300", "Not Found Exception", "URL not found.")


def signature(
    method: str, target: str, timestamp: str, key: str = KEY, secret: str = SECRET
) -> str:
    """Sign by the rule of the vendor's page, which owes nothing to the emulator."""
    text = method + " " + target + "\n" + timestamp + "\n" + key
    return base64.b64encode(
        hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    ).decode()


def signed(
    method: str, target: str, at: int | str = NOW, key: str = KEY, secret: str = SECRET
) -> dict[str, str]:
    values = (str(at), key, signature(method, target, str(at), key, secret))
    return dict(zip(HEADERS, values, strict=True))


def make(folder: Path, grade: Any) -> Application:
    """An emulator whose clock stands at `NOW`, and that knows two keys of AiTEMS."""
    file = folder / f"{grade}.json"
    until = "2021-08-21T06:47:59Z"
    pairs = [
        {"provider": "aitems", "id": KEY, "secret": SECRET},
        {"provider": ["coactive"], "id": "of-another", "secret": SECRET},
        {"provider": "aitems", "id": OTHER_KEY, "secret": OTHER_SECRET, "expires": until},
    ]
    file.write_text(json.dumps({"credentials": pairs}))
    settings = Settings(auth=grade, clock="frozen", demo=True, strict=True, credentials=str(file))
    return Application(settings, wall=lambda: NOW * 1_000_000)


def ask(client: Client, method: str, target: str, headers: Mapping[str, str], **body: Any) -> TestResponse:  # fmt: skip
    """Send a request under the provider's prefix; the target is sent as it stands."""
    return client.open(f"/aitems{target}", method=method, headers={**JSON, **headers}, **body)


def assert_answers(answer: TestResponse, status: int, wanted: object) -> None:
    """Compare status, headers, and the body with the order of its members."""
    assert (answer.status_code, answer.get_data(as_text=True)) == (
        status,
        json.dumps(wanted, separators=(",", ":")),
    )
    headers = {
        name: value
        for name, value in answer.headers.items()
        if name not in ("Content-Length", "Date")
    }
    assert headers == {"Content-Type": "application/json"}
