"""AiTEMS by hand-written HTTP, signed, at a server that verifies what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.project.served import Served, served

KEY, SECRET = "TESTACCESSKEY0000001", "TESTSECRETKEY000000000000000000000000001"
VECTORS = {
    ("POST", "/api/v1/datasets"): "5Nen95egmtNyMR8ApFIyIqACp9yPoAuqXCCNm213WlE=",
    ("GET", "/api/v1/datasets"): "nsZz2qJxiaKjXDbbxIwMOsykNscj8iFWgdDUmR2WVFo=",
    ("GET", "/api/v1/datasets?offset=0&limit=10"): "Noe0XhgfDu05NqaXQr7GGrURJE5uQ33/o+P11qLxAC8=",
    ("DELETE", "/api/v1/datasets/3vewbw8r9r9"): "+/BO+1CGV6ROze0WABX/Hc5tU5gbYzhClNvfICurpqU=",
}
STATUSES = [201, 200, 200, 404]
VECTORS_ARE_OF, IN_MILLISECONDS = "2021-08-21T06:47:58.302Z", "1629528478302"
DATASET = {
    "type": "item",
    "name": "item_dataset",
    "description": "abc",
    "schemaName": "test_item",
    "osInfo": {"region": "KR", "bucket": "aitems-820431800", "key": "bookmarks-items.csv"},
}
UNREAD = {"server", "date", "content-length", "connection"}
"""Headers that belong to the server and the connection."""


def refusal(details: str) -> dict[str, Any]:
    return {
        "error": {"errorCode": "200", "message": "Authentication Failed", "details": details},
    }


MISSING = refusal("Authentication information are missing.")
INVALID = refusal("Invalid authentication information.")


def headers_for(
    method: str, target: str, *, key: str = KEY, secret: str = SECRET, behind: float = 0
) -> dict[str, str]:
    """Sign by the rule of the vendor's page, with the time of the client's own clock."""
    timestamp = str(int((time.time() - behind) * 1000))
    text = f"{method} {target}\n{timestamp}\n{key}"
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return {
        "x-ncp-apigw-timestamp": timestamp,
        "x-ncp-iam-access-key": key,
        "x-ncp-apigw-signature-v2": base64.b64encode(mac).decode(),
    }


class Signed(requests.auth.AuthBase):
    """Signs path and query of a request, as clients do."""

    def __init__(self, **changes: Any) -> None:
        self.changes = changes

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = urlsplit(str(request.url))
        target = f"{url.path}?{url.query}" if url.query else url.path
        request.headers.update(headers_for(str(request.method), target, **self.changes))
        return request


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("signed") / "credentials.json"
    pair = {"provider": "aitems", "id": KEY, "secret": SECRET}
    file.write_text(json.dumps({"credentials": [pair]}))
    arguments = ["--port", "0", "--demo", "--strict", "--auth", "verify"]
    with served(*arguments, "--credentials", str(file)) as emulator:
        yield emulator


@pytest.fixture
def base(server: Served) -> str:
    """The URL of a server that was reset."""
    control(server.base, "POST", "/reset", {})
    return server.base


def control(base: str, method: str, path: str, document: object) -> None:
    answer = requests.request(method, f"{base}/_emulator{path}", json=document, timeout=10)
    assert answer.status_code == 200, answer.text


def assert_answers(answer: requests.Response, status: int, wanted: object) -> None:
    """Compare status, headers, and the body as it was written, in the order of its members."""
    assert (answer.status_code, answer.text) == (status, json.dumps(wanted, separators=(",", ":")))
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in UNREAD}
    assert {name.lower(): value for name, value in headers.items()} == {
        "content-type": "application/json"
    }


@pytest.mark.parametrize("prefix", ["/aitems", ""])
def test_a_client_that_signs_takes_a_dataset_through_its_life(base: str, prefix: str) -> None:
    with requests.Session() as session:
        session.trust_env = False
        session.auth = Signed()
        datasets = f"{base}{prefix}/api/v1/datasets"
        created = session.post(datasets, json=DATASET)
        dataset = created.json()
        wanted = {
            **{name: DATASET[name] for name in ("type", "name", "description")},
            "datasetId": dataset["datasetId"],
            "schemaName": "test_item",
            "status": "enable",
            "osInfo": DATASET["osInfo"],
            "connectedService": [],
            "createdDate": dataset["createdDate"],
            "updatedDate": dataset["createdDate"],
        }
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", dataset["createdDate"])
        assert_answers(created, 201, wanted)
        one = f"{datasets}/{dataset['datasetId']}"
        assert_answers(session.get(one, params={"a b": "c+d~/é", "e": ""}), 200, wanted)
        page = session.get(datasets, params={"limit": 1, "offset": 0})
        assert [each["datasetId"] for each in page.json()["datasets"]] == [dataset["datasetId"]]
        assert session.put(one, json={"content": "new"}).json()["description"] == "new"
        assert_answers(session.delete(one), 200, {"result": "ok"})
        assert session.get(one).status_code == 404


@pytest.mark.parametrize("prefix", ["/aitems", ""])
@pytest.mark.parametrize(
    "changes",
    [{"secret": SECRET[::-1]}, {"key": KEY[::-1]}, {"behind": 310}, {"behind": -310}],
    ids=str,
)
def test_a_client_that_signs_otherwise_is_refused(
    base: str, prefix: str, changes: dict[str, Any]
) -> None:
    url = f"{base}{prefix}/api/v1/datasets"
    answer = requests.post(url, json=DATASET, auth=Signed(**changes), timeout=10)
    assert_answers(answer, 401, INVALID)


def test_a_client_that_does_not_sign_is_refused(base: str) -> None:
    url = f"{base}/aitems/api/v1/datasets"
    assert_answers(requests.post(url, json=DATASET, timeout=10), 401, MISSING)
    headers = headers_for("POST", "/api/v1/datasets")
    for name in headers:
        left = {other: text for other, text in headers.items() if other != name}
        answer = requests.post(url, json=DATASET, headers=left, timeout=10)
        assert_answers(answer, 401, MISSING)


@pytest.mark.parametrize("prefix", ["/aitems", ""])
def test_the_vectors_are_let_in_at_their_time(base: str, prefix: str) -> None:
    control(base, "PUT", "/clock", {"mode": "frozen", "now": VECTORS_ARE_OF})
    statuses = []
    for (method, target), signature in VECTORS.items():
        headers = {
            "x-ncp-apigw-timestamp": IN_MILLISECONDS,
            "x-ncp-iam-access-key": KEY,
            "x-ncp-apigw-signature-v2": signature,
        }
        body = DATASET if method == "POST" else None
        url = f"{base}{prefix}{target}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        statuses.append(answer.status_code)
    assert statuses == STATUSES


def test_a_clock_that_is_advanced_leaves_clients_behind(base: str) -> None:
    url = f"{base}/aitems/api/v1/datasets"
    empty = {"datasets": [], "offset": 0, "limit": 1000}
    control(base, "POST", "/clock/advance", {"seconds": 310})
    assert_answers(requests.get(url, auth=Signed(), timeout=10), 401, INVALID)
    assert_answers(requests.get(url, auth=Signed(behind=-310), timeout=10), 200, empty)


D = "/api/v1/datasets"
AS_SENT = [
    f"{D}?",
    f"{D}?limit=1&offset=0",
    f"{D}?offset=0&limit=%31",
    f"{D}?limit=1&x=a+b",
    f"{D}?limit=1&x=%7E&y=~",
    f"{D}?limit=1&x=%2f%2F/",
    f"{D}?&&limit=1&",
    f"{D}?limit=1&a=b?c=d",
    "/api/v1/%64atasets?limit=1",
    f"/aitems{D}",
    f"/aitems{D}?",
    f"/aitems{D}?limit=1&x=%7e",
    f"/%61items{D}",
]
OTHERWISE = [
    (f"{D}?limit=1&offset=0", f"{D}?offset=0&limit=1"),
    (f"{D}?limit=%31", f"{D}?limit=1"),
    (f"{D}?x=a+b", f"{D}?x=a%20b"),
    (f"{D}?x=%7E", f"{D}?x=~"),
    (f"{D}?x=%2f", f"{D}?x=%2F"),
    ("/api/v1/%64atasets", D),
    (f"{D}?limit=1", D),
    (D, f"{D}?limit=1"),
    (D, f"/aitems{D}"),
    (f"/aitems{D}", f"/aitem{D}"),
]


def first_line(base: str, target: str, signs: str) -> str:
    """Send a target as it stands, and give the first line of the answer."""
    host, port = base.removeprefix("http://").split(":")
    lines = [f"GET {target} HTTP/1.1", "Host: h", "Connection: close"]
    lines += [f"{name}: {text}" for name, text in headers_for("GET", signs).items()]
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return answer.partition(b"\r\n")[0].decode()


def test_a_target_is_what_stands_in_the_first_line(base: str) -> None:
    refused = {
        target: line
        for target in AS_SENT
        if (line := first_line(base, target, target)) != "HTTP/1.1 200 OK"
    }
    assert refused == {}
    proxied = f"http://aitems.apigw.ntruss.com{D}?limit=1"
    assert first_line(base, proxied, f"{D}?limit=1") == "HTTP/1.1 200 OK"
    assert first_line(base, f"/aitems{D}?limit=1", f"{D}?limit=1") == "HTTP/1.1 200 OK"


def test_another_way_to_write_a_target_is_another_target(base: str) -> None:
    let_in = [
        (target, signs)
        for target, signs in OTHERWISE
        if first_line(base, target, signs) != "HTTP/1.1 401 Unauthorized"
    ]
    assert let_in == []
