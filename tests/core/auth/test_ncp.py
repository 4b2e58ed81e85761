"""Signature v2 of NAVER's gateway: what it covers, for how long, and what its refusals say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.dialects.naver import ncp
from emulator.dialects.naver.ncp import NcpSignature
from tests.core.auth.ncp_requests import (
    DATASET,
    EMPTY,
    HEADERS,
    INVALID,
    KEY,
    MISSING,
    NO_ROUTE,
    NOW,
    OTHER_KEY,
    OTHER_SECRET,
    SECRET,
    VECTORS,
    ask,
    assert_answers,
    make,
    signature,
    signed,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Application]]:
    folder = tmp_path_factory.mktemp("ncp")
    made = {grade: make(folder, grade) for grade in ("verify", "parse", "off")}
    yield made
    for application in made.values():
        application.close()


@pytest.fixture(params=["verify"])
def client(request: pytest.FixtureRequest, made: Mapping[str, Application]) -> Client:
    """A client of an emulator of the grade, reset."""
    application = made[request.param]
    application.world.reset()
    return Client(application)


EVERY_GRADE_THAT_ASKS = pytest.mark.parametrize("client", ["verify", "parse"], indirect=True)


def world_of(client: Client) -> Any:
    application: Any = client.application
    return application.world


@pytest.mark.parametrize(("method", "target"), VECTORS)
def test_the_signatures_are_those_of_the_vectors(method: str, target: str) -> None:
    claim = NcpSignature(key=KEY, timestamp=str(NOW), signature="")
    assert ncp.sign(method, target, claim, SECRET) == VECTORS[method, target]
    assert signature(method, target, str(NOW)) == VECTORS[method, target]


def test_the_vectors_are_let_in(client: Client) -> None:
    def vector(method: str, target: str, **body: Any) -> TestResponse:
        values = (str(NOW), KEY, VECTORS[method, target])
        return ask(client, method, target, dict(zip(HEADERS, values, strict=True)), **body)

    assert_answers(vector("GET", "/api/v1/datasets"), 200, EMPTY)
    page = vector("GET", "/api/v1/datasets?offset=0&limit=10")
    assert_answers(page, 200, {**EMPTY, "limit": 10})
    created = vector("POST", "/api/v1/datasets", json=DATASET)
    dataset = created.get_json()
    assert re.fullmatch("[0-9a-z]{11}", dataset["datasetId"])
    wanted = {
        "type": "item",
        "name": "item_dataset",
        "description": "abc",
        "datasetId": dataset["datasetId"],
        "schemaName": "test_item",
        "status": "enable",
        "osInfo": DATASET["osInfo"],
        "connectedService": [],
        "createdDate": "2021-08-21T15:47:58.302",
        "updatedDate": "2021-08-21T15:47:58.302",
    }
    assert_answers(created, 201, wanted)
    unknown = vector("DELETE", "/api/v1/datasets/3vewbw8r9r9")
    wanted = {
        "timestamp": "2021-08-21T15:47:58.302",
        "path": "/api/datasets/3vewbw8r9r9",
        "status": 404,
        "error": "NOT_FOUND",
        "requestId": unknown.get_json()["requestId"],
        "errorCode": "NOT_FOUND",
        "message": "[3vewbw8r9r9] does not exist.",
    }
    assert_answers(unknown, 404, wanted)


@EVERY_GRADE_THAT_ASKS
@pytest.mark.parametrize("left", [(), *[(name,) for name in HEADERS], *[tuple(n for n in HEADERS if n != name) for name in HEADERS]])  # fmt: skip
@pytest.mark.parametrize("emptied", [False, True], ids=["left out", "empty"])
def test_a_header_of_the_three_that_is_missing_is_missed(
    client: Client, left: tuple[str, ...], emptied: bool
) -> None:
    headers = signed("GET", "/api/v1/datasets")
    sent = {name: headers[name] for name in left}
    if emptied:
        sent |= {name: "" for name in HEADERS if name not in left}
    assert_answers(ask(client, "GET", "/api/v1/datasets", sent), 401, MISSING)


def test_an_altered_signature_is_refused(client: Client) -> None:
    headers = signed("GET", "/api/v1/datasets")
    right = headers[HEADERS[2]]
    for index, letter in enumerate(right):
        other = right[:index] + ("A" if letter != "A" else "B") + right[index + 1 :]
        answer = ask(client, "GET", "/api/v1/datasets", {**headers, HEADERS[2]: other})
        assert_answers(answer, 401, INVALID)
    for other in (right.rstrip("="), f"{right}=", right.swapcase(), "unsigned", "\xe9"):
        answer = ask(client, "GET", "/api/v1/datasets", {**headers, HEADERS[2]: other})
        assert_answers(answer, 401, INVALID)


def test_another_method_time_key_or_secret_is_not_what_was_signed(client: Client) -> None:
    target = "/api/v1/datasets"
    right = signed("GET", target)
    for wrong in (
        signed("POST", target),
        signed("get", target),
        {**right, HEADERS[0]: str(NOW + 1)},
        {**right, HEADERS[0]: f"0{NOW}"},
        {**right, HEADERS[1]: OTHER_KEY},
        {**right, HEADERS[1]: KEY.lower()},
        signed("GET", target, secret=OTHER_SECRET),
        signed("GET", target, secret=SECRET + "\n"),
        signed("GET", target, key="nobody"),
        signed("GET", target, key="of-another"),
        signed("GET", target, key="emulator", secret="emulator"),
    ):
        assert_answers(ask(client, "GET", target, wrong), 401, INVALID)
    assert_answers(ask(client, "GET", target, right), 200, EMPTY)


@pytest.mark.parametrize("ahead", [-1, 1], ids=["behind", "ahead"])
def test_a_timestamp_of_five_minutes_is_too_far_from_the_clock(client: Client, ahead: int) -> None:
    def at(milliseconds: int) -> TestResponse:
        headers = signed("GET", "/api/v1/datasets", NOW + ahead * milliseconds)
        return ask(client, "GET", "/api/v1/datasets", headers)

    assert_answers(at(299_999), 200, EMPTY)
    assert_answers(at(300_000), 401, INVALID)
    assert_answers(at(360_000), 401, INVALID)


def test_a_request_grows_stale_on_the_clock_of_the_emulator(client: Client) -> None:
    headers = signed("GET", "/api/v1/datasets")
    world_of(client).clock.advance(299_999_999)
    assert_answers(ask(client, "GET", "/api/v1/datasets", headers), 200, EMPTY)
    world_of(client).clock.advance(1)
    assert_answers(ask(client, "GET", "/api/v1/datasets", headers), 401, INVALID)


def test_a_timestamp_in_seconds_is_refused(client: Client) -> None:
    for at in (NOW // 1000, NOW * 1000):
        answer = ask(client, "GET", "/api/v1/datasets", signed("GET", "/api/v1/datasets", at))
        assert_answers(answer, 401, INVALID)


@EVERY_GRADE_THAT_ASKS
@pytest.mark.parametrize("text", [f"{NOW}.0", f"-{NOW}", f"+{NOW}", "1.6e12", "0x17b67f0a5de", f"{NOW}L", "now", "\xb2", "1" * 17])  # fmt: skip
def test_a_timestamp_that_is_no_number_of_milliseconds_is_invalid(
    client: Client, text: str
) -> None:
    answer = ask(client, "GET", "/api/v1/datasets", signed("GET", "/api/v1/datasets", text))
    assert_answers(answer, 401, INVALID)


def test_the_query_is_signed(client: Client) -> None:
    target, bare = "/api/v1/datasets?limit=1", "/api/v1/datasets"
    assert_answers(ask(client, "GET", target, signed("GET", bare)), 401, INVALID)
    assert_answers(ask(client, "GET", target, signed("GET", target)), 200, {**EMPTY, "limit": 1})
    assert_answers(ask(client, "GET", bare, signed("GET", target)), 401, INVALID)


@pytest.mark.parametrize(
    ("sent", "other"),
    [
        ("/api/v1/datasets?limit=%31", "/api/v1/datasets?limit=1"),
        ("/api/v1/datasets?limit=1&x=a+b", "/api/v1/datasets?limit=1&x=a%20b"),
        ("/api/v1/datasets?limit=1&x=a%20b", "/api/v1/datasets?limit=1&x=a b"),
        ("/api/v1/datasets?limit=1&x=a%2Bb", "/api/v1/datasets?limit=1&x=a+b"),
        ("/api/v1/datasets?limit=1&x=%7E", "/api/v1/datasets?limit=1&x=~"),
        ("/api/v1/datasets?limit=1&x=~", "/api/v1/datasets?limit=1&x=%7E"),
        ("/api/v1/datasets?limit=1&x=%c3%a9", "/api/v1/datasets?limit=1&x=%C3%A9"),
        ("/api/v1/datasets?x=1&limit=1&a=2", "/api/v1/datasets?a=2&limit=1&x=1"),
        ("/api/v1/datasets?limit=1&&x", "/api/v1/datasets?limit=1&x="),
        ("/api/v1/datasets?limit=1&a=b?c=/d", "/api/v1/datasets?limit=1&a=b%3Fc=%2Fd"),
        ("/api/v1/%64atasets?limit=1", "/api/v1/datasets?limit=1"),
    ],
)
def test_the_target_is_signed_as_it_was_sent(client: Client, sent: str, other: str) -> None:
    page = {**EMPTY, "limit": 1}
    assert_answers(ask(client, "GET", sent, signed("GET", sent)), 200, page)
    assert_answers(ask(client, "GET", sent, signed("GET", other)), 401, INVALID)


def test_a_path_is_signed_as_it_was_sent(client: Client) -> None:
    for sent, other in (
        ("/api/v1/datasets/%7Ea%20b", "/api/v1/datasets/~a%20b"),
        ("/api/v1/datasets/~a+b", "/api/v1/datasets/~a%2Bb"),
    ):
        assert ask(client, "GET", sent, signed("GET", sent)).status_code == 404
        assert_answers(ask(client, "GET", sent, signed("GET", other)), 401, INVALID)


def test_a_prefix_may_be_signed_or_not(client: Client) -> None:
    target, prefixed = "/api/v1/datasets?limit=1", "/aitems/api/v1/datasets?limit=1"
    page = {**EMPTY, "limit": 1}
    for way in (target, prefixed):
        for signs in {target, way}:
            answer = client.get(way, headers=signed("GET", signs))
            assert_answers(answer, 200, page)
    assert_answers(client.get(target, headers=signed("GET", prefixed)), 401, INVALID)
    for signs in ("/coactive/api/v1/datasets?limit=1", "/aitems/aitems/api/v1/datasets?limit=1"):
        assert_answers(client.get(prefixed, headers=signed("GET", signs)), 401, INVALID)


def test_a_lone_question_mark_may_be_signed(client: Client) -> None:
    for way in ("/api/v1/datasets", "/aitems/api/v1/datasets"):
        answer = client.get(way, headers=signed("GET", "/api/v1/datasets?"))
        assert_answers(answer, 200, EMPTY)


def test_neither_the_body_nor_the_host_is_signed(client: Client) -> None:
    headers = {**signed("POST", "/api/v1/datasets"), "Host": "aitems.apigw.ntruss.com"}
    assert client.post("/api/v1/datasets", headers=headers, json=DATASET).status_code == 201
    other = {**DATASET, "name": "another"}
    assert ask(client, "POST", "/api/v1/datasets", headers, json=other).status_code == 201


def test_the_case_of_header_names_does_not_matter(client: Client) -> None:
    headers = {name.upper(): text for name, text in signed("GET", "/api/v1/datasets").items()}
    assert_answers(ask(client, "GET", "/api/v1/datasets", headers), 200, EMPTY)


@EVERY_GRADE_THAT_ASKS
def test_a_route_that_is_none_is_refused_before_credentials_are_asked_for(client: Client) -> None:
    for method, target in (
        ("GET", "/api/v1/nope"),
        ("GET", "/datasets"),
        ("PATCH", "/api/v1/datasets/3vewbw8r9r9"),
    ):
        for headers in ({}, signed(method, target), {**signed(method, target), HEADERS[2]: "x"}):
            assert_answers(ask(client, method, target, headers), 404, NO_ROUTE)


def test_credentials_are_asked_for_before_the_body_is_read(client: Client) -> None:
    wrong = signed("POST", "/api/v1/datasets", secret=OTHER_SECRET)
    right = signed("POST", "/api/v1/datasets")
    for status, body in ((400, b'{"type":'), (400, b""), (400, b"\xff"), (413, b"x" * 2_000_000)):
        answer = ask(client, "POST", "/api/v1/datasets", {}, data=body)
        assert_answers(answer, 401, MISSING)
        answer = ask(client, "POST", "/api/v1/datasets", wrong, data=body)
        assert_answers(answer, 401, INVALID)
        answer = ask(client, "POST", "/api/v1/datasets", right, data=body)
        assert answer.status_code == status


def test_credentials_expire(client: Client) -> None:
    def ask_now() -> TestResponse:
        at = world_of(client).clock.now() // 1000
        headers = signed("GET", "/api/v1/datasets", at, OTHER_KEY, OTHER_SECRET)
        return ask(client, "GET", "/api/v1/datasets", headers)

    world_of(client).clock.advance(697_999)
    assert_answers(ask_now(), 200, EMPTY)
    world_of(client).clock.advance(1)
    assert_answers(ask_now(), 401, INVALID)


@pytest.mark.parametrize("client", ["parse"], indirect=True)
def test_where_it_is_not_verified_any_signature_of_any_time_does(client: Client) -> None:
    for values in (("1", "nobody", "unsigned"), (str(NOW), KEY, "AAAA")):
        headers = dict(zip(HEADERS, values, strict=True))
        assert_answers(ask(client, "GET", "/api/v1/datasets", headers), 200, EMPTY)


@pytest.mark.parametrize("client", ["off"], indirect=True)
def test_where_nothing_is_asked_for_nothing_is_looked_at(client: Client) -> None:
    for values in ((), ("soon",), ("", "", "")):
        headers = dict(zip(HEADERS, values, strict=False))
        assert_answers(ask(client, "GET", "/api/v1/datasets", headers), 200, EMPTY)
