"""Whose account an AWS signature names, and what the log and the journal say of who signed."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import pytest

from emulator.app import Application
from tests.core.auth.aws_requests import (
    DIALECTS,
    KNOWN,
    MISMATCH,
    SECRET,
    TOKEN,
    WRONG,
    Answer,
    Desk,
    Dialect,
    emulator,
    header,
    rewritten,
)

REAL = "AKIAIOSFODNN7EXAMPLE"
"""Looks like a real one, and is that of the documentation."""
OTHERS = [
    {"id": "210987654321", "secret": SECRET},
    {"id": "210987654322", "secret": SECRET, "account": "333333333333"},
    {"id": "NAMED", "secret": SECRET, "account": "444444444444"},
    {"id": REAL, "secret": SECRET},
]
MISSING = "there is no Authorization"

Grade = Literal["off", "parse", "verify"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[Grade, Application]]:
    """An emulator of each grade."""
    folder = tmp_path_factory.mktemp("sigv4")
    grades: list[Grade] = ["off", "parse", "verify"]
    made = {grade: emulator(folder, [*KNOWN, *OTHERS], auth=grade) for grade in grades}
    yield made
    for application in made.values():
        application.close()


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.service)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    dialect: Dialect = request.param
    return dialect


@pytest.fixture
def desks(running: Mapping[Grade, Application], dialect: Dialect) -> Mapping[Grade, Desk]:
    for application in running.values():
        application.world.reset()
    return {grade: Desk(application=app, dialect=dialect) for grade, app in running.items()}


@pytest.fixture
def desk(desks: Mapping[Grade, Desk]) -> Desk:
    return desks["verify"]


@pytest.fixture
def parsing(desks: Mapping[Grade, Desk]) -> Desk:
    return desks["parse"]


@pytest.fixture
def first(tmp_path: Path, dialect: Dialect) -> Iterator[Desk]:
    """A desk nobody was at before, whose emulator keeps its state in a file."""
    application = emulator(tmp_path, OTHERS, database=f"sqlite:///{tmp_path}/state.db")
    yield Desk(application=application, dialect=dialect)
    application.close()


def owned_by(desk: Desk, account: str) -> Answer:
    """What is answered where something is made in an account."""
    said = desk.dialect.success.replace(b"123456789012", account.encode())
    return desk.dialect.accepted._replace(body=said)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    assert {record.levelno for record in caplog.records} <= {logging.WARNING}
    return [record.getMessage() for record in caplog.records]


def refused(desk: Desk, operation: str, reason: str, grade: str = "verify") -> str:
    flags = f"(--auth {grade} requires credentials, --auth off does not)"
    return f"{desk.dialect.service} {operation} rejected: {reason} {flags}"


@pytest.fixture
def creation(desk: Desk) -> str:
    return {"personalize": "CreateDatasetGroup", "lookoutvision": "CreateProject"}[
        desk.dialect.service
    ]


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("AKIDEXAMPLE", "123456789012"),
        ("210987654321", "210987654321"),
        ("210987654322", "333333333333"),
        ("NAMED", "444444444444"),
        (REAL, "123456789012"),
    ],
)
def test_the_account_is_that_of_the_file_or_twelve_digits(
    desk: Desk, key: str, account: str
) -> None:
    assert desk.but(key=key).ask() == owned_by(desk, account)


def test_nothing_is_proved_where_credentials_are_only_parsed(parsing: Desk) -> None:
    anybody = parsing.but(key="555555555555", secret="any", region="eu-west-1", at="20200101T000000Z")  # fmt: skip
    said = owned_by(parsing, "555555555555").body.replace(b"us-east-1", b"eu-west-1")
    assert anybody.ask() == parsing.dialect.accepted._replace(body=said)


def test_the_file_is_not_believed_where_credentials_are_only_parsed(parsing: Desk) -> None:
    assert parsing.but(key="NAMED", secret="any").ask() == owned_by(parsing, "123456789012")
    assert parsing.but(key="210987654322").ask() == owned_by(parsing, "210987654322")


@pytest.mark.parametrize(
    "without", [{"unsigned": ("host",)}, {"service": "s3"}, {"key": "ASIAEXAMPLE"}]
)
def test_what_is_well_formed_is_enough_where_it_is_only_parsed(
    parsing: Desk, without: dict[str, object]
) -> None:
    assert parsing.but(**without).ask() == parsing.dialect.accepted


def test_what_is_malformed_is_refused_where_it_is_only_parsed(
    parsing: Desk, creation: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert parsing.ask(header("Authorization", None)) == parsing.dialect.refusal(
        "MissingAuthenticationTokenException", "Missing Authentication Token"
    )
    assert messages(caplog) == [refused(parsing, creation, MISSING, "parse")]


def test_nothing_is_asked_for_where_it_is_off(
    desks: Mapping[Grade, Desk], caplog: pytest.LogCaptureFixture
) -> None:
    lax = desks["off"]
    assert lax.ask(header("Authorization", None)) == lax.dialect.accepted
    assert messages(caplog) == []


def test_a_key_that_looks_real_is_warned_about_once(
    first: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    real = first.but(key=REAL)
    assert real.ask() == first.dialect.accepted
    real.but(body=first.dialect.other_body).ask()
    real.but(secret="another").ask()
    warning, *others = messages(caplog)
    assert warning == (
        f"{first.dialect.service}: received credentials that look real; made-up ones are enough here,"
        " and these are not stored"
    )
    assert len(others) == 1
    assert REAL not in caplog.text


@pytest.mark.parametrize("key", ["AKIDEXAMPLE", "AKIAIOSFODNN7EXAMPL", "akiaiosfodnn7example"])
def test_a_made_up_key_is_not_warned_about(
    parsing: Desk, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    parsing.but(key=key).ask()
    assert messages(caplog) == []


def test_a_key_that_looks_real_is_kept_nowhere(first: Desk, tmp_path: Path) -> None:
    real = first.but(key=REAL, headers={"X-Amzn-Client-Token": "mine"})
    real.ask()
    real.ask(rewritten(f"{REAL}/20260401", f"{REAL}/20260401/more"))
    real.but(body=b"", expires=60).ask()
    assert len(list(first.application.world.journal)) == 3
    kept = repr(list(first.application.world.journal))
    assert "AKIA" not in kept
    files = b"".join(file.read_bytes() for file in tmp_path.glob("state.db*"))
    assert b"123456789012" in files
    assert b"AKIA" not in files


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"secret": "sesame"}, "the signature does not match"),
        ({"key": "NOBODY"}, "the access key is unknown"),
        ({"key": "ASIAEXAMPLE"}, "there is no X-Amz-Security-Token"),
        ({"key": "ASIAEXAMPLE", "token": f"{TOKEN}x"}, "the session token does not match"),
        ({"unsigned": ("host",)}, "the header Host is not signed"),
        ({"at": "20260401T070000Z"}, "signed at 20260401T070000Z, but the clock shows 20260401T080000Z"),
    ],
    ids=["signature", "key", "no token", "token", "host", "time"],
)  # fmt: skip
@pytest.mark.parametrize("expires", [None, 60], ids=["header", "query"])
def test_a_refusal_is_logged_with_its_reason_and_without_a_secret(
    *,
    desk: Desk,
    creation: str,
    caplog: pytest.LogCaptureFixture,
    wrong: dict[str, object],
    reason: str,
    expires: int | None,
) -> None:
    asked = desk.but(**wrong, expires=expires, body=b"" if expires else None)
    request = asked.signed()
    asked.send(request)
    assert messages(caplog) == [refused(desk, creation, reason)]
    authorization = request.headers.get("Authorization", request.url)
    signature = authorization.partition("Signature=")[2]
    assert len(signature) == 64
    told = caplog.text + repr(list(desk.application.world.journal))
    assert not [secret for secret in (SECRET, "sesame", TOKEN, signature) if secret in told]


@pytest.mark.parametrize(
    "given", ["hush", "Bearer hush", "Basic aHVzaDpodXNo", "hush Credential=a, SignedHeaders=hush"]
)
def test_what_is_no_signature_is_repeated_to_nobody(
    desk: Desk, caplog: pytest.LogCaptureFixture, given: str
) -> None:
    answer = desk.ask(header("Authorization", given))
    assert answer.status == desk.dialect.refusal(WRONG, MISMATCH).status
    told = caplog.text + repr(list(desk.application.world.journal)) + answer.body.decode()
    assert "rejected: " in caplog.text
    assert not [secret for secret in ("hush", "aHVza") if secret in told]
