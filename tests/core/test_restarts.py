"""What is there after a restart: everything a state document holds, in every world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import repeat
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from emulator.core.primitives.clock import SECOND, to_iso
from emulator.core.storage.sql.database import Database
from emulator.settings import SeedError
from tests.contract import catalogue
from tests.core.conftest import new_database

pytestmark = pytest.mark.unmeasured

START = 1_774_656_000 * SECOND
PROVIDERS = list(catalogue.contracts())
DELIBERATE = {"X-Emulator-Control": "1"}
TOLD = ["state", "clock", "lifecycles", "objects", "quotas", "resources"]
"""What the control API tells of a world that is there after a restart."""


class Wall:
    """The real time, which goes on while no emulator runs."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now * 1000


@contextmanager
def emulator(database: str, wall: Wall, **given: Any) -> Iterator[Client]:
    """Run an emulator on a database until the end of the block."""
    application = Application(Settings(**{"strict": True, "database": database, **given}), wall)
    yield Client(application)
    application.close()


@pytest.fixture
def file(request: pytest.FixtureRequest) -> str:
    """The URL of an empty SQLite file, for what the other databases do alike for sure."""
    return new_database(request, "file")


@pytest.fixture
def wall() -> Wall:
    return Wall()


def ask(client: Client, provider: str, at: str = "", **members: object) -> Any:
    """Create the dataset that is the provider's example, with other members if any are given."""
    example = catalogue.contracts()[provider].seed["example"]
    answer = client.open(
        f"{at}/{provider}{example['path']}",
        method=example["method"],
        headers=example["headers"],
        data=json.dumps({**example["body"], **members}),
    )
    status = catalogue.contracts()[provider].operations["CreateDataset"].status
    assert answer.status_code == status, answer.get_data()
    return answer.get_json(force=True)


def command(client: Client, method: str, path: str, document: object) -> Any:
    answer = client.open(path, method=method, json=document)
    assert answer.status_code == 200, answer.get_data()
    return answer.get_json()


def told(client: Client, world: str = "default") -> dict[str, bytes]:
    return {what: client.get(f"/w/{world}/_emulator/{what}").get_data() for what in TOLD}


def worlds(client: Client) -> list[str]:
    return [each["name"] for each in client.get("/_emulator/worlds").get_json()["worlds"]]


def states(client: Client, world: str = "default") -> dict[str, str]:
    """The states of datasets, by provider."""
    found = client.get(f"/w/{world}/_emulator/resources?kind=dataset").get_json()["resources"]
    return {each["provider"]: each["state"] for each in found}


def fill(client: Client, at: str = "") -> None:
    """Leave something of everything that is to be there again."""
    control = f"{at}/_emulator"
    command(client, "PUT", f"{control}/clock", {"mode": "frozen", "now": to_iso(START)})
    params: dict[str, object] = {"match": {"provider": "lookoutvision"}, "effect": {"lifecycle": "failed", "reason": "No."}}  # fmt: skip
    command(client, "POST", f"{control}/faults", params)
    for provider in PROVIDERS:
        ask(client, provider, at)
    command(client, "POST", f"{control}/clock/advance", {"seconds": 0.7})
    modes = {"default": "manual", "providers": {"pai": {"*": "timed"}}}
    command(client, "PUT", f"{control}/lifecycles", modes)
    command(client, "PUT", f"{control}/clock", {"speed": 4})
    command(client, "PATCH", f"{control}/quotas", {"personalize": {"schemas": None}})
    command(client, "PUT", f"{control}/objects", {"bucket": "b", "key": "k\0", "text": "\ud800"})
    params = {"state": "processing", "seconds": 100}
    dataset = client.get(f"{control}/resources?provider=aitems&kind=dataset").get_json()
    [seen] = dataset["resources"]
    command(client, "PUT", f"{control}/resources/aitems/dataset/{seen['id']}/state", params)


def test_a_world_goes_on_as_it_was_left(lasting: str, wall: Wall) -> None:
    with emulator(lasting, wall, demo=True, id_seed=7) as client:
        for world in ("default", "b", "a"):
            fill(client, f"/w/{world}")
        before = {world: told(client, world) for world in ("default", "a", "b")}
    wall.now += 1000 * SECOND
    with emulator(lasting, wall, demo=True, id_seed=7) as client:
        assert worlds(client) == ["default", "a", "b"]
        assert {world: told(client, world) for world in ("default", "a", "b")} == before


def seen_at(client: Client, provider: str, id: str) -> Any:
    """What the control API shows of a dataset, without the requests, which are not kept."""
    shown = client.get(f"/_emulator/resources/{provider}/dataset/{id}").get_json()
    return {name: value for name, value in shown.items() if name != "requests"}


