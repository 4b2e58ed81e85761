"""Whatever is sent, the answer is the provider's JSON error, and nothing stored changes."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.contract.model import Operation
from emulator.core.storage.engine import Selection
from emulator.core.storage.rows import ResourceRow
from emulator.settings import Settings
from tests.contract import catalogue

DEEP = 10_000
BODIES: dict[str, bytes] = {
    "no body": b"",
    "malformed": b'{"name":',
    "not JSON": b"nope",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"5",
    "an empty object": b"{}",
    "two megabytes": b'{"name":"' + b"x" * 2 * 1024 * 1024 + b'"}',
    "deep lists": b'{"name":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "deep and unfinished": b"[" * DEEP,
    "invalid UTF-8": b'{"name":"\xff\xfe"}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"name":"x"}'.encode("utf-16"),
    "lone surrogate": b'{"name":"\\ud800"}',
    "NUL escaped": b'{"name":"a\\u0000b"}',
    "NUL raw": b'{"name":"a\x00b"}',
    "NaN": b'{"name":NaN}',
    "minus infinity": b'{"name":-Infinity}',
    "a huge float": b'{"name":1e400}',
    "a huge integer": b'{"name":' + b"9" * 40 + b"}",
    "an absurd integer": b'{"name":' + b"9" * 5000 + b"}",
    "duplicate keys": b'{"name":1,"name":2}',
    "a boolean name": b'{"name":true}',
    "trailing text": b'{"a":1} x',
}
"""Bodies that are no JSON, or no document of most operations."""

EMULATED = [(name, op) for name, op in catalogue.operations() if op.emulated]
WITH_BODY = [
    pytest.param(name, op, id=f"{name}-{op.name}")
    for name, op in EMULATED
    if op.method in ("POST", "PUT", "PATCH")
]


@pytest.fixture(scope="module")
def application() -> Application:
    return Application(Settings(auth="off", demo=True, strict=True, clock="frozen"))


def everything_stored(application: Application) -> list[ResourceRow]:
    with application.database.transaction() as store:
        return list(store.select("default", Selection()))


def send(application: Application, name: str, operation: Operation, **request: Any) -> TestResponse:
    contract = catalogue.contracts()[name]
    path = re.sub(r"\{\w+\}", "unknown", request.pop("path", operation.path))
    headers = {**contract.seed["example"]["headers"], **request.pop("headers", {})}
    if operation.target:
        headers[contract.protocol["targetHeader"]] = operation.target
    headers = {key: value for key, value in headers.items() if value is not None}
    method = request.pop("method", operation.method)
    return Client(application).open(f"/{name}{path}", method=method, headers=headers, **request)


def assert_refused_in_json(answer: TestResponse, method: str = "POST", sent: object = "") -> None:
    text = answer.get_data(as_text=True)
    assert 400 <= answer.status_code < 500, (sent, text[:500])
    assert "json" in answer.content_type, sent
    if method != "HEAD":
        assert isinstance(json.loads(text), dict), sent
    assert "Traceback" not in text, sent
    assert "<html" not in text.lower(), sent


def fits(operation: Operation, body: bytes) -> bool:
    """Tell whether an operation takes a body as JSON, or takes none and need not read it."""
    if not operation.request.violations({}):
        return True
    try:
        document = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return False
    path = {m.name: "unknown" for m in operation.members if m.location == "path"}
    return not operation.request.violations({**document, **path} if isinstance(document, dict) else document)  # fmt: skip


@pytest.mark.parametrize(("name", "operation"), WITH_BODY)
def test_bad_bodies_are_refused(application: Application, name: str, operation: Operation) -> None:
    """All that its schema does not take; what is refused changes nothing."""
    before = everything_stored(application)
    for sent, body in BODIES.items():
        answer = send(application, name, operation, data=body)
        if answer.status_code == operation.status and fits(operation, body):
            before = everything_stored(application)
        else:
            assert_refused_in_json(answer, sent=sent)
    assert everything_stored(application) == before


@pytest.mark.parametrize(("name", "operation"), WITH_BODY)
def test_a_wrong_content_type_is_refused(
    application: Application, name: str, operation: Operation
) -> None:
    """What the protocol does not take; one that names no types may take any."""
    before = everything_stored(application)
    contract = catalogue.contracts()[name]
    body = json.dumps(contract.seed["example"]["body"])
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "a;;b"):
        headers = {"Content-Type": content_type}
        answer = send(application, name, operation, data=body, headers=headers)
        takes_any = "contentTypes" not in contract.protocol and fits(operation, body.encode())
        if takes_any and answer.status_code == operation.status:
            before = everything_stored(application)
        else:
            assert_refused_in_json(answer, sent=content_type)
    assert everything_stored(application) == before


ABSURD = [
    "", "x", "-1", "0", "1.5", "9" * 30, "9" * 5000, "true", "null", "[]", "%00", "%ff%fe", "%ED%A0%80",
    "%F0%9F%92%A9", "a,,b", "*", "%25", "'", "2026-02-30", "0001-01-01T00:00:00Z", "f47ac10b-58cc",
]  # fmt: skip
"""Values, as a query carries them, that few members take; none may break anything."""


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        pytest.param(name, op, id=f"{name}-{op.name}")
        for name, op in EMULATED
        if any(member.location == "query" for member in op.members)
    ],
)
def test_absurd_queries_are_answered_in_json(
    application: Application, name: str, operation: Operation
) -> None:
    send(application, name, operation)  # the first call plants what every account has
    before = everything_stored(application)
    names = [member.wire_name for member in operation.members if member.location == "query"]
    queries = [f"{name}={value}" for name in names for value in ABSURD]
    queries += ["&".join(f"{name}={value}" for name in names) for value in ABSURD]
    queries += ["&&==&", "%", "=", "&".join(["a=b"] * 500)]
    for query in queries:
        answer = send(application, name, operation, query_string=query)
        text = answer.get_data(as_text=True)
        assert answer.status_code < 500, (query, text[:500])
        assert isinstance(json.loads(text), dict | list), query
    assert everything_stored(application) == before


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PATCH", "PUT", "DELETE", "BREW"])
@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_a_wrong_method_is_refused(application: Application, name: str, method: str) -> None:
    create = catalogue.contracts()[name].operations["CreateDataset"]
    answer = send(application, name, create, method=method, path="/")
    assert_refused_in_json(answer, method)
    if (method, create.path) not in {(op.method, op.path) for _, op in catalogue.operations()}:
        assert_refused_in_json(send(application, name, create, method=method), method)


@pytest.mark.parametrize(
    "path", ["/nope", "/%00", "/%ff%fe", "/a/../b", "//", "/" + "x" * 5000, "/%F0%9F%92%A9"]
)
@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_an_unknown_route_is_refused(application: Application, name: str, path: str) -> None:
    create = catalogue.contracts()[name].operations["CreateDataset"]
    assert_refused_in_json(send(application, name, create, path=path))


@pytest.mark.parametrize(
    "name", [n for n, c in catalogue.contracts().items() if c.seed["example"]["path"] != "/"]
)
def test_a_trailing_slash_is_refused(application: Application, name: str) -> None:
    before = everything_stored(application)
    contract = catalogue.contracts()[name]
    create, body = contract.operations["CreateDataset"], contract.seed["example"]["body"]
    path = f"{contract.seed['example']['path']}/"
    assert_refused_in_json(send(application, name, create, path=path, data=json.dumps(body)))
    assert everything_stored(application) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "x" * 50_000},
        {"Authorization": ","},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=////"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer :"},
        {"Host": "http://127.0.0.1:1"},
        {"Host": "\xff.example"},
        {"Accept": "text/html"},
        {"X-Amzn-Client-Token": "\x7f"},
        {f"X-Header-{number}": "1" for number in range(90)},
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_absurd_headers_change_nothing_about_the_error(
    application: Application, name: str, headers: dict[str, str]
) -> None:
    create = catalogue.contracts()[name].operations["CreateDataset"]
    assert_refused_in_json(send(application, name, create, data=b"{}", headers=headers))


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        pytest.param(name, op, id=f"{name}-{op.name}")
        for name, op in catalogue.operations()
        if not op.emulated
    ],
)
def test_an_operation_that_is_not_emulated_says_so_and_names_the_page(
    application: Application, name: str, operation: Operation
) -> None:
    answer = send(application, name, operation, data=b"{}")
    text = answer.get_data(as_text=True)
    row = catalogue.contracts()[name].row("NotEmulated")
    assert row is not None
    assert answer.status_code == row["status"]
    assert isinstance(json.loads(text), dict)
    assert operation.name in text
    assert "/_emulator/operations" in text
