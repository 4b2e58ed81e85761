"""Pairs, tokens and logins of Coactive: who is let in, as whom, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jwt
import pytest
from werkzeug.test import Client

from emulator.app import Application
from tests.core.auth.bearer_requests import (
    CHALLENGE,
    DATASETS,
    EMPTY,
    LOGIN,
    MISSING,
    PARAMS,
    access_token,
    assert_answers,
    assert_refuses,
    basic,
    claims,
    listed,
    make,
    part,
    published,
    send,
    shown,
    token,
)

SYSTEM = basic("client-7:sec:ret")
GRANTS: list[dict[str, Any]] = [
    {"json": {"grant_type": "refresh_token"}},
    {"json": {"grant_type": "client_credentials"}},
    {"json": {}},
    {"data": b"null", "content_type": "application/json"},
    {},
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Application]]:
    folder = tmp_path_factory.mktemp("bearer")
    made = {grade: make(folder, grade) for grade in ("verify", "parse")}
    yield made
    for application in made.values():
        application.close()


@pytest.fixture(params=["verify"])
def client(request: pytest.FixtureRequest, made: Mapping[str, Application]) -> Client:
    """A client of an emulator of the grade, reset."""
    application = made[request.param]
    application.world.reset()
    return Client(application)


WHERE_NOT_VERIFIED = pytest.mark.parametrize("client", ["parse"], indirect=True)


def advance(client: Client, micros: int) -> None:
    application: Any = client.application
    application.world.clock.advance(micros)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_client_id_with_its_secret_is_let_in(client: Client, scheme: str) -> None:
    assert_answers(listed(client, f"{scheme} client-7:sec:ret"), 200, EMPTY)


@pytest.mark.parametrize(
    "pair",
    [
        "client-7:sec",
        "client-7:sec:ret:",
        "client-7:SEC:RET",
        "client-7:",
        "client-7:personal-7",
        "client-7:secret-8",
        "CLIENT-7:sec:ret",
        "client-7@clients:sec:ret",
        ":sec:ret",
        ":",
        "nobody:sec:ret",
        "elsewhere:secret-9",
        "emulator:emulator",
        "client-7",
        "personal-7",
        "\xe9:\xe9",
    ],
)
def test_any_other_pair_is_refused(client: Client, pair: str) -> None:
    assert_refuses(listed(client, f"Bearer {pair}"))


@pytest.mark.parametrize("grant", GRANTS, ids=str)
@pytest.mark.parametrize("authorization", ["Bearer personal-7", "bearer personal-7", SYSTEM])
def test_a_login_gives_a_token_that_works(
    client: Client, authorization: str, grant: dict[str, Any]
) -> None:
    given = access_token(client, authorization, **grant)
    created = send(client, "POST", DATASETS, f"Bearer {given}", json=PARAMS)
    assert_answers(created, 200, shown(created.get_json()["id"], "client-7"))


@pytest.mark.parametrize(
    ("authorization", "body", "subject"),
    [
        ("Bearer personal-7", {"grant_type": "refresh_token"}, "client-7"),
        (SYSTEM, {"grant_type": "client_credentials"}, "client-7@clients"),
        (SYSTEM, {}, "client-7@clients"),
    ],
)
def test_a_token_names_who_logged_in(
    client: Client, authorization: str, body: dict[str, str], subject: str
) -> None:
    given = access_token(client, authorization, json=body)
    held = jwt.decode(
        given,
        published().public_key(),
        algorithms=["RS256"],
        audience="https://app.coactive.ai/",
        issuer="https://auth.coactive.ai/",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert held == claims(sub=subject)


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer personal-8 ",
        basic("client-8:secret-8"),
    ],
)
def test_credentials_expire_and_their_tokens_with_them(client: Client, authorization: str) -> None:
    given = access_token(client, authorization)
    advance(client, 1_799_999_999)
    assert access_token(client, authorization)
    for pair in (given, "client-8:secret-8"):
        assert_answers(listed(client, f"Bearer {pair}"), 200, EMPTY)
    advance(client, 1)
    assert_refuses(send(client, "POST", LOGIN, authorization))
    for pair in (given, "client-8:secret-8"):
        assert_refuses(listed(client, f"Bearer {pair}"))


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer personal-6",
        "Bearer personal-",
        "Bearer personal-77",
        "Bearer personal-9",
        "Bearer client-7:sec:ret",
        "Bearer sec:ret",
        f"Bearer {token()}",
        "Bearer \xe9",
        basic("client-7:sec"),
        basic("client-7:"),
        basic(":sec:ret"),
        basic("nobody:sec:ret"),
        basic("elsewhere:secret-9"),
        basic("emulator:emulator"),
    ],
)
@pytest.mark.parametrize("path", [LOGIN, LOGIN.replace("v0", "v1")])
def test_a_login_with_other_credentials_is_refused(
    client: Client, path: str, authorization: str
) -> None:
    body = {"grant_type": "refresh_token"}
    assert_refuses(send(client, "POST", path, authorization, json=body))


def test_a_login_without_credentials_is_refused(client: Client) -> None:
    for authorization in (None, "Bearer", "Basic", "Digest x", "Token x", "Bearerpersonal-7"):
        answer = send(client, "POST", LOGIN, authorization, json={})
        assert_answers(answer, 401, MISSING, **CHALLENGE)


def test_a_token_lasts_an_hour_on_the_clock_of_the_emulator(client: Client) -> None:
    given = access_token(client, SYSTEM)
    advance(client, 3_599_999_999)
    assert_answers(listed(client, f"Bearer {given}"), 200, EMPTY)
    advance(client, 1)
    assert_refuses(listed(client, f"Bearer {given}"))
    again = access_token(client, SYSTEM)
    assert_answers(listed(client, f"Bearer {again}"), 200, EMPTY)


def test_a_token_outlives_a_restart(client: Client, tmp_path: Any) -> None:
    given = access_token(client, SYSTEM)
    other = make(tmp_path, "verify")
    assert_answers(listed(Client(other), f"Bearer {given}"), 200, EMPTY)
    other.close()


def test_credentials_of_another_account_see_other_datasets(client: Client) -> None:
    mine = send(client, "POST", DATASETS, "Bearer client-7:sec:ret", json=PARAMS)
    assert_answers(listed(client, "Bearer stranger:secret"), 200, EMPTY)
    given = access_token(client, basic("stranger:secret"))
    theirs = send(client, "POST", DATASETS, f"Bearer {given}", json=PARAMS)
    assert_answers(theirs, 200, shown(theirs.get_json()["id"], "stranger"))
    for authorization, dataset in (
        ("Bearer client-7:sec:ret", mine),
        ("Bearer stranger:secret", theirs),
    ):
        assert listed(client, authorization).get_json()["data"] == [dataset.get_json()]


@WHERE_NOT_VERIFIED
@pytest.mark.parametrize(
    ("authorization", "caller"),
    [
        ("Bearer client-9:anything", "client-9"),
        ("Bearer client-9:", "client-9"),
        ("Bearer :", "user123"),
        ("Bearer anything", "user123"),
        ("Bearer a.b.c", "user123"),
        (f"Bearer {token(sub='client-9@clients', exp=0, aud='x')}", "client-9"),
        (f"Bearer {part({})}.{part({'sub': 'client-9'})}.", "client-9"),
        (f"Bearer {part({})}.{part({'sub': ['client-9']})}.", "user123"),
        (f"Bearer {part({})}.{part({'sub': chr(0xD800)})}.", "user123"),
        (f"Bearer {part({})}.{part(b'[' * 20_000)}.", "user123"),
    ],
)
def test_the_creator_is_who_the_credentials_say(
    client: Client, authorization: str, caller: str
) -> None:
    created = send(client, "POST", DATASETS, authorization, json=PARAMS)
    assert_answers(created, 200, shown(created.get_json()["id"], caller))


@WHERE_NOT_VERIFIED
@pytest.mark.parametrize(
    ("authorization", "caller"), [(basic("client-9:x"), "client-9"), ("Bearer x", "user123")]
)
def test_the_creator_is_who_logged_in(client: Client, authorization: str, caller: str) -> None:
    for number, grant in enumerate(GRANTS):
        given = access_token(client, authorization, **grant)
        body = {**PARAMS, "name": f"clips_{number}"}
        created = send(client, "POST", DATASETS, f"Bearer {given}", json=body).get_json()
        assert created["created_by"] == caller


def test_a_body_is_parsed_before_credentials_are_asked_for_and_judged_after(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    item = {
        "type": "json_invalid",
        "loc": ["body", 9],
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": "Expecting value"},
    }
    missing = {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
    right = "Bearer client-7:sec:ret"
    for authorization in (None, "Bearer client-7:wrong", "Basic x", right):
        answer = send(client, "POST", DATASETS, authorization, data=b'{"name": ', headers=headers)
        assert_answers(answer, 422, {"detail": [item]})
        answer = send(client, "POST", DATASETS, authorization, data=b'"\xff"', headers=headers)
        assert_answers(answer, 400, {"detail": "There was an error parsing the body"})
    for data in (b"", b"null"):
        answer = send(client, "POST", DATASETS, None, data=data, headers=headers)
        assert_answers(answer, 401, MISSING, **CHALLENGE)
        assert_refuses(send(client, "POST", DATASETS, "Bearer x:y", data=data, headers=headers))
        answer = send(client, "POST", DATASETS, right, data=data, headers=headers)
        assert_answers(answer, 422, {"detail": [missing]})
