"""The whole life of AiTEMS datasets, schemas and services through hand-written HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests

from emulator.testing import World
from tests.clients import test_aitems as shared
from tests.clients.test_aitems import (
    DATASET,
    LOCAL_NOW,
    NOW,
    SCHEMA,
    Client,
    assert_answers,
    assert_the_service_refuses,
    shown,
)

client = shared.client

TYPES = {"user": "test_user", "item": "test_item", "interaction": "test_inter"}
LATER = "2026-04-01T17:00:07.123"
"""Seven seconds after `LOCAL_NOW`."""

Advance = Callable[[float], object]


@pytest.fixture
def advance(dataset_world: World) -> Advance:
    return dataset_world.clock.advance


def params(type_: str) -> dict[str, Any]:
    return {**DATASET, "type": type_, "name": f"{type_}_dataset", "schemaName": TYPES[type_]}


def created(client: Client, body: Mapping[str, Any]) -> str:
    answer = client.post("/datasets", body)
    assert answer.status_code == 201, answer.text
    dataset_id: str = answer.json()["datasetId"]
    return dataset_id


def service(service_id: str, **members: Any) -> dict[str, Any]:
    fresh = {
        "serviceId": service_id,
        "name": "svc",
        "description": "",
        "status": "datasetRequired",
        "datasets": [],
        "hpConfig": {"is_enabled": False},
        "infers": [],
        "createdDate": LOCAL_NOW,
        "updatedDate": LOCAL_NOW,
    }
    return {**fresh, **members}


@pytest.fixture
def attached(client: Client) -> tuple[str, list[str]]:
    """A service with a dataset of each type."""
    ids = [created(client, params(type_)) for type_ in TYPES]
    service_id: str = client.post("/services", {"name": "svc"}).json()["serviceId"]
    answer = client.post(f"/services/{service_id}/datasets", {"datasetIds": ids})
    assert answer.status_code == 200, answer.text
    return service_id, ids


def of_service(ids: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "datasetId": id_,
            "type": type_,
            "name": f"{type_}_dataset",
            "schemaName": schema,
            "status": "learnable",
            "createdDate": LOCAL_NOW,
            "updatedDate": LOCAL_NOW,
        }
        for id_, (type_, schema) in zip(ids, TYPES.items(), strict=True)
    ]


def test_datasets_are_listed_newest_first(client: Client, advance: Advance) -> None:
    old = created(client, {**DATASET, "name": "old"})
    advance(7)
    new = created(client, {**DATASET, "name": "new"})

    def item(name: str, id_: str, date: str) -> dict[str, Any]:
        return {
            "datasetId": id_,
            "type": "item",
            "name": name,
            "status": "enable",
            "createdDate": date,
            "actionName": "View/getDatasetDetail",
            "permission": "Allow",
        }

    both = [item("new", new, LATER), item("old", old, LOCAL_NOW)]
    wanted = {"datasets": both, "offset": 0, "limit": 1000}
    assert_answers(client.get("/datasets"), 200, wanted)
    wanted = {"datasets": both[1:], "offset": 1, "limit": 10}
    assert_answers(client.get("/datasets?offset=1&limit=10"), 200, wanted)


def test_a_post_on_a_dataset_edits_it(client: Client, advance: Advance) -> None:
    dataset_id = created(client, DATASET)
    advance(7)
    edited = {**DATASET, "name": "renamed", "osInfo": {**DATASET["osInfo"], "region": "JP"}}
    body = {name: value for name, value in edited.items() if name != "description"}
    wanted = {**shown(edited, dataset_id), "updatedDate": LATER}
    assert_answers(client.post(f"/datasets/{dataset_id}", body), 200, wanted)
    assert_answers(client.get(f"/datasets/{dataset_id}"), 200, wanted)


def test_a_put_on_a_dataset_describes_it(client: Client, advance: Advance) -> None:
    dataset_id = created(client, DATASET)
    advance(7)
    wanted = {**shown({**DATASET, "description": "설명"}, dataset_id), "updatedDate": LATER}
    answer = client.put(f"/datasets/{dataset_id}", {"content": "설명"})
    assert (answer.status_code, answer.json()) == (200, wanted)


def test_a_deleted_dataset_is_gone(client: Client) -> None:
    dataset_id = created(client, DATASET)
    assert_answers(client.delete(f"/datasets/{dataset_id}"), 200, {"result": "ok"})
    assert_the_service_refuses(
        client.get(f"/datasets/{dataset_id}"),
        404,
        path=f"/api/datasets/{dataset_id}",
        error="NOT_FOUND",
        code="NOT_FOUND",
        message=f"[{dataset_id}] does not exist.",
    )


def test_a_schema_is_checked_kept_listed_described_and_deleted(client: Client) -> None:
    flagged = [{"categorical": False, **field} for field in SCHEMA["fields"]]
    checked = client.post("/schemas/validation-check", {**SCHEMA, "fields": flagged})
    assert_answers(checked, 200, SCHEMA["fields"])
    assert client.get("/schemas/movies").status_code == 404

    client.post("/schemas", SCHEMA)
    item = {
        "datasetType": "item",
        "name": "movies",
        "createdDate": LOCAL_NOW,
        "actionName": "View/getSchemaDetail",
        "permission": "Allow",
    }
    listed = client.get("/schemas?datasetType=item&limit=5").json()
    assert item in listed["schemas"]
    assert {one["datasetType"] for one in listed["schemas"]} == {"item"}

    wanted = {**SCHEMA, "description": "d", "createdDate": LOCAL_NOW}
    assert_answers(client.put("/schemas/movies", {"content": "d"}), 200, wanted)
    assert_answers(client.delete("/schemas/movies"), 200, {"result": "ok"})
    assert client.get("/schemas/movies").status_code == 404


def test_there_is_a_default_schema(client: Client) -> None:
    wanted = {
        "datasetType": "item",
        "name": "default",
        "fields": [{"name": "ITEM_ID", "type": ["string"]}],
        "description": "",
    }
    assert_answers(client.get("/schemas/default?datasetType=item"), 200, wanted)


def test_a_service_is_created_listed_edited_and_deleted(client: Client, advance: Advance) -> None:
    answer = client.post("/services", {"name": "svc"})
    service_id = answer.json()["serviceId"]
    assert_answers(answer, 201, service(service_id))
    item = {
        "serviceId": service_id,
        "name": "svc",
        "status": "datasetRequired",
        "createdDate": LOCAL_NOW,
        "updatedDate": LOCAL_NOW,
        "actionName": "View/getServiceDetail",
        "permission": "Allow",
    }
    wanted = {"services": [item], "offset": 0, "limit": 1000}
    assert_answers(client.get("/services"), 200, wanted)
    advance(7)
    edited = service(service_id, name="better", description="d", updatedDate=LATER)
    body = {"name": "better", "description": "d"}
    assert_answers(client.put(f"/services/{service_id}", body), 200, edited)
    assert_answers(client.get(f"/services/{service_id}"), 200, edited)
    assert_answers(client.delete(f"/services/{service_id}"), 200, {"result": "ok"})
    assert client.get(f"/services/{service_id}").status_code == 404


def test_datasets_tell_the_service_they_are_attached_to(
    client: Client, attached: tuple[str, list[str]]
) -> None:
    service_id, ids = attached
    wanted = service(service_id, status="learnable", datasets=of_service(ids))
    assert_answers(client.get(f"/services/{service_id}"), 200, wanted)
    for id_ in ids:
        connected = client.get(f"/datasets/{id_}").json()["connectedService"]
        assert connected == [{"serviceId": service_id, "name": "svc"}]
    client.delete(f"/services/{service_id}")
    for id_ in ids:
        assert client.get(f"/datasets/{id_}").json()["connectedService"] == []


def test_a_service_learns_for_a_while(
    client: Client, attached: tuple[str, list[str]], advance: Advance
) -> None:
    service_id, ids = attached
    advance(7)
    body = {"types": ["pop"], "hpConfig": {"is_enabled": True}}
    wanted = service(
        service_id,
        status="learning",
        datasets=of_service(ids),
        hpConfig={"is_enabled": True, "group_column": ["TIMESTAMP"]},
        updatedDate=LATER,
    )
    assert_answers(client.post(f"/services/{service_id}", body), 200, wanted)
    advance(60)
    learnt = client.get(f"/services/{service_id}").json()
    (result,) = learnt["infers"]
    assert (learnt["status"], result["dataType"], result["rowCount"]) == ("learnable", "pop", 11)
    (training,) = client.get(f"/services/{service_id}/trains?isRecent=true").json()["trains"]
    assert (training["version"], training["status"]) == (result["trainVersion"], "completed")


@pytest.mark.dataset_emulator(lifecycle="timed", aitems_documents="2024")
def test_a_dataset_waits_until_it_is_enabled(dataset_world: World) -> None:
    dataset_world.clock.freeze(NOW)
    with requests.Session() as session:
        session.trust_env = False
        client = Client(dataset_world.url("aitems"), session)
        dataset_id = created(client, DATASET)
        seen = []
        for _ in range(8):
            answer = client.get(f"/datasets/{dataset_id}").json()
            seen.append(answer["status"])
            dataset_world.clock.advance(10)
    assert seen == ["waiting"] * 3 + ["processing"] * 3 + ["enable"] * 2
    assert answer["connectedServices"] == []
    assert answer["updatedDate"] == "2026-04-01T17:01:00.123"
