"""The headers of both AWS services, in the order in which published answers of them have them.

Amazon Personalize: answers of 2024. Amazon Lookout for Vision: answers of 2021 and 2023. Those
of Amazon Personalize also had `Connection: keep-alive`, which an application may not send.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from werkzeug.test import Client, TestResponse

from emulator import Settings, create_app

PERSONALIZE = [
    ("Date", "Wed, 01 Apr 2026 08:00:00 GMT"),
    ("Content-Type", "application/x-amz-json-1.1"),
    ("Content-Length", None),
    ("x-amzn-RequestId", None),
    ("Strict-Transport-Security", "max-age=47304000; includeSubDomains"),
    ("X-Frame-Options", "DENY"),
    ("Cache-Control", "no-cache"),
    ("X-Content-Type-Options", "nosniff"),
]
LOOKOUT = [
    ("x-amzn-RequestId", None),
    ("X-XSS-Protection", "1; mode=block"),
    ("Strict-Transport-Security", "max-age=31540000; includeSubDomains"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Date", "Wed, 01 Apr 2026 08:00:00 GMT"),
    ("Content-Type", "application/json"),
    ("Content-Length", None),
]


@pytest.fixture(scope="module")
def client() -> Client:
    application = create_app(Settings(auth="off", clock="frozen", strict=True))
    application.world.clock.set(now=1775030400_000000)
    return Client(application)


def personalize(client: Client, operation: str, body: str = "{}") -> TestResponse:
    headers = {
        "X-Amz-Target": f"AmazonPersonalize.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return client.post("/personalize/", data=body, headers=headers)


def check(answer: TestResponse, wanted: list[tuple[str, str | None]], further: int) -> None:
    """Compare names, order and known values; `further` headers may follow."""
    given = list(answer.headers)
    names = [name for name, _ in given]
    assert names[: len(wanted)] == [name for name, _ in wanted]
    assert len(names) == len(wanted) + further
    assert "Server" not in names
    known: Mapping[str, str] = {name: value for name, value in wanted if value is not None}
    assert known.items() <= dict(given).items()


@pytest.mark.parametrize(
    ("operation", "status"),
    [("ListDatasetGroups", 200), ("CreateDataset", 400), ("NoSuchOperation", 400)],
)
def test_personalize(client: Client, operation: str, status: int) -> None:
    answer = personalize(client, operation)
    assert answer.status_code == status
    check(answer, PERSONALIZE, further=0)
    assert answer.headers["Content-Length"] == str(len(answer.data))


@pytest.mark.parametrize(
    ("path", "status", "further"),
    [("projects", 200, 0), ("projects/none", 404, 1), ("none", 404, 1)],
)
def test_lookout(client: Client, path: str, status: int, further: int) -> None:
    answer = client.get(f"/lookoutvision/2020-11-20/{path}")
    assert answer.status_code == status
    check(answer, LOOKOUT, further=further)
    assert answer.headers["Content-Length"] == str(len(answer.data))
