"""AWS requests that are signed in the query, and the exact answer in both dialects."""

from __future__ import annotations

import pytest
from botocore.awsrequest import AWSRequest

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from tests.core.auth.aws_requests import (
    INCOMPLETE,
    NOW,
    WITHOUT_BODY,
    WRONG,
    Answer,
    Desk,
    header,
    rewritten,
)

AGAIN = "Re-examine the query-string parameters."


@pytest.fixture(params=WITHOUT_BODY, ids=lambda dialect: dialect.service)
def presigning(request: pytest.FixtureRequest, application: Application) -> Desk:
    return Desk(application=application, dialect=request.param, expires=3600)


def refusal(desk: Desk, code: str, text: str) -> Answer:
    return desk.dialect.refusal(code, text)


@pytest.mark.parametrize("name", ["Credential", "Signature", "SignedHeaders", "Date"])
def test_a_presigned_request_has_all_its_parameters(presigning: Desk, name: str) -> None:
    said = f"AWS query-string parameters must include 'X-Amz-{name}'. {AGAIN}"
    answer = presigning.ask(rewritten(f"X-Amz-{name}=", f"X-Amz-{name}=&X="))
    assert answer == refusal(presigning, INCOMPLETE, said)


def test_all_parameters_that_lack_are_told_at_once(presigning: Desk) -> None:
    def change(request: AWSRequest) -> None:
        request.url = f"{request.url.partition('?')[0]}?X-Amz-Algorithm"

    names = ["Algorithm", "Credential", "Signature", "SignedHeaders", "Date"]
    lacking = "".join(f"AWS query-string parameters must include 'X-Amz-{n}'. " for n in names)
    assert presigning.ask(change) == refusal(presigning, INCOMPLETE, lacking + AGAIN)


def test_another_algorithm_is_not_supported(presigning: Desk) -> None:
    answer = presigning.ask(rewritten("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA25"))
    said = "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA25' (only AWS4-HMAC-SHA256 for now). "
    assert answer == refusal(presigning, INCOMPLETE, said)


def test_without_an_algorithm_nothing_is_signed(presigning: Desk) -> None:
    answer = presigning.ask(rewritten("X-Amz-Algorithm", "X-Amz-Algorith"))
    assert answer == refusal(
        presigning, "MissingAuthenticationTokenException", "Missing Authentication Token"
    )


@pytest.mark.parametrize("expires", [0, 604801, -1, "1e3", "soon", "1.5", "²"])
def test_a_presigned_request_lasts_a_week_at_most(presigning: Desk, expires: int | str) -> None:
    assert presigning.but(expires=expires).ask() == refusal(presigning, INCOMPLETE, AGAIN)


@pytest.mark.parametrize(
    ("expires", "at"), [(604800, "20260325T080000Z"), (1, "20260401T075959Z"), (60, NOW)]
)
def test_a_presigned_request_is_good_until_it_expires(
    presigning: Desk, expires: int, at: str
) -> None:
    assert presigning.but(expires=expires, at=at).ask() == presigning.dialect.accepted


@pytest.mark.parametrize(
    ("expires", "minus"),
    [
        (120, "20260401T080201Z - 2 min."),
        (3600, "20260401T090001Z - 60 min."),
        (604800, "20260408T080001Z - 10080 min."),
    ],
)
def test_a_presigned_request_expires(presigning: Desk, expires: int, minus: str) -> None:
    request = presigning.but(expires=expires).signed()
    presigning.application.world.clock.advance((expires + 1) * SECOND)
    said = f"Signature expired: 20260401T080000Z is now earlier than 20260401T080001Z ({minus})"
    assert presigning.send(request) == refusal(presigning, WRONG, said)


def test_a_presigned_request_of_the_future_is_not_yet_current(presigning: Desk) -> None:
    assert presigning.but(at="20260401T081501Z").ask() == refusal(
        presigning,
        WRONG,
        "Signature not yet current: 20260401T081501Z is still later than 20260401T081500Z"
        " (20260401T080000Z + 15 min.)",
    )


def test_header_and_query_are_not_both_signed(presigning: Desk) -> None:
    assert presigning.ask(header("Authorization", "X")) == refusal(
        presigning,
        WRONG,
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    )
