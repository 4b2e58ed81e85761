"""AiTEMS through hand-written HTTP, signed as its documentation says: there is no official SDK."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from emulator.core.primitives.clock import from_iso
from emulator.core.worlds.redaction import REDACTED
from emulator.testing import World

ACCESS_KEY = "TESTACCESSKEY0000001"
SECRET_KEY = "TESTSECRETKEY000000000000000000000000001"

NOW = "2026-04-01T08:00:00.123Z"
LOCAL_NOW = "2026-04-01T17:00:00.123"
"""The same moment in Korea, as the service writes it."""

SCHEMA: dict[str, Any] = {
    "datasetType": "item",
    "name": "movies",
    "fields": [
        {"name": "ITEM_ID", "type": ["string"]},
        {"name": "GENRE", "type": ["string", "null"], "categorical": True},
    ],
    "description": "",
}
DATASET: dict[str, Any] = {
    "type": "item",
    "name": "item_dataset",
    "description": "abc",
    "schemaName": "test_item",
    "osInfo": {"region": "KR", "bucket": "aitems-820431800", "key": "bookmarks-items.csv"},
}
NOT_FOUND = {
    "error": {"errorCode": "300", "message": "Not Found Exception", "details": "URL not found."}
}
UNREAD = {"Server", "Date", "Content-Length", "Connection"}
"""Headers that belong to the server and the connection."""


def signature(method: str, target: str, timestamp: str) -> str:
    """Sign a request: the target is path and query as sent, without the host."""
    text = f"{method} {target}\n{timestamp}\n{ACCESS_KEY}"
    digest = hmac.new(SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


class Signed(requests.auth.AuthBase):
    """Adds the three headers of signature version 2 to a request."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = urlsplit(str(request.url))
        target = f"{url.path}?{url.query}" if url.query else url.path
        timestamp = str(from_iso(NOW) // 1000)
        request.headers["x-ncp-apigw-timestamp"] = timestamp
        request.headers["x-ncp-iam-access-key"] = ACCESS_KEY
        request.headers["x-ncp-apigw-signature-v2"] = signature(
            str(request.method), target, timestamp
        )
        return request


class Client:
    """A client as people write it: the vendor's URL is replaced by the emulator's."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self.session = session

    def post(self, path: str, body: object) -> requests.Response:
        return self.send("POST", path, body)

    def put(self, path: str, body: object) -> requests.Response:
        return self.send("PUT", path, body)

    def get(self, path: str) -> requests.Response:
        return self.send("GET", path, None)

    def delete(self, path: str) -> requests.Response:
        return self.send("DELETE", path, None)

    def send(self, method: str, path: str, body: object) -> requests.Response:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        url = f"{self.url}/api/v1{path}"
        return self.session.request(method, url, data=data, headers=headers, auth=Signed())


def the_prefix(world: World) -> str:
    return world.url("aitems")


def the_bare_port(world: World) -> str:
    return world.base


@pytest.fixture(params=[the_prefix, the_bare_port])
def client(request: pytest.FixtureRequest, dataset_world: World) -> Iterator[Client]:
    """A client on each way in, with the clock of its world standing still."""
    dataset_world.clock.freeze(NOW)
    reach: Callable[[World], str] = request.param
    with requests.Session() as session:
        session.trust_env = False
        yield Client(reach(dataset_world), session)


def assert_answers(answer: requests.Response, status: int, wanted: Mapping[str, Any]) -> None:
    """Compare status, headers, and the body as it was written, in the order of its members."""
    assert answer.status_code == status, answer.text
    assert {n: v for n, v in answer.headers.items() if n not in UNREAD} == {
        "Content-Type": "application/json"
    }
    assert answer.text == json.dumps(wanted, separators=(",", ":"))


def assert_the_service_refuses(
    answer: requests.Response, status: int, *, path: str, error: str, code: str, message: str
) -> None:
    request_id = answer.json()["requestId"]
    assert re.fullmatch("[0-9a-f]{8}", request_id)
    wanted = {
        "timestamp": LOCAL_NOW,
        "path": path,
        "status": status,
        "error": error,
        "requestId": request_id,
        "errorCode": code,
        "message": message,
    }
    assert_answers(answer, status, wanted)


def shown(params: Mapping[str, Any], dataset_id: str) -> dict[str, Any]:
    return {
        "type": params["type"],
        "name": params["name"],
        "description": params["description"],
        "datasetId": dataset_id,
        "schemaName": params["schemaName"],
        "status": "enable",
        "osInfo": params["osInfo"],
        "connectedService": [],
        "createdDate": LOCAL_NOW,
        "updatedDate": LOCAL_NOW,
    }


@pytest.mark.parametrize(
    ("request_line", "wanted"),
    [
        ("POST /api/v1/datasets", "5Nen95egmtNyMR8ApFIyIqACp9yPoAuqXCCNm213WlE="),
        ("GET /api/v1/datasets", "nsZz2qJxiaKjXDbbxIwMOsykNscj8iFWgdDUmR2WVFo="),
        (
            "GET /api/v1/datasets?offset=0&limit=10",
            "Noe0XhgfDu05NqaXQr7GGrURJE5uQ33/o+P11qLxAC8=",
        ),
        ("DELETE /api/v1/datasets/3vewbw8r9r9", "+/BO+1CGV6ROze0WABX/Hc5tU5gbYzhClNvfICurpqU="),
    ],
)
def test_requests_are_signed_as_documented(request_line: str, wanted: str) -> None:
    method, target = request_line.split(" ")
    assert signature(method, target, "1629528478302") == wanted


def test_a_schema_is_created_and_shown(client: Client) -> None:
    wanted = {**SCHEMA, "createdDate": LOCAL_NOW}
    assert_answers(client.post("/schemas", SCHEMA), 201, wanted)
    assert_answers(client.get("/schemas/movies"), 200, wanted)


def test_a_dataset_is_created_of_a_new_schema_and_shown(client: Client) -> None:
    client.post("/schemas", SCHEMA)
    params = {**DATASET, "schemaName": "movies", "description": ""}
    answer = client.post("/datasets", params)
    dataset_id = answer.json()["datasetId"]
    assert re.fullmatch("[0-9a-z]{11}", dataset_id)
    assert_answers(answer, 201, shown(params, dataset_id))
    assert_answers(client.get(f"/datasets/{dataset_id}"), 200, shown(params, dataset_id))


def test_a_name_that_is_used_is_refused(client: Client) -> None:
    client.post("/datasets", DATASET)
    answer = client.post("/datasets", DATASET)
    assert_the_service_refuses(
        answer,
        400,
        path="/api/datasets",
        error="DUPLICATE_NAME",
        code="BAD_REQUEST",
        message="[item_dataset] is a duplicate name.",
    )


def test_an_unknown_schema_is_refused(client: Client) -> None:
    answer = client.post("/datasets", {**DATASET, "schemaName": "nope"})
    assert_the_service_refuses(
        answer,
        404,
        path="/api/datasets",
        error="NOT_FOUND",
        code="NOT_FOUND",
        message="[nope] does not exist.",
    )


def test_an_unknown_dataset_is_refused(client: Client) -> None:
    answer = client.get("/datasets/zzzzzzzzzzz")
    assert_the_service_refuses(
        answer,
        404,
        path="/api/datasets/zzzzzzzzzzz",
        error="NOT_FOUND",
        code="NOT_FOUND",
        message="[zzzzzzzzzzz] does not exist.",
    )


def test_malformed_json_is_refused(client: Client) -> None:
    answer = client.post("/datasets", b'{"type":')
    assert_the_service_refuses(
        answer,
        400,
        path="/api/datasets",
        error="INVALID_PARAMETER",
        code="BAD_REQUEST",
        message="[body] is not a JSON document.",
    )


def test_the_gateway_refuses_an_unknown_route(client: Client) -> None:
    assert_answers(client.get("/nope?a=b"), 404, NOT_FOUND)


def test_the_gateway_refuses_a_body_that_is_too_large(client: Client) -> None:
    answer = client.post("/datasets", {**DATASET, "description": "d" * 1024 * 1024})
    error = {
        "errorCode": "430",
        "message": "Request Entity Too Large",
        "details": "The body is larger than 1048576 bytes.",
    }
    assert_answers(answer, 413, {"error": error})


def test_what_is_not_emulated_says_so(client: Client) -> None:
    answer = client.get("/services/zzzzzzzzzzz/infers/lookup?type=pop&targetId=1")
    assert_the_service_refuses(
        answer,
        400,
        path="/api/services/zzzzzzzzzzz/infers/lookup",
        error="NOT_EMULATED",
        code="BAD_REQUEST",
        message="[LookUpInference] is not emulated; /_emulator/operations lists what is.",
    )


def test_the_journal_keeps_no_credentials(client: Client, dataset_world: World) -> None:
    client.post("/datasets", DATASET)
    (listed,) = dataset_world.requests.list()
    entry = dataset_world.requests.get(listed["id"])
    kept = {name.lower(): value for name, value in entry["request"]["headers"].items()}
    assert kept["x-ncp-iam-access-key"] == REDACTED
    assert kept["x-ncp-apigw-signature-v2"] == REDACTED
    told = (entry["provider"], entry["operation"], entry["status"])
    assert told == ("aitems", "CreateDataset", 201)
