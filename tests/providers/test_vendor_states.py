"""Every state that AiTEMS and Coactive's earlier generation have can be reached or set."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from emulator.settings import Settings
from tests.contract import catalogue
from tests.providers.test_aitems import dataset

CONTROL = {"X-Emulator-Control": "1"}


def states_of(definition: str) -> list[str]:
    """The states that a definition of AiTEMS lists."""
    shared = catalogue.LOADER.read("aitems", "_shared.json", meta="message")
    states: list[str] = shared["$defs"][definition]["enum"]
    return states


def set_state(client: Client, path: str, state: str) -> dict[str, Any]:
    answer = client.put(
        f"/_emulator/resources/{path}/state", json={"state": state}, headers=CONTROL
    )
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


@pytest.mark.parametrize("state", states_of("DatasetStatus"))
def test_a_dataset_of_aitems_can_be_put_in_each_state(state: str) -> None:
    client = Client(Application(Settings(auth="off", demo=True, strict=True, clock="frozen")))
    made = client.post("/aitems/api/v1/datasets", json=dataset("item_dataset")).get_json()
    set_state(client, f"aitems/dataset/{made['datasetId']}", state)
    shown = client.get(f"/aitems/api/v1/datasets/{made['datasetId']}").get_json()
    assert shown["status"] == state


@pytest.mark.parametrize("state", states_of("ServiceStatus"))
def test_a_service_of_aitems_can_be_put_in_each_state(state: str) -> None:
    client = Client(Application(Settings(auth="off", demo=True, strict=True, clock="frozen")))
    made = client.post("/aitems/api/v1/services", json={"name": "svc"}).get_json()
    set_state(client, f"aitems/service/{made['serviceId']}", state)
    shown = client.get(f"/aitems/api/v1/services/{made['serviceId']}").get_json()
    assert shown["status"] == state
    listed = client.get("/aitems/api/v1/services").get_json()["services"]
    assert [each["status"] for each in listed] == [state]


def test_a_disabled_dataset_is_not_trained_on() -> None:
    client = Client(Application(Settings(auth="off", demo=True, strict=True, clock="frozen")))
    base = "/aitems/api/v1"
    ids = [
        client.post(f"{base}/datasets", json=dataset(f"{type_}_set", type_)).get_json()["datasetId"]
        for type_ in ("user", "item", "interaction")
    ]
    service = client.post(f"{base}/services", json={"name": "svc"}).get_json()["serviceId"]
    client.post(f"{base}/services/{service}/datasets", json={"datasetIds": ids})
    set_state(client, f"aitems/dataset/{ids[1]}", "disable")
    training = {"types": ["pop"], "hpConfig": {"is_enabled": False}}
    answer = client.post(f"{base}/services/{service}", json=training)
    assert (answer.status_code, answer.get_json()["message"]) == (400, f"[{ids[1]}] is disable.")
    shown = client.get(f"{base}/services/{service}").get_json()
    assert [each["status"] for each in shown["datasets"]] == ["learnable", "disable", "learnable"]


OLD = "/app.coactive.ai/api/v1/datasets"
WAY_DOWN = ["Incomplete", "Waiting", "Initializing", "Error"]


def test_the_earlier_generation_goes_through_all_its_states() -> None:
    application = Application(
        Settings(auth="off", strict=True, clock="frozen", outcomes_in_names=True)
    )
    client = Client(application)

    def seen(dataset_id: str, *seconds: float) -> list[str]:
        states = []
        for each in seconds:
            application.world.clock.advance(int(each * SECOND))
            states.append(client.get(f"{OLD}/{dataset_id}").get_json().get("status", "gone"))
        return states

    failing = client.post(OLD, json={"name": "clips--fails"}).get_json()["datasetId"]
    assert seen(failing, 0, 3, 2, 10, 1000) == [*WAY_DOWN, "Error"]
    made = client.post(OLD, json={"name": "clips"}).get_json()["datasetId"]
    assert seen(made, 0, 3, 2, 10, 1000) == [*WAY_DOWN[:3], "Ready", "Ready"]
    client.delete(f"{OLD}/{made}")
    assert seen(made, 0, 2) == ["Deleting", "gone"]


@pytest.mark.parametrize("state", [*WAY_DOWN, "Ready", "Deleting"])
def test_where_only_the_earlier_generation_answers_its_states_can_be_set(state: str) -> None:
    application = Application(
        Settings(auth="off", strict=True, clock="frozen", switches={"coactive-generation": "old"})
    )
    client = Client(application)
    made = client.post("/coactive/api/v1/datasets", json={"name": "clips"}).get_json()["datasetId"]
    set_state(client, f"coactive/dataset/{made}", state)
    assert client.get(f"/coactive/api/v1/datasets/{made}").get_json()["status"] == state


def test_where_only_the_earlier_generation_answers_a_failure_can_be_ordered() -> None:
    application = Application(
        Settings(auth="off", strict=True, clock="frozen", switches={"coactive-generation": "old"})
    )
    client = Client(application)
    rule = {"match": {"provider": "coactive", "operation": "CreateDataset"}, "effect": {"lifecycle": "failed"}}  # fmt: skip
    assert client.post("/_emulator/faults", json=rule, headers=CONTROL).status_code in (200, 201)
    made = client.post("/coactive/api/v1/datasets", json={"name": "clips"}).get_json()["datasetId"]
    application.world.clock.advance(15 * SECOND)
    assert client.get(f"/coactive/api/v1/datasets/{made}").get_json()["status"] == "Error"
