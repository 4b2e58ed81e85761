"""Changes are counted after they can be seen, and wake those who wait; nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client, EnvironBuilder

from emulator import Settings
from emulator.app import Application
from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import RESPONSE
from emulator.core.primitives.changes import Awaited, Changes
from emulator.core.primitives.clock import SECOND, Clock
from tests.contract import catalogue
from tests.core.conftest import ask

READY = {"resource": {"provider": "personalize", "kind": "dataset"}, "state": "ready"}


def test_a_change_wakes_everyone_who_waits_then() -> None:
    changes, woken = Changes(), list[str]()
    with changes.waking(lambda: woken.append("a"), since=0):
        with changes.waking(lambda: woken.append("b"), since=0):
            changes.note()
        changes.note()
    changes.note()
    assert woken == ["a", "b", "a"]
    assert changes.count == 3


def test_a_change_that_came_before_the_wait_is_not_missed() -> None:
    changes, woken = Changes(), list[str]()
    changes.note()
    with changes.waking(lambda: woken.append("late"), since=0):
        assert woken == ["late"]
    with changes.waking(lambda: woken.append("none"), since=1):
        assert woken == ["late"]


def test_a_clock_that_runs_tells_how_long_a_time_is_ahead_and_a_frozen_one_does_not() -> None:
    clock = Clock("real", wall=lambda: 5_000_000_000)
    assert clock.seconds_until(7 * SECOND) == 2
    assert clock.seconds_until(SECOND) == 0
    clock.set(mode="frozen")
    assert clock.seconds_until(7 * SECOND) is None


CLOCK: dict[str, Callable[[Clock], object]] = {
    "advance": lambda clock: clock.advance(1),
    "reach": lambda clock: clock.reach(clock.now() + 1),
    "set": lambda clock: clock.set(mode="real"),
    "restart": lambda clock: clock.restart(),
}


@pytest.mark.parametrize("name", CLOCK)
def test_every_change_of_the_clock_is_noted(name: str) -> None:
    clock, noted = Clock("frozen"), list[int]()
    before = clock.now()
    clock.on_change = lambda: noted.append(clock.now())
    CLOCK[name](clock)
    assert len(noted) == 1
    assert noted[0] > before or name in ("set", "restart")


@pytest.fixture
def application() -> Application:
    return Application(Settings(demo=True, strict=True, clock="frozen"))


def control(client: Client, method: str, path: str, document: object) -> Any:
    answer = client.open(f"/_emulator/{path}", method=method, json=document)
    assert answer.status_code == 200, answer.get_data()
    return answer.get_json()


def dataset(client: Client) -> Any:
    [seen] = client.get("/_emulator/resources?provider=personalize&kind=dataset").get_json()["resources"]  # fmt: skip
    return seen


CHANGING: dict[str, Callable[[Client], object]] = {
    "a creation": lambda client: ask(client, "coactive"),
    "a state that is set": lambda client: control(client, "PUT", f"resources/personalize/dataset/{dataset(client)['id']}/state", {"state": "ACTIVE"}),
    "a clock that is advanced": lambda client: control(client, "POST", "clock/advance", {"seconds": 1}),
    "a clock that is set": lambda client: control(client, "PUT", "clock", {"mode": "real"}),
    "a reset": lambda client: control(client, "POST", "reset", {}),
    "a state document": lambda client: control(client, "PUT", "state", {"version": 1}),
    "an object": lambda client: control(client, "PUT", "objects", {"bucket": "b", "key": "k", "text": "t"}),
}  # fmt: skip

READING: dict[str, Callable[[Client], object]] = {
    "a list of resources": lambda client: client.get("/_emulator/resources"),
    "a quota that is set": lambda client: control(client, "PATCH", "quotas", {"personalize": {"schemas": 1}}),
    "a fault": lambda client: control(client, "POST", "faults", {"effect": {"delay": 0}}),
    "a read of a vendor's": lambda client: client.get("/pai/api/v1/datasets/x", headers=catalogue.contracts()["pai"].seed["example"]["headers"]),
    "a wait": lambda client: client.post("/_emulator/wait", json={"until": READY, "timeout": 0}),
    "a refused request": lambda client: client.post("/coactive/api/v1/datasets", json={}),
}  # fmt: skip


@pytest.mark.parametrize("name", [*CHANGING, *READING])
def test_what_a_wait_can_end_with_is_noted_and_nothing_else(
    application: Application, name: str
) -> None:
    client = Client(application)
    ask(client, "personalize")
    READING["a read of a vendor's"](client)  # what every account has is stored with the first call
    before = application.world.changes.count
    {**CHANGING, **READING}[name](client)
    assert (application.world.changes.count > before) == (name in CHANGING)


def waiting(application: Application, until: object) -> Response:
    """Ask to wait, and give the response as the server gets it."""
    body = json.dumps({"until": until, "timeout": 60})
    builder = EnvironBuilder("/_emulator/wait", method="POST", data=body, content_type="application/json")  # fmt: skip
    environ = builder.get_environ()
    b"".join(application(environ, lambda *_: None))
    response: Response = environ[RESPONSE]
    return response


def is_woken(response: Response) -> bool:
    """Return whether something came since the response was made."""
    woken = list[int]()
    with awaited_by(response).waking(lambda: woken.append(1)):
        return bool(woken)


def awaited_by(response: Response) -> Awaited:
    awaited = response.awaited
    assert awaited is not None
    return awaited


def test_a_wait_for_a_state_awaits_changes_and_the_next_transition(
    application: Application,
) -> None:
    client = Client(application)
    ask(client, "personalize")
    response = waiting(application, READY)
    assert (response.status, response.wait) == (408, 60)
    assert awaited_by(response).seconds is None  # a frozen clock stands still
    assert not is_woken(response)
    client.get("/pai/api/v1/datasets/x")  # journaled, but nothing changes
    assert not is_woken(response)
    control(client, "PUT", "clock", {"mode": "real"})
    assert is_woken(response)
    response = waiting(application, READY)
    assert 0 < (awaited_by(response).seconds or 0) < 1
    assert response.retry
    control(client, "POST", "clock/advance", {"until": "settled"})
    assert response.retry().status == 200


def test_a_wait_for_what_is_not_there_awaits_changes_only(application: Application) -> None:
    Client(application).put("/_emulator/clock", json={"mode": "real"})
    response = waiting(application, {"resource": {"id": "nobody"}, "state": "ready"})
    assert awaited_by(response).seconds is None


def test_a_wait_for_requests_awaits_the_journal(application: Application) -> None:
    client = Client(application)
    response = waiting(application, {"requests": 1})
    control(client, "POST", "clock/advance", {"seconds": 1})
    assert not is_woken(response)
    client.get("/pai/api/v1/datasets/x")
    assert is_woken(response)
    assert response.retry
    assert response.retry().status == 200