def test_a_state_that_is_held_lasts_as_long_as_it_was_to(lasting: str, wall: Wall) -> None:
    """By a fault, and by a control call: in both the next state begins when it was to begin."""
    held, paths = {}, dict[str, str]()
    with emulator(lasting, wall, demo=True, lifecycle="timed") as client:
        fault = {"match": {"provider": "personalize"}, "effect": {"hold_seconds": 60}}
        command(client, "POST", "/_emulator/faults", fault)
        for provider in ("personalize", "aitems"):
            ask(client, provider)
            found = client.get(f"/_emulator/resources?provider={provider}&kind=dataset").get_json()
            paths[provider] = found["resources"][0]["id"]
        change = {"state": "processing", "seconds": 60}
        command(client, "PUT", f"/_emulator/resources/aitems/dataset/{paths['aitems']}/state", change)  # fmt: skip
        for provider, there in paths.items():
            held[provider] = seen_at(client, provider, there)
            assert held[provider]["next_transition_at"] == to_iso(START + 60 * SECOND)
            assert held[provider]["states"][0]["begins_at"] == to_iso(START)
            assert held[provider]["states"][1]["begins_at"] == to_iso(START + 60 * SECOND)
    wall.now += 60 * SECOND - 1
    with emulator(lasting, wall, demo=True) as client:
        assert {
            provider: seen_at(client, provider, there) for provider, there in paths.items()
        } == held
    wall.now += 1
    with emulator(lasting, wall, demo=True) as client:
        for provider, there in paths.items():
            after = seen_at(client, provider, there)
            assert after["state"] == held[provider]["states"][1]["state"]
            assert after["states"] == held[provider]["states"]


def test_what_is_of_the_moment_only_is_not_there_again(file: str, wall: Wall) -> None:
    with emulator(file, wall, demo=True) as client:
        ask(client, "pai")
        command(client, "POST", "/_emulator/faults", {"effect": {"delay": 0}})
    with emulator(file, wall, demo=True) as client:
        assert client.get("/_emulator/faults").get_json() == {"faults": []}
        assert client.get("/_emulator/requests").get_json() == {"requests": []}
        coverage = client.get("/_emulator/coverage?provider=pai").get_json()
        assert '"exercised": true' not in json.dumps(coverage)


def test_a_clock_that_runs_runs_on_while_nothing_else_does(file: str, wall: Wall) -> None:
    with emulator(file, wall, demo=True) as client:
        command(client, "POST", "/_emulator/clock/advance", {"seconds": 3600})
        ask(client, "personalize")
    wall.now += SECOND
    with emulator(file, wall) as client:
        clock = client.get("/_emulator/clock").get_json()
        assert clock == {"mode": "real", "now": to_iso(START + 3601 * SECOND), "speed": 1.0}
        assert states(client) == {"personalize": "CREATE IN_PROGRESS"}


@pytest.mark.parametrize("held", ["by an order", "by a control call"])
def test_a_state_that_is_held_is_held_after_a_restart_for_as_long_as_was_said(
    lasting: str, wall: Wall, held: str
) -> None:
    with emulator(lasting, wall, demo=True) as client:
        params = {"match": {"provider": "personalize"}, "effect": {"hold_seconds": 60}}
        if held == "by an order":
            command(client, "POST", "/_emulator/faults", params)
        ask(client, "personalize")
        [seen] = client.get("/_emulator/resources?provider=personalize&kind=dataset").get_json()["resources"]  # fmt: skip
        if held == "by a control call":
            path = f"/_emulator/resources/personalize/dataset/{quote(seen['id'])}/state"
            command(client, "PUT", path, {"state": "CREATE PENDING", "seconds": 60})
    for seconds, state in ((59, "CREATE PENDING"), (1, "CREATE IN_PROGRESS"), (1, "ACTIVE")):
        wall.now += seconds * SECOND
        with emulator(lasting, wall) as client:
            assert states(client) == {"personalize": state}
            assert client.get("/_emulator/faults").get_json() == {"faults": []}


def test_what_was_never_commanded_is_as_the_settings_say(file: str, wall: Wall) -> None:
    with emulator(file, wall, clock="frozen", speed=2, lifecycle="manual") as client:
        assert client.get("/_emulator/clock").get_json()["speed"] == 2
    with emulator(file, wall, clock="real", speed=3, lifecycle="immediate") as client:
        clock = client.get("/_emulator/clock").get_json()
        assert clock == {"mode": "real", "now": to_iso(START), "speed": 3}
        assert client.get("/_emulator/lifecycles").get_json()["default"] == "immediate"
        command(client, "PUT", "/_emulator/clock", {"mode": "frozen", "speed": 5})
        command(client, "PUT", "/_emulator/lifecycles", {"default": None})
    wall.now += SECOND
    with emulator(file, wall, clock="real", speed=3, lifecycle="immediate") as client:
        clock = client.get("/_emulator/clock").get_json()
        assert clock == {"mode": "frozen", "now": to_iso(START), "speed": 5}
        assert client.get("/_emulator/lifecycles").get_json()["default"] is None


