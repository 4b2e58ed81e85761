"""An emulator of PAI that verifies, whom it knows, and its answers as wholes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.primitives.clock import from_iso
from emulator.settings import Settings
from tests.core.auth.acs_signer import KEY, NOW, SECRET, Wish

STS, STS_TOKEN = "STS.testTemporaryKey", "CAIStestToken/with+letters=="
EXPIRED, EXPIRED_TOKEN = "STS.testExpiredKey", "CAIStestTokenThatExpired"
INACTIVE, OTHERS = "testInactiveKey", "testKeyOfOthers"
BEARER, BEARER_EXPIRED = "testBearerToken", "testBearerTokenThatExpired"
USER = "208310175366414861"
REAL = "LTAI" + "A" * 20
SECRETS = (SECRET, STS_TOKEN, EXPIRED_TOKEN, BEARER, BEARER_EXPIRED)


def credentials() -> list[dict[str, Any]]:
    pair = {"provider": "pai", "secret": SECRET}
    return [
        {**pair, "id": KEY, "provider": ["pai", "aitems"]},
        {**pair, "id": "anotherKey"},
        {**pair, "id": "ofAnotherAccount", "account": "1004110000009999"},
        {**pair, "id": STS, "token": STS_TOKEN},
        {**pair, "id": EXPIRED, "token": EXPIRED_TOKEN, "expires": NOW},
        {**pair, "id": INACTIVE, "expires": NOW},
        {**pair, "id": OTHERS, "provider": "aitems"},
        {**pair, "id": "bearing", "token": BEARER, "account": "1004110000008888"},
        {**pair, "id": "bearingNoMore", "token": BEARER_EXPIRED, "expires": NOW},
        {**pair, "id": USER},
        {**pair, "id": REAL},
    ]


@contextmanager
def verifying(folder: Path, **changes: Any) -> Iterator[Application]:
    """Its clock stands at the time of the vectors."""
    file = folder / "credentials.get_json()"
    file.write_text(json.dumps({"credentials": credentials()}))
    chosen = {"auth": "verify", "credentials": str(file), "clock": "frozen", "strict": True}
    application = Application(Settings(**{**chosen, **changes}), wall=lambda: from_iso(NOW) * 1000)
    yield application
    application.close()


def send(application: Application, asked: Wish) -> TestResponse:
    """Send a request with its headers as UTF-8, as the wire has them."""
    headers = {name: value.encode().decode("latin-1") for name, value in asked.headers.items()}
    client = Client(application)
    return client.open(asked.target, method=asked.method, headers=headers, data=asked.body)


def refusal(answer: TestResponse) -> tuple[int, str, str]:
    """Give status, code and message; everything else is as documented."""
    body = json.loads(answer.text)
    request_id, code, message = body["RequestId"], body["Code"], body["Message"]
    assert re.fullmatch("[0-9A-F]{8}-[0-9A-F]{4}-5[0-9A-F]{3}-[0-9A-F]{4}-[0-9A-F]{12}", request_id)
    help_page = "https://api.aliyun.com/troubleshoot?q={}&product=AIWorkSpace&requestId={}"
    assert list(body.items()) == [
        ("RequestId", request_id),
        ("HostId", "aiworkspace.cn-hangzhou.aliyuncs.com"),
        ("Code", code),
        ("Message", message),
        ("Recommend", help_page.format(code, request_id)),
    ]
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert re.fullmatch("[0-9a-f]{32}", headers.pop("x-acs-trace-id"))
    del headers["date"]
    assert headers == {
        "content-type": "application/json;charset=utf-8",
        "content-length": str(len(answer.data)),
        "x-acs-request-id": request_id,
    }
    return answer.status_code, code, message


def let_in(answer: TestResponse) -> bool:
    """Tell whether a request to create or to list did so."""
    return answer.status_code == 200 and answer.get_json()["RequestId"]
