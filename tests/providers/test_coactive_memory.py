"""What a program finds again that neither a host nor a header gives away, by what made it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from emulator.settings import Settings

DATASETS = "/coactive/api/v1/datasets"
EARLIER, LATER = {"name": "Game of Thrones", "encoder": "multimodal"}, {"name": "clips", "encoder_name": "multimodal"}  # fmt: skip
LATER_HOST = {"Host": "api.coactive.ai"}


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(auth="off", strict=True, clock="frozen"))
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Client:
    application.world.reset()
    return Client(application)


def made(client: Client, body: dict[str, Any]) -> str:
    answer = client.post(DATASETS, json=body).get_json()
    return str(answer.get("datasetId") or answer["id"])


def test_a_dataset_keeps_its_generation_for_requests_that_name_none(client: Client) -> None:
    earlier, later = made(client, EARLIER), made(client, LATER)
    for body in ({}, {"name": "Renamed Once"}):
        answer = client.patch(f"{DATASETS}/{earlier}", json=body)
        assert answer.get_json()["datasetId"] == earlier
    assert client.get(f"{DATASETS}/{earlier}").get_json()["status"] == "Incomplete"
    assert client.get(f"{DATASETS}/{later}").get_json()["status"] == "active"
    assert client.patch(f"{DATASETS}/{later}", json={"name": "Renamed Once"}).status_code == 422
    assert client.delete(f"{DATASETS}/{earlier}").get_json() is None
    assert client.delete(f"{DATASETS}/{later}").get_json()["status"] == "deleting"


def test_a_host_precedes_what_is_remembered(client: Client) -> None:
    earlier, later = made(client, EARLIER), made(client, LATER)
    shown = client.get(f"{DATASETS}/{earlier}", headers=LATER_HOST).get_json()
    assert (shown["id"], shown["status"]) == (earlier, "active")
    shown = client.get(f"{DATASETS}/{later}", headers={"Host": "app.coactive.ai"}).get_json()
    assert (shown["datasetId"], shown["status"]) == (later, "Incomplete")
    listed = client.get(DATASETS, headers=LATER_HOST).get_json()["data"]
    assert all("datasetId" not in dataset for dataset in listed)


def test_a_list_is_of_the_earlier_generation_while_it_made_all_of_it(client: Client) -> None:
    earlier = made(client, EARLIER)
    assert "links" in client.get(f"{DATASETS}?limit=100").get_json()["meta"]
    assert "links" not in client.get(f"{DATASETS}?skip=0").get_json()["meta"]
    later = made(client, LATER)
    page = client.get(f"{DATASETS}?limit=100").get_json()
    assert "links" not in page["meta"]
    found = {each["name"]: (each["id"], each.get("datasetId")) for each in page["data"]}
    assert found == {"Game of Thrones": (earlier, earlier), "clips": (later, None)}
    client.delete(f"{DATASETS}/{later}")
    assert "links" in client.get(DATASETS).get_json()["meta"]


def test_what_is_remembered_travels_with_the_state(
    client: Client, application: Application
) -> None:
    earlier = made(client, EARLIER)
    other = Application(Settings(auth="off", strict=True))
    other.world.restore(application.world.snapshot())
    assert Client(other).get(f"{DATASETS}/{earlier}").get_json()["datasetId"] == earlier
    other.close()


def test_a_deleted_dataset_is_gone_for_both(client: Client, application: Application) -> None:
    earlier = made(client, EARLIER)
    client.delete(f"{DATASETS}/{earlier}")
    assert client.get(f"{DATASETS}/{earlier}").get_json()["status"] == "Deleting"
    application.world.clock.advance(2 * SECOND)
    assert client.get(f"{DATASETS}/{earlier}").status_code == 404
    shown = client.get(f"{DATASETS}/{earlier}?include_deleted=true").get_json()
    assert (shown["id"], shown["status"]) == (earlier, "deleted")


def test_a_fault_meets_a_request_once_whichever_generation_answers(
    client: Client, application: Application
) -> None:
    earlier = made(client, EARLIER)
    rule = {"match": {"provider": "coactive", "operation": "GetDataset"}, "effect": {"delay": 0}, "times": 1}  # fmt: skip
    control = {"X-Emulator-Control": "1"}
    assert client.post("/_emulator/faults", json=rule, headers=control).status_code in (200, 201)
    assert client.get(f"{DATASETS}/{earlier}").status_code == 200
    (fault,) = client.get("/_emulator/faults").get_json()["faults"]
    assert (fault["matched"], fault["applied"]) == (1, 1)
    asked = client.get("/_emulator/requests?operation=GetDataset").get_json()["requests"]
    assert [each["status"] for each in asked] == [200]
