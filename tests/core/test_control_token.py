"""Where the emulator listens to more than its own machine, nothing changes without the token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from emulator import Settings, create_app
from emulator.app import Application

DELIBERATE = {"X-Emulator-Control": "1"}
TOKEN = {"Authorization": "Bearer let-me"}
FAR = {"REMOTE_ADDR": "10.0.0.7"}
REFUSED = {
    "error": "Unauthenticated",
    "message": "A call that changes something needs the token of --control-token, as Authorization: Bearer.",
}


@pytest.fixture
def everywhere() -> Iterator[Application]:
    application = create_app(Settings(host="0.0.0.0", control_token="let-me"))
    yield application
    application.close()


@pytest.fixture
def careless() -> Iterator[Application]:
    application = create_app(Settings(host="0.0.0.0"))
    yield application
    application.close()


@pytest.mark.parametrize(
    "given", [{}, {"Authorization": "Bearer let-you"}, {"Authorization": "let-me"}]
)
def test_without_the_right_token_nothing_changes(
    everywhere: Application, given: dict[str, str]
) -> None:
    client, before = Client(everywhere), everywhere.world.clock.mode
    answer = client.put("/_emulator/clock", json={"mode": "frozen"}, headers=given)
    assert (answer.status_code, answer.get_json()) == (401, REFUSED)
    assert everywhere.world.clock.mode == before
    assert client.get("/_emulator/clock", headers=given).status_code == 200


def test_with_the_token_one_may_come_from_anywhere(everywhere: Application) -> None:
    client, headers = Client(everywhere), {**TOKEN, **DELIBERATE, "Host": "build-machine:4680"}
    answer = client.put(
        "/_emulator/clock", json={"mode": "frozen"}, headers=headers, environ_base=FAR
    )
    assert answer.status_code == 200
    assert everywhere.world.clock.mode == "frozen"


def test_without_it_one_is_not_even_told_the_time_elsewhere(everywhere: Application) -> None:
    answer = Client(everywhere).get("/_emulator/clock", environ_base=FAR)
    assert answer.status_code == 403


def test_a_web_page_is_refused_with_the_token_as_well(everywhere: Application) -> None:
    headers = {**TOKEN, **DELIBERATE, "Origin": "http://evil.test"}
    answer = Client(everywhere).post("/_emulator/reset", headers=headers)
    assert answer.status_code == 403


def test_no_token_at_all_lets_nobody_change_anything(careless: Application) -> None:
    answer = Client(careless).post("/_emulator/reset", headers={**DELIBERATE, **TOKEN})
    assert (answer.status_code, answer.get_json()) == (401, REFUSED)


def test_on_its_own_machine_it_asks_for_none() -> None:
    application = create_app(Settings())
    assert Client(application).post("/_emulator/reset", headers=DELIBERATE).status_code == 200
    application.close()


def test_a_token_that_was_set_is_asked_for_everywhere() -> None:
    application = create_app(Settings(control_token="let-me"))
    client = Client(application)
    assert client.post("/_emulator/reset", headers=DELIBERATE).status_code == 401
    assert client.post("/_emulator/reset", headers={**DELIBERATE, **TOKEN}).status_code == 200
    application.close()
