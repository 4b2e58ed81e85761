"""Where the emulator listens to more than its own machine, nothing changes without the token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

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


@pytest.mark.parametrize("path", ["/health", "/ready", "/_emulator/health", "/_emulator/ready"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_probe_from_anywhere_is_told_that_it_is_well_and_no_more(
    everywhere: Application, method: str, path: str
) -> None:
    """A container's probe sends the address of the container as its host."""
    headers = {"Host": "10.1.2.3:4680", "X-Emulator-World": "made-by-a-probe"}
    answer = Client(everywhere).open(path, method=method, headers=headers, environ_base=FAR)
    assert answer.status_code == 200
    if method == "GET":
        document = answer.get_json()
        assert document.keys() == {"status", "version", "providers"}
    assert [world.name for world in everywhere.worlds.all()] == ["default"]


def test_it_is_not_ready_while_its_database_cannot_be_used(tmp_path: Path) -> None:
    application = create_app(Settings(database=f"sqlite:///{tmp_path}/state.db"))
    client, engine = Client(application), application.database
    assert client.get("/ready").status_code == 200
    with (
        patch.object(engine, "transaction", side_effect=OSError("the disk is gone")),
        closing(application),
    ):
        answer = client.get("/ready")
        assert (answer.status_code, answer.get_json()) == (
            503,
            {
                "error": "NotReady",
                "message": "The database cannot be used; the log of the emulator says why.",
            },
        )
        assert client.get("/health").status_code == 200


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
