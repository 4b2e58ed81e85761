"""Whom `--auth verify` lets in, what is wrong with a credentials file, and what the log says."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.http.auth.keyring import Credential, CredentialsError, Keyring, keyrings
from emulator.core.primitives.clock import from_iso
from emulator.settings import SettingError, Settings
from tests.core.auth import bearer_requests, ncp_requests

NAMES = ["personalize", "lookoutvision", "pai", "aitems", "coactive"]
SECRET = "hush-hush"
PAIR = {"provider": "aitems", "id": "key-1", "secret": SECRET}
REAL = "ncp_iam_" + "BPAMKR" + "x" * 14


def read(folder: Path, *entries: object) -> dict[str, Keyring]:
    file = folder / "credentials.json"
    file.write_text(json.dumps({"credentials": entries}))
    return dict(keyrings(str(file), NAMES))


def knows(held: dict[str, Keyring], key: str) -> list[str]:
    """List the providers that know an id."""
    return [name for name, keyring in held.items() if keyring.find(key)]


def test_without_a_file_everybodys_pair_is_known_and_no_other() -> None:
    held = keyrings(None, NAMES)
    assert {name: keyring.find("emulator") for name, keyring in held.items()} == {
        name: Credential(id="emulator", secret="emulator") for name in NAMES
    }
    for keyring in held.values():
        assert (keyring.find(""), keyring.find("Emulator"), keyring.find_by_token("emulator")) == (None,) * 3  # fmt: skip


def test_a_file_takes_the_place_of_everybodys_pair(tmp_path: Path) -> None:
    held = read(tmp_path)
    assert knows(held, "emulator") == []
    assert list(held) == NAMES


@pytest.mark.parametrize(
    ("provider", "owners"),
    [("*", NAMES), ("pai", ["pai"]), (["pai"], ["pai"]), (["coactive", "aitems"], ["aitems", "coactive"])],
    ids=str,
)  # fmt: skip
def test_credentials_are_of_one_provider_of_several_or_of_all(
    tmp_path: Path, provider: object, owners: list[str]
) -> None:
    assert knows(read(tmp_path, {**PAIR, "provider": provider}), "key-1") == owners


def test_an_id_may_be_known_to_several_with_another_secret_each(tmp_path: Path) -> None:
    held = read(tmp_path, PAIR, {**PAIR, "provider": "coactive", "secret": "other"})
    secrets = [held[name].find("key-1") for name in ("aitems", "coactive")]
    assert [found and found.secret for found in secrets] == [SECRET, "other"]


def test_an_entry_says_all_there_is_to_a_credential(tmp_path: Path) -> None:
    more = {"token": "t", "account": "a", "world": "w", "expires": "2026-04-01T09:00:00Z"}
    held = read(tmp_path, {**PAIR, **more})
    until = from_iso("2026-04-01T09:00:00Z")
    wanted = Credential(id="key-1", secret=SECRET, token="t", account="a", world="w", expires=until)
    assert held["aitems"].find("key-1") == wanted
    assert [wanted.is_expired(now) for now in (0, until - 1, until, until + 1)] == [
        False,
        False,
        True,
        True,
    ]
    assert not Credential(id="key-1", secret=SECRET).is_expired(until)


def test_a_token_is_found_whole(tmp_path: Path) -> None:
    held = read(tmp_path, {**PAIR, "token": "tok"}, {**PAIR, "id": "key-2"})["aitems"]
    found = held.find_by_token("tok")
    assert found is not None
    assert found.id == "key-1"
    for other in ("", "to", "tokk", "TOK", SECRET, "\ud800", "\xe9"):
        assert held.find_by_token(other) is None


def test_a_credential_does_not_print_its_secrets() -> None:
    assert repr(Credential(id="key-1", secret=SECRET, token="tok")) == (
        "Credential(id='key-1', account=None, world=None, expires=None)"
    )


LISTED = ", ".join(NAMES)
FAULTS: list[tuple[str, object, str]] = [
    ("no JSON", f'{{"credentials": "{SECRET}', ": is not JSON in UTF-8"),
    ("nothing", "", ": is not JSON in UTF-8"),
    ("deep", "[" * 100_000, ": is not JSON in UTF-8"),
    ("NaN", [{**PAIR, "id": float("nan")}], ": is not JSON in UTF-8"),
    ("half a character", [{**PAIR, "secret": "\ud800"}], ": is not JSON in UTF-8"),
    ("a list", f'["{SECRET}"]', ": /: breaks type"),
    ("a text", f'"{SECRET}"', ": /: breaks type"),
    ("no list", "{}", ": /credentials: breaks required"),
    ("an object", {"id": SECRET}, ": /credentials: breaks type"),
    ("another member", f'{{"credentials": [], "{SECRET}": 1}}', ": /: breaks additionalProperties"),
    ("a text in it", [SECRET], ": /credentials/0: breaks type"),
    ("no provider", [{"id": SECRET, "secret": SECRET}], ": /credentials/0/provider: breaks required"),
    ("no id", [{"provider": "*", "secret": SECRET}], ": /credentials/0/id: breaks required"),
    ("no secret", [{"provider": "*", "id": SECRET}], ": /credentials/0/secret: breaks required"),
    ("empty id", [{**PAIR, "id": ""}], ": /credentials/0/id: breaks minLength"),
    ("empty secret", [{**PAIR, "secret": ""}], ": /credentials/0/secret: breaks minLength"),
    ("empty token", [{**PAIR, "token": ""}], ": /credentials/0/token: breaks minLength"),
    ("null secret", [{**PAIR, "secret": None}], ": /credentials/0/secret: breaks type"),
    ("unknown member", [PAIR, {**PAIR, SECRET: 1}], ": /credentials/1: breaks additionalProperties"),
    ("unknown provider", [{**PAIR, "provider": SECRET}], f": /credentials/0/provider: must be one of {LISTED}"),
    ("one unknown of two", [{**PAIR, "provider": ["pai", SECRET]}], f": /credentials/0/provider: must be one of {LISTED}"),
    ("several lines", [{**PAIR, "provider": "pai\naitems"}], f": /credentials/0/provider: must be one of {LISTED}"),
    ("a star among others", [{**PAIR, "provider": ["*"]}], f": /credentials/0/provider: must be one of {LISTED}"),
    ("of nobody", [{**PAIR, "provider": []}], ": /credentials/0/provider: breaks oneOf"),
    ("of a number", [{**PAIR, "provider": 4}], ": /credentials/0/provider: breaks oneOf"),
    ("an id twice", [PAIR, PAIR], ": /credentials/1: duplicate id for aitems"),
    ("an id of all", [PAIR, {**PAIR, "provider": "*"}], ": /credentials/1: duplicate id for aitems"),
    ("a provider twice", [{**PAIR, "provider": ["pai", "pai"]}], ": /credentials/0: duplicate id for pai"),
    ("no such day", [{**PAIR, "expires": "2026-02-29T00:00:00Z"}], ": /credentials/0/expires: not a valid date"),
    ("no such month", [{**PAIR, "expires": "2026-13-01T00:00:00Z"}], ": /credentials/0/expires: breaks pattern"),
    ("hour 24", [{**PAIR, "expires": "2026-04-01T24:00:00Z"}], ": /credentials/0/expires: breaks pattern"),
    ("no zone", [{**PAIR, "expires": "2026-04-01T00:00:00"}], ": /credentials/0/expires: breaks pattern"),
    ("no time", [{**PAIR, "expires": f"2026-04-01T00:00:00Z {SECRET}"}], ": /credentials/0/expires: breaks pattern"),
    ("expires by number", [{**PAIR, "expires": 1775001600}], ": /credentials/0/expires: breaks type"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), [pytest.param(c, s, id=name) for name, c, s in FAULTS])  # fmt: skip
def test_a_fault_is_told_by_its_place_and_without_what_stands_there(
    tmp_path: Path, content: object, said: str
) -> None:
    file = tmp_path / "credentials.json"
    text = content if isinstance(content, str) else json.dumps({"credentials": content})
    file.write_text(text)
    with pytest.raises(CredentialsError) as caught:
        keyrings(str(file), NAMES)
    assert str(caught.value) == f"{file}{said}"
    assert SECRET not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("content", [b"\xff\xfe", b'{"credentials": "\xff"}', b"\x00"], ids=repr)
def test_bytes_that_are_no_text_are_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "credentials.json"
    file.write_bytes(content)
    with pytest.raises(CredentialsError, match="is not JSON in UTF-8"):
        keyrings(str(file), NAMES)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    for file, reason in (
        (tmp_path / "absent", "No such file or directory"),
        (tmp_path, "Is a directory"),
        (tmp_path / ("x" * 300), "File name too long"),
    ):
        with pytest.raises(CredentialsError) as caught:
            keyrings(str(file), NAMES)
        assert str(caught.value) == f"{file}: {reason}"


def test_an_emulator_is_not_made_with_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="No such file or directory"):
        Application(Settings(credentials=str(tmp_path / "absent")))


# What the log says.


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    """A client of each provider, at emulators that verify."""
    folder = tmp_path_factory.mktemp("log")
    make_application = {
        "aitems": ncp_requests.make(folder, "verify"),
        "coactive": bearer_requests.make(folder, "verify"),
    }
    yield {name: Client(application) for name, application in make_application.items()}
    for application in make_application.values():
        application.close()


GATE = ncp_requests.signed("GET", "/api/v1/datasets")
STAMP, KEY, SIGNATURE = ncp_requests.HEADERS
REFUSALS: list[tuple[str, dict[str, str], str]] = [
    ("aitems", {}, f"there is no {STAMP} and no {KEY} and no {SIGNATURE}"),
    ("aitems", {**GATE, SIGNATURE: ""}, f"there is no {SIGNATURE}"),
    ("aitems", {**GATE, STAMP: SECRET}, f"{STAMP} is not a number of milliseconds"),
    ("aitems", {**GATE, STAMP: "1629528478"}, "the timestamp is too far from the clock"),
    ("aitems", {**GATE, KEY: SECRET}, "the access key is unknown"),
    ("aitems", {**GATE, SIGNATURE: SECRET}, "the signature does not match"),
    ("coactive", {}, "there is no Authorization with credentials"),
    ("coactive", {"Authorization": f"Basic {SECRET}"}, "the credentials are not a bearer token"),
    ("coactive", {"Authorization": f"Bearer {SECRET}:x"}, "the access key is unknown"),
    ("coactive", {"Authorization": f"Bearer client-7:{SECRET}"}, "the client secret does not match"),
    ("coactive", {"Authorization": f"Bearer {SECRET}"}, "the access token was not issued here"),
    ("coactive", {"Authorization": f"Bearer {bearer_requests.token(exp=0)}"}, "the access token has expired; log in again"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "headers", "reason"), REFUSALS, ids=lambda value: "")
def test_a_refusal_is_logged_with_its_reason_and_the_flag(
    clients: dict[str, Client],
    caplog: pytest.LogCaptureFixture,
    provider: str,
    headers: dict[str, str],
    reason: str,
) -> None:
    answer = clients[provider].get(f"/{provider}/api/v1/datasets", headers=headers)
    assert answer.status_code == 401
    operation = {"aitems": "GetDatasetList", "coactive": "GetDatasets"}[provider]
    line = f"{provider} {operation} rejected: {reason} (--auth verify requires credentials, --auth off does not)"  # fmt: skip
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, line)
    secrets = [text.rpartition(" ")[2] for text in headers.values() if text]
    assert not [secret for secret in secrets if secret in record.getMessage()]
    assert not [secret for secret in secrets if secret in answer.get_data(as_text=True)]


def test_nothing_is_logged_of_who_is_let_in(
    clients: dict[str, Client], caplog: pytest.LogCaptureFixture
) -> None:
    assert clients["aitems"].get("/aitems/api/v1/datasets", headers=GATE).status_code == 200
    pair = {"Authorization": "Bearer client-7:sec:ret"}
    assert clients["coactive"].get("/coactive/api/v1/datasets", headers=pair).status_code == 200
    assert caplog.records == []


@pytest.mark.parametrize("grade", ["parse", "verify"])
def test_a_key_that_looks_real_is_warned_about_once(
    grade: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    application = ncp_requests.make(tmp_path, grade)
    client = Client(application)
    for _ in range(3):
        headers = ncp_requests.signed("GET", "/api/v1/datasets", key=REAL, secret=SECRET)
        client.get("/aitems/api/v1/datasets", headers=headers)
    (entry, *_) = application.world.journal
    application.close()
    said = [record.getMessage() for record in caplog.records if "real" in record.getMessage()]
    assert said == ["aitems: received credentials that look real; made-up ones are enough here, and these are not stored"]  # fmt: skip
    assert REAL not in caplog.text
    assert REAL not in repr(entry)


def test_a_made_up_key_is_not_warned_about(
    clients: dict[str, Client], caplog: pytest.LogCaptureFixture
) -> None:
    for key in ("ncp_iam_short", ncp_requests.KEY, f"x{REAL}", f"{REAL}!"):
        headers = ncp_requests.signed("GET", "/api/v1/datasets", key=key)
        clients["aitems"].get("/aitems/api/v1/datasets", headers=headers)
    assert "real" not in caplog.text
