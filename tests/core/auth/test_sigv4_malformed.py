"""An AWS signature in the header that is missing or malformed, and the exact answer in both dialects."""

from __future__ import annotations

import base64
import hashlib

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from tests.core.auth.aws_requests import (
    INCOMPLETE,
    Answer,
    Desk,
    header,
    rewritten,
)

CREDENTIAL = "requires 'Credential' parameter"
SIGNATURE = "requires 'Signature' parameter"
HEADERS = "requires 'SignedHeaders' parameter"
DATE = "requires existence of either a 'X-Amz-Date' or a 'Date' header"


def refusal(desk: Desk, code: str, text: str) -> Answer:
    return desk.dialect.refusal(code, text)


def requires(said: list[str], given: str) -> str:
    """Say what `Authorization` lacks, with a hash in the place of what was given."""
    sentences = " ".join(f"Authorization header {sentence}." for sentence in said)
    return f"{sentences} (Hashed with SHA-256 and encoded with Base64) Authorization={hashed(given)}"  # fmt: skip


def hashed(given: str) -> str:
    return base64.b64encode(hashlib.sha256(given.encode()).digest()).decode()


@pytest.mark.parametrize("given", [None, ""])
def test_without_authorization_the_token_is_missing(desk: Desk, given: str | None) -> None:
    answer = desk.ask(header("Authorization", given))
    assert answer == refusal(
        desk, "MissingAuthenticationTokenException", "Missing Authentication Token"
    )


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ("X", [CREDENTIAL, SIGNATURE, HEADERS]),
        ("AWS4-HMAC-SHA256", [CREDENTIAL, SIGNATURE, HEADERS]),
        ("AWS4-HMAC-SHA256 Signature=b, SignedHeaders=host", [CREDENTIAL]),
        ("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host", [SIGNATURE]),
        ("AWS4-HMAC-SHA256 Signature=b Credential=a", [HEADERS]),
        ("AWS4-HMAC-SHA256 Signature=b,Credential=a", [HEADERS]),
        ("AWS4-HMAC-SHA256 Signature=b, Credential=", [CREDENTIAL, HEADERS]),
    ],
)
def test_every_part_that_lacks_is_told_in_one_order(
    desk: Desk, given: str, lacking: list[str]
) -> None:
    answer = desk.ask(header("Authorization", given))
    assert answer == refusal(desk, INCOMPLETE, requires(lacking, given))


def test_a_date_that_lacks_is_told_last(desk: Desk) -> None:
    def change(request: AWSRequest) -> None:
        header("X-Amz-Date", None)(request)
        header("Authorization", "X")(request)

    said = requires([CREDENTIAL, SIGNATURE, HEADERS, DATE], "X")
    assert desk.ask(change) == refusal(desk, INCOMPLETE, said)


def test_a_date_may_be_all_that_lacks(desk: Desk) -> None:
    request = desk.signed()
    header("X-Amz-Date", None)(request)
    said = requires([DATE], request.headers["Authorization"])
    assert desk.send(request) == refusal(desk, INCOMPLETE, said)


def test_date_serves_where_there_is_no_x_amz_date(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def date(_: object, request: AWSRequest) -> None:
        request.headers["Date"] = request.context["timestamp"]

    monkeypatch.setattr(SigV4Auth, "_set_necessary_date_headers", date)
    assert desk.ask() == desk.dialect.accepted


@pytest.mark.parametrize(
    "given",
    [
        "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
        "AWS4-HMAC-SHA256 Credential, SignedHeaders=host, Signature=b",
        "AWS4-HMAC-SHA256 Credential= AKIDEXAMPLE/20260401/us-east-1/personalize/aws4_request",
    ],
)
def test_a_part_without_an_equal_sign_is_told_first(desk: Desk, given: str) -> None:
    answer = desk.ask(header("Authorization", given))
    assert answer == refusal(
        desk,
        INCOMPLETE,
        "Invalid key=value pair (missing equal-sign) in Authorization header"
        f" (hashed with SHA-256 and encoded with Base64): '{hashed(given)}'.",
    )


def test_another_algorithm_is_not_supported(desk: Desk) -> None:
    answer = desk.ask(rewritten("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA25"))
    said = "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "
    assert answer == refusal(desk, INCOMPLETE, said)


@pytest.mark.parametrize(
    "given",
    [
        "AKIDEXAMPLE",
        "AKIDEXAMPLE/20260401/us-east-1/personalize",
        "AKID/EXAMPLE/20260401/us-east-1/personalize/aws4_request",
        "/20260401/us-east-1/personalize/aws4_request",
    ],
)
def test_a_credential_has_five_elements(desk: Desk, given: str) -> None:
    right = f"AKIDEXAMPLE/20260401/us-east-1/{desk.dialect.service}/aws4_request"
    answer = desk.ask(rewritten(f"Credential={right}", f"Credential={given}"))
    assert answer == refusal(
        desk,
        INCOMPLETE,
        "Credential must have exactly 5 slash-delimited elements, e.g."
        f" keyid/date/region/service/term, got '{given}'",
    )


def test_slashes_at_the_end_of_a_credential_do_not_count(desk: Desk) -> None:
    assert desk.ask(rewritten("/aws4_request,", "/aws4_request//,")) == desk.dialect.accepted


@pytest.mark.parametrize(
    "given",
    [
        "201",
        "2026-04-01T08:00:00Z",
        "20260401T080000",
        "20260431T080000Z",
        "20260401T086000Z",
        "Wed, 01 Apr 2026 08:00:00 GMT",
    ],
)
@pytest.mark.parametrize("name", ["X-Amz-Date", "Date"])
def test_a_date_has_the_basic_format(desk: Desk, name: str, given: str) -> None:
    def change(request: AWSRequest) -> None:
        header("X-Amz-Date", None)(request)
        header(name, given)(request)

    said = f"Date must be in ISO-8601 'basic format'. Got '{given}'. See http://en.wikipedia.org/wiki/ISO_8601"  # fmt: skip
    assert desk.ask(change) == refusal(desk, INCOMPLETE, said)