RESETS: list[Callable[[Client], object]] = [
    lambda client: command(client, "POST", "/w/a/_emulator/reset", {}),
    lambda client: command(client, "DELETE", "/_emulator/worlds/a", {}),
    lambda client: command(client, "PUT", "/w/a/_emulator/state", {"version": 1}),
]


@pytest.mark.parametrize("again", RESETS, ids=["reset", "drop", "state"])
def test_a_world_that_starts_over_does_so_for_good(
    file: str, wall: Wall, again: Callable[[Client], object]
) -> None:
    with emulator(file, wall, id_seed=1) as client:
        blank = told(client, "a")
    with emulator(file, wall, id_seed=1, demo=True) as client:
        command(client, "PATCH", "/w/a/_emulator/quotas", {"personalize": {"schemas": 3}})
        command(client, "POST", "/w/a/_emulator/clock/advance", {"seconds": 5})
        ask(client, "coactive", "/w/a")
    with emulator(file, wall, id_seed=1) as client:
        again(client)
    with emulator(file, wall, id_seed=1) as client:
        assert told(client, "a") == blank


def test_a_dropped_world_stays_dropped(file: str, wall: Wall) -> None:
    with emulator(file, wall, demo=True) as client:
        fill(client, "/w/a")
        fill(client, "/w/b")
        kept = told(client, "b")
    with emulator(file, wall) as client:
        assert client.delete("/_emulator/worlds/a", headers=DELIBERATE).status_code == 200
        assert worlds(client) == ["default", "b"]
    with emulator(file, wall) as client:
        assert worlds(client) == ["default", "b"]
        assert told(client, "b") == kept
        assert client.delete("/_emulator/worlds/a", headers=DELIBERATE).status_code == 404


def test_worlds_that_were_there_before_count(file: str, wall: Wall) -> None:
    with emulator(file, wall) as client:
        for name in ("a", "b"):
            client.get(f"/w/{name}/health")
    with emulator(file, wall) as client:
        client.application.worlds._most = 3  # type: ignore[attr-defined]
        over = client.get("/w/c/health")
        assert (over.status_code, over.get_json()["message"]) == (400, "there are 3 worlds already; delete some")  # fmt: skip
        client.delete("/_emulator/worlds/b", headers=DELIBERATE)
        assert client.get("/w/c/health").status_code == 200


def test_what_was_deleted_of_what_everybody_has_stays_deleted(file: str, wall: Wall) -> None:
    workspaces = "/pai/api/v1/workspaces"
    with emulator(file, wall, auth="off") as client:
        for workspace in client.get(workspaces).get_json()["Workspaces"]:
            client.delete(f"{workspaces}/{workspace['WorkspaceId']}")
        assert client.get(workspaces).get_json()["TotalCount"] == 0
    with emulator(file, wall, auth="off") as client:
        assert client.get(workspaces).get_json()["TotalCount"] == 0


@pytest.mark.parametrize("provider", ["pai", "aitems", "coactive"])
def test_the_same_seed_does_not_draw_an_id_twice(file: str, wall: Wall, provider: str) -> None:
    """Emulators that are killed one after the other give the ids that one would have given."""
    names = ["n0_x", "n1_x", "n0_x", "n0_x", "n1_x"]
    given = {"demo": True, "id_seed": 3}
    with emulator("sqlite://", wall, **given) as client:
        expected = [id_drawn(client, provider, name) for name in names]
    with ExitStack() as killed:  # what is closed at the end only wrote nothing when it ended
        clients = (killed.enter_context(emulator(file, wall, **given)) for _ in names)
        drawn = [id_drawn(*each) for each in zip(clients, repeat(provider), names)]
    assert drawn == expected
    assert len(set(drawn)) == len(names)


def id_drawn(client: Client, provider: str, name: str) -> str:
    """Create a dataset, delete it again, and give its id."""
    ask(client, provider, **{"Name" if provider == "pai" else "name": name})
    found = client.get(f"/_emulator/resources?provider={provider}&kind=dataset&name={name}")
    *_, seen = found.get_json()["resources"]  # those that Coactive deleted are there, too
    headers = catalogue.contracts()[provider].seed["example"]["headers"]
    gone = client.delete(f"/{provider}/api/v1/datasets/{seen['id']}", headers=headers)
    assert gone.status_code in (200, 204), gone.get_data()
    command(client, "POST", "/_emulator/clock/advance", {"until": "settled"})
    return str(seen["id"])


def test_a_record_that_cannot_be_read_stops_the_start(file: str, wall: Wall) -> None:
    store = Database(file)
    with store.transaction() as transaction:
        transaction.write_record("default", {"version": 2})
    store.close()
    with pytest.raises(
        SeedError, match="the database: /version: version 2; this emulator reads version 1"
    ):
        Application(Settings(database=file), wall)
