"""What an AWS signature has to prove, and the exact answer in both dialects where it does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from botocore.awsrequest import AWSRequest

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from tests.core.auth.aws_requests import (
    INCOMPLETE,
    MISMATCH,
    NO_SUCH_KEY,
    NO_SUCH_TOKEN,
    TOKEN,
    UNKNOWN,
    WITHOUT_BODY,
    WRONG,
    Answer,
    Desk,
    header,
    rewritten,
)

HOST = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
SCOPE = "/20260401/us-east-1/"
VENDORS = {
    "personalize": "personalize.us-east-1.amazonaws.com",
    "lookoutvision": "lookoutvision.us-east-1.amazonaws.com",
}

Change = Callable[[AWSRequest], object]


@pytest.fixture(params=[None, 3600], ids=["header", "query"])
def expires(request: pytest.FixtureRequest) -> int | None:
    moment: int | None = request.param
    return moment


@pytest.fixture(params=WITHOUT_BODY, ids=lambda dialect: dialect.service)
def either(request: pytest.FixtureRequest, application: Application, expires: int | None) -> Desk:
    """A desk that signs in the header, or in the query."""
    return Desk(application=application, dialect=request.param, expires=expires)


def refusal(desk: Desk, code: str, text: str) -> Answer:
    return desk.dialect.refusal(code, text)


def test_what_is_signed_right_is_let_in(either: Desk) -> None:
    assert either.ask() == either.dialect.accepted


def test_a_signed_body_is_let_in(desk: Desk) -> None:
    assert desk.ask() == desk.dialect.accepted


# when it was signed


@pytest.mark.parametrize("at", ["20260401T074500Z", "20260401T081500Z"])
def test_a_quarter_of_an_hour_is_not_too_far(desk: Desk, at: str) -> None:
    assert desk.but(at=at).ask() == desk.dialect.accepted


def test_a_second_more_is_stale(desk: Desk) -> None:
    assert desk.but(at="20260401T074459Z").ask() == refusal(
        desk,
        WRONG,
        "Signature expired: 20260401T074459Z is now earlier than 20260401T074500Z"
        " (20260401T080000Z - 15 min.)",
    )


def test_a_second_more_is_not_yet_current(desk: Desk) -> None:
    assert desk.but(at="20260401T081501Z").ask() == refusal(
        desk,
        WRONG,
        "Signature not yet current: 20260401T081501Z is still later than 20260401T081500Z"
        " (20260401T080000Z + 15 min.)",
    )


def test_time_is_that_of_the_emulator_and_its_seconds_are_whole(desk: Desk) -> None:
    request = desk.signed()
    desk.application.world.clock.advance(15 * 60 * SECOND + SECOND - 1)
    assert desk.send(request).status == 200
    desk.application.world.clock.advance(1)
    said = "Signature expired: 20260401T080000Z is now earlier than 20260401T080001Z (20260401T081501Z - 15 min.)"  # fmt: skip
    assert desk.send(request) == refusal(desk, WRONG, said)


# what it is for


def test_another_service_is_out_of_scope(either: Desk) -> None:
    said = f"Credential should be scoped to correct service: '{either.dialect.service}'. "
    assert either.but(service="sagemaker").ask() == refusal(either, WRONG, said)


def test_any_region_will_do_where_the_host_names_none(desk: Desk) -> None:
    answer = desk.but(region="eu-west-1").ask()
    said = desk.dialect.success.replace(b"us-east-1", b"eu-west-1")
    assert answer == desk.dialect.accepted._replace(body=said)


def test_the_region_is_that_of_the_host(desk: Desk) -> None:
    vendors = desk.but(host=VENDORS[desk.dialect.service], prefixed=False)
    assert vendors.ask() == desk.dialect.accepted
    said = "Credential should be scoped to a valid region, not 'eu-west-1'. "
    assert vendors.but(region="eu-west-1").ask() == refusal(desk, WRONG, said)


def test_the_scope_ends_in_its_terminator(desk: Desk) -> None:
    said = "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3'. "
    assert desk.ask(rewritten("aws4_request", "aws3")) == refusal(desk, WRONG, said)


def test_the_scope_has_the_day_of_the_date(desk: Desk) -> None:
    said = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260331' != '20260401', from '20260401T080000Z'."  # fmt: skip
    answer = desk.ask(rewritten(SCOPE, "/20260331/us-east-1/"))
    assert answer == refusal(desk, WRONG, said)


def test_all_that_is_out_of_scope_is_told_at_once(desk: Desk) -> None:
    service = desk.dialect.service
    vendors = desk.but(host=VENDORS[service], prefixed=False)
    assert vendors.ask(rewritten(f"{SCOPE}{service}/aws4_request", "/b/c/d/e")) == refusal(
        desk,
        WRONG,
        "Credential should be scoped to a valid region, not 'c'. "
        f"Credential should be scoped to correct service: '{service}'. "
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. "
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
        "HTTP: 'b' != '20260401', from '20260401T080000Z'.",
    )


# who signed it, and what


def test_an_unknown_key_is_no_client(either: Desk) -> None:
    assert either.but(key="AKIDANOTHER").ask() == refusal(either, UNKNOWN, NO_SUCH_KEY)


def test_another_secret_makes_another_signature(either: Desk) -> None:
    assert either.but(secret="another").ask() == refusal(either, WRONG, MISMATCH)


def test_another_body_has_another_signature(desk: Desk) -> None:
    def change(request: AWSRequest) -> None:
        request.data = desk.dialect.other_body

    assert desk.ask(change) == refusal(desk, WRONG, MISMATCH)


@pytest.mark.parametrize("hashed_by_client", [True, False])
def test_the_hash_of_a_body_is_not_taken_on_trust(desk: Desk, hashed_by_client: bool) -> None:
    """Clients of some languages send the hash in a header, which they sign, too."""
    body = desk.dialect.body if hashed_by_client else desk.dialect.other_body
    told = desk.but(headers={"X-Amz-Content-SHA256": hashlib.sha256(body).hexdigest()})
    wanted = desk.dialect.accepted if hashed_by_client else refusal(desk, WRONG, MISMATCH)
    assert told.ask() == wanted


def test_another_query_has_another_signature(either: Desk) -> None:
    def change(request: AWSRequest) -> None:
        request.url += "&a=b" if "?" in request.url else "?a=b"

    assert either.ask(change) == refusal(either, WRONG, MISMATCH)


def test_another_header_has_another_signature(either: Desk) -> None:
    signing = either.but(headers={"X-Amz-Meta": "a b"})
    assert signing.ask(header("X-Amz-Meta", "  a    b ")) == either.dialect.accepted
    assert signing.ask(header("X-Amz-Meta", "ab")) == refusal(either, WRONG, MISMATCH)


def test_what_is_not_signed_does_not_matter(either: Desk) -> None:
    assert either.ask(header("X-Trace", "1")) == either.dialect.accepted


def test_the_host_must_be_signed(either: Desk) -> None:
    assert either.but(unsigned=("host",)).ask() == refusal(either, WRONG, HOST)


def test_names_of_signed_headers_are_taken_in_any_case(desk: Desk) -> None:
    assert desk.ask(rewritten("host;", "Host;")) == desk.dialect.accepted


# session credentials


def test_a_session_token_is_let_in(either: Desk) -> None:
    assert either.but(key="ASIAEXAMPLE", token=TOKEN).ask() == either.dialect.accepted


@pytest.mark.parametrize(
    ("key", "token"),
    [("ASIAEXAMPLE", "another"), ("ASIAEXAMPLE", TOKEN[:-1]), ("AKIDEXAMPLE", TOKEN)],
)
def test_another_session_token_is_invalid(either: Desk, key: str, token: str) -> None:
    assert either.but(key=key, token=token).ask() == refusal(either, UNKNOWN, NO_SUCH_TOKEN)


@pytest.mark.parametrize("token", [None, ""])
def test_a_temporary_key_without_its_token_is_no_client(either: Desk, token: str | None) -> None:
    session = either.but(key="ASIAEXAMPLE")
    assert session.ask(header("X-Amz-Security-Token", token)) == refusal(
        either, UNKNOWN, NO_SUCH_KEY
    )


def test_credentials_expire_on_the_second(either: Desk) -> None:
    session = either.but(key="LASTSECOND", token=TOKEN)
    assert session.ask() == either.dialect.accepted
    session.application.world.clock.advance(SECOND)
    said = "The security token included in the request is expired"
    assert session.ask() == refusal(either, "ExpiredTokenException", said)


@pytest.mark.parametrize(
    ("wrong", "change", "code", "begins"),
    [
        ({}, rewritten("Signature=", "Signature, X="), INCOMPLETE, "Invalid key=value pair"),
        ({"at": "20200101T000000Z"}, rewritten("SignedHeaders=", "X="), INCOMPLETE, "Authorization header requires"),
        ({"unsigned": ("host",), "at": "20200101T000000Z"}, None, WRONG, "Signature expired: "),
        ({"unsigned": ("host",), "service": "s3"}, None, WRONG, "'Host' or "),
        ({"service": "s3", "key": "AKIDANOTHER"}, None, WRONG, "Credential should be scoped to "),
        ({"key": "ASIAEXAMPLE", "token": "another", "secret": "another"}, None, WRONG, "The request signature "),
        ({"key": "LASTSECOND", "token": "another"}, None, UNKNOWN, NO_SUCH_TOKEN),
    ],
    ids=["pairs before parts", "parts before time", "time before host", "host before scope", "scope before key", "signature before token", "token before expiry"],
)  # fmt: skip
def test_faults_are_told_in_an_order(
    desk: Desk, wrong: dict[str, object], change: Change | None, code: str, begins: str
) -> None:
    asked = desk.but(**wrong)
    request = asked.signed()
    if change:
        change(request)
    if "LASTSECOND" in request.headers["Authorization"]:
        desk.application.world.clock.advance(SECOND)
    answer = asked.send(request)
    document = json.loads(answer.body)
    assert (document.get("__type") or answer.headers["x-amzn-ErrorType"]) == code
    assert document["message"].startswith(begins)
