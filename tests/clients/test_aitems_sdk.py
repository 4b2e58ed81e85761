"""AiTEMS as the community Go SDK's specification has it: its routes, and members its structs take.

The specification (service.json, `sdk`) is generated from the pages since 2024. Go refuses
a member of another type than its struct's; one that the struct lacks is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from emulator.testing import World
from tests.clients.test_aitems import DATASET, SCHEMA, Client
from tests.clients.test_aitems_life import TYPES, created, params
from tests.contract import catalogue

SERVICE = {
    "serviceId": str, "name": str, "description": str, "status": str, "datasets": list,
    "hpConfig": dict, "infers": list, "createdDate": str, "updatedDate": str, "type": str,
}  # fmt: skip
OF_DATASET = {
    "datasetId": str, "type": str, "name": str, "description": str, "schemaName": str,
    "status": str, "osInfo": dict, "connectedServices": list, "createdDate": str,
    "updatedDate": str,
}  # fmt: skip
DEFAULT = {"datasetType": str, "name": str, "fields": list, "description": str}
OF_SCHEMA = {**DEFAULT, "createdDate": str}

ROUTES = {
    "GET /datasets", "POST /datasets", "GET /datasets/{datasetId}", "POST /datasets/{datasetId}",
    "PUT /datasets/{datasetId}", "DELETE /datasets/{datasetId}", "GET /schemas", "POST /schemas",
    "GET /schemas/default", "POST /schemas/validation-check", "GET /schemas/{schemaName}",
    "PUT /schemas/{schemaName}", "DELETE /schemas/{schemaName}", "GET /services", "POST /services",
    "GET /services/{serviceId}", "POST /services/{serviceId}", "PUT /services/{serviceId}",
    "DELETE /services/{serviceId}", "POST /services/{serviceId}/datasets",
    "POST /services/{serviceId}/datasets/{datasetId}", "GET /services/{serviceId}/infers/lookup",
    "PUT /services/{serviceId}/interval", "PUT /services/{serviceId}/schedule",
    "GET /services/{serviceId}/trains",
    "GET /services/{serviceId}/trains/{trainType}/versions/{version}",
    "GET /services/{serviceId}/updates",
}  # fmt: skip


pytestmark = pytest.mark.dataset_emulator(aitems_documents="2024")


@pytest.fixture
def client(dataset_world: World) -> Iterator[Client]:
    """A client of an emulator that follows the documents since 2024."""
    with requests.Session() as session:
        session.trust_env = False
        yield Client(dataset_world.url("aitems"), session)


def test_the_routes_are_those_of_the_specification() -> None:
    operations = catalogue.contracts()["aitems"].operations.values()
    routes = [f"{op.method} {op.path.removeprefix('/api/v1')}" for op in operations]
    assert len(routes) == len(set(routes))
    assert set(routes) == ROUTES


def parsed(answer: requests.Response, struct: Mapping[str, type]) -> Any:
    """Give an answer every member of which the struct takes, and that fills them all."""
    assert answer.status_code in (200, 201), answer.text
    document = answer.json()
    assert {name: type(value) for name, value in document.items()} == struct
    return document


def test_answers_about_datasets_fill_the_structs(client: Client) -> None:
    dataset_id = parsed(client.post("/datasets", DATASET), OF_DATASET)["datasetId"]
    path = f"/datasets/{dataset_id}"
    parsed(client.get(path), OF_DATASET)
    parsed(client.post(path, {**DATASET, "name": "renamed"}), OF_DATASET)
    parsed(client.put(path, {"content": ""}), OF_DATASET)
    parsed(client.get("/datasets"), {"datasets": list, "offset": int, "limit": int})
    parsed(client.delete(path), {"result": str})


def test_answers_about_schemas_fill_the_structs(client: Client) -> None:
    parsed(client.post("/schemas", SCHEMA), OF_SCHEMA)
    parsed(client.get("/schemas/movies"), OF_SCHEMA)
    parsed(client.put("/schemas/movies", {"content": ""}), OF_SCHEMA)
    parsed(client.get("/schemas/default?datasetType=user"), DEFAULT)
    parsed(client.get("/schemas"), {"schemas": list, "offset": int, "limit": int})
    parsed(client.delete("/schemas/movies"), {"result": str})


def test_answers_about_services_fill_the_structs(client: Client) -> None:
    ids = [created(client, params(type_)) for type_ in TYPES]
    service_id = parsed(client.post("/services", {"name": "svc"}), SERVICE)["serviceId"]
    path = f"/services/{service_id}"
    parsed(client.post(f"{path}/datasets", {"datasetIds": ids}), SERVICE)
    parsed(client.post(path, {"types": ["pop"], "hpConfig": {"is_enabled": False}}), SERVICE)
    parsed(client.put(path, {"name": "better"}), SERVICE)
    parsed(client.get(path), SERVICE)
    parsed(client.get("/services"), {"services": list, "offset": int, "limit": int})
    parsed(client.delete(path), {"result": str})


@pytest.mark.parametrize("path", ["/datasets/zzzzzzzzzzz", "/nope"])
def test_both_envelopes_of_errors_are_read(client: Client, path: str) -> None:
    document = client.get(path).json()
    inner = document["error"]
    if isinstance(inner, dict):
        assert isinstance(inner["errorCode"], str)
        assert isinstance(inner["message"], str)
    else:
        assert isinstance(document["status"], int)
        assert isinstance(document["timestamp"], str)
        assert isinstance(document["message"], str)
