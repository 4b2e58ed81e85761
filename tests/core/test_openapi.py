"""The contract as served: OpenAPI documents that are ones, and files as they were loaded."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.contract.model import Contract
from emulator.settings import Settings
from tests.contract import catalogue

pytestmark = pytest.mark.unmeasured

NAMES = [*catalogue.contracts(), "control"]
EVERY_CONTRACT = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def client() -> Client:
    return Client(Application(Settings(auth="off", strict=True, clock="frozen")))


@cache
def openapi(client: Client, name: str) -> Any:
    answer = client.get(f"/_emulator/openapi/{name}.json")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.get_json()


def resolved(document: Any, node: Any) -> Any:
    """Follow a reference to a component."""
    if "$ref" not in node:
        return node
    part, name = node["$ref"].removeprefix("#/components/").split("/")
    return document["components"][part][name]


def names_of(contract: Contract, operation: Any) -> list[str]:
    """Return the contract's names for an operation of the document: of all that share it."""
    prefix = contract.protocol.get("targetPrefix", "")
    targets = [target.removeprefix(prefix) for target in operation.get("x-operations", ())]
    return targets or [operation["operationId"]]


@EVERY_CONTRACT
def test_the_document_is_openapi(client: Client, name: str) -> None:
    errors = OpenAPIV31SpecValidator(openapi(client, name)).iter_errors()
    assert [error.message for error in errors] == []


@EVERY_CONTRACT
def test_every_emulated_operation_is_described_once(client: Client, name: str) -> None:
    contract = {**catalogue.contracts(), "control": catalogue.control()}[name]
    document = openapi(client, name)
    described = {
        each: (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for each in names_of(contract, operation)
    }
    emulated = {op.name: op for op in contract.operations.values() if op.emulated}
    assert described.keys() == emulated.keys()
    for known in emulated.values():
        method, path, operation = described[known.name]
        assert (method, path) == (known.method, known.path.replace("+}", "}"))
        responses = [resolved(document, each) for each in operation["responses"].values()]
        codes = {code for each in responses for code in each.get("x-codes", ())}
        assert str(known.status) in operation["responses"]
        assert set(known.errors) & {row["code"] for row in contract.failures.values()} <= codes


def test_operations_that_share_a_path_are_alternatives_with_a_header(client: Client) -> None:
    document = openapi(client, "personalize")
    assert list(document["paths"]) == ["/"]
    assert document["servers"] == [{"url": "/personalize"}]
    operation, contract = document["paths"]["/"]["post"], catalogue.contracts()["personalize"]
    (parameter,) = operation["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("X-Amz-Target", "header", True)  # fmt: skip
    assert parameter["schema"]["enum"] == [op.target for op in contract.operations.values() if op.emulated]  # fmt: skip
    (media,) = operation["requestBody"]["content"].items()
    assert media[0] == "application/x-amz-json-1.1"
    create = operation["x-operations"]["AmazonPersonalize.CreateDataset"]
    assert create["request"] in media[1]["schema"]["anyOf"]
    assert create["response"] in operation["responses"]["200"]["content"][media[0]]["schema"]["anyOf"]  # fmt: skip
    schema = resolved(document, create["request"])
    assert schema["required"] == ["name", "schemaArn", "datasetGroupArn", "datasetType"]
    assert schema["properties"]["datasetType"]["pattern"] == "^[A-Za-z_]+$"
    refused = resolved(document, operation["responses"]["400"])
    assert "ResourceAlreadyExistsException" in refused["x-codes"]


def test_members_are_where_a_request_carries_them(client: Client) -> None:
    document = openapi(client, "lookoutvision")
    operation = document["paths"]["/2020-11-20/projects/{projectName}/datasets/{datasetType}"]["delete"]  # fmt: skip
    places = [(p["name"], p["in"], p["required"]) for p in operation["parameters"]]
    assert places == [
        ("projectName", "path", True),
        ("datasetType", "path", True),
        ("X-Amzn-Client-Token", "header", False),
    ]
    assert "requestBody" not in operation
    create = document["paths"]["/2020-11-20/projects/{projectName}/datasets"]["post"]
    (content,) = create["requestBody"]["content"].values()
    body = resolved(document, content["schema"])
    assert "ProjectName" not in body["properties"]
    assert "ProjectName" not in body.get("required", [])
    assert "DatasetType" in body["required"]


WALK: dict[str, tuple[str, Any]] = {
    "Reset": ("", {}),
    "PutClock": ("", {"speed": 2}),
    "AdvanceClock": ("", {"seconds": 1}),
    "PatchQuotas": ("", {"personalize": {"schemas": 9}}),
    "PutObject": ("", {"bucket": "b", "key": "k", "text": "t"}),
    "DeleteObject": ("?bucket=b&key=k", None),
    "ClearRequests": ("", None),
    "DropWorld": ("default", None),
    "AddFault": ("", {"effect": {"delay": 0}}),
    "ClearFaults": ("", None),
    "PutLifecycles": ("", {"default": "timed"}),
    "GetResource": ("personalize/dataset-group/arn:aws:personalize:us-east-1:123456789012:dataset-group/g", None),
    "PutResourceState": ("personalize/dataset-group/arn:aws:personalize:us-east-1:123456789012:dataset-group/g", {"state": "ACTIVE"}),
    "Verify": ("", {"match": {}, "count": 1}),
    "Wait": ("", {"until": {"requests": 0}, "timeout": 0}),
    "PutState": ("", {"version": 1}),
    "GetOpenApi": ("pai", None),
    "GetSchema": ("pai/service.json", None),
}  # fmt: skip
"""What is sent to those operations that want something: the end of the path, or values in it."""

WRONG: dict[str, tuple[str, Any]] = {
    "Reset": ("", {"provider": "x"}),
    "PutClock": ("", {"now": -1}),
    "PatchQuotas": ("", {"x": {"y": 1}}),
    "GetRequest": ("99", None),
    "DropWorld": ("nobody", None),
    "GetResource": ("personalize/dataset-group/x", None),
    "PutResourceState": ("personalize/dataset-group/x", {"state": "ACTIVE"}),
    "Verify": ("", {"match": {}, "count": 7}),
    "PutState": ("", {"version": 2}),
    "GetCoverage": ("?provider=x", None),
    "GetOpenApi": ("x", None),
    "GetSchema": ("pai/x.json", None),
}


def fill(client: Client) -> dict[str, str]:
    """Start over with one thing of each sort; give what those are called that are drawn."""
    client.post("/_emulator/reset", json={})
    client.put("/_emulator/objects", json={"bucket": "b", "key": "k", "text": "t"})
    fault = client.post("/_emulator/faults", json={"effect": {"delay": 0}}).get_json()["id"]
    target = {"X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"}
    headers = {**target, "Content-Type": "application/x-amz-json-1.1"}
    client.post("/", data=json.dumps({"name": "g"}), headers=headers)
    (request,) = client.get("/_emulator/requests").get_json()["requests"]
    return {"RemoveFault": fault, "GetRequest": request["id"]}


def send(client: Client, method: str, path: str, given: tuple[str, Any]) -> Any:
    """Send a request to a path whose placeholders are filled with the parts given."""
    tail, body = given
    if "{" in path:
        values = tail.split("/", path.count("{") - 1) if tail else []
        for value in values:
            path = re.sub(r"\{\w+\}", value.replace("\\", r"\\"), path, count=1)
    else:
        path += tail
    headers = {"X-Emulator-Control": "1"}
    return client.open(path, method=method, json=body, headers=headers)


def control_operations() -> list[tuple[str, str, str]]:
    return [
        (op.name, op.method, op.path.replace("+}", "}"))
        for op in catalogue.control().operations.values()
        if op.emulated
    ]


@pytest.mark.parametrize(("name", "method", "path"), control_operations())
def test_every_answer_of_the_control_api_fits_its_description(
    client: Client, name: str, method: str, path: str
) -> None:
    document = openapi(client, "control")
    described = document["paths"][path][method.lower()]["responses"]
    for given in [WALK.get(name, ("", None)), *([WRONG[name]] if name in WRONG else [])]:
        made = fill(client)
        answer = send(client, method, path, (given[0] or made.get(name, ""), given[1]))
        refused = given is WRONG.get(name)
        assert (answer.status_code >= 400) is refused, (given, answer.get_data())
        found = resolved(document, described[str(answer.status_code)])
        if refused:
            assert answer.get_json()["error"] in found["x-codes"]
        if method == "HEAD":
            assert ("content" in found, answer.get_data()) == (False, b"")
        else:
            schema = found["content"]["application/json"]["schema"]
            whole = {**schema, "components": document["components"]}
            Draft202012Validator(whole).validate(answer.get_json())


# Files


@EVERY_CONTRACT
def test_every_file_of_a_contract_is_served_as_it_is(client: Client, name: str) -> None:
    files = sorted((catalogue.SCHEMAS / name).glob("*.json"))
    assert {"service.json", "errors.json"} <= {file.name for file in files}
    for file in files:
        answer = client.get(f"/_emulator/schemas/{name}/{file.name}")
        assert (answer.status_code, answer.get_json()) == (200, json.loads(file.read_text()))


def test_the_schemas_that_describe_the_files_are_served_too(client: Client) -> None:
    state = client.get("/_emulator/schemas/_meta/state.json").get_json()
    assert state == json.loads((catalogue.SCHEMAS / "_meta" / "state.json").read_text())
    Draft202012Validator.check_schema(state)
    Draft202012Validator(state).validate(client.get("/_emulator/state").get_json())


@pytest.mark.parametrize(
    "path",
    [
        "pai/README.md",
        "pai/nothing.json",
        "x/service.json",
        "pai/..%2fcontrol%2fservice.json",
        "%2e%2e/service.json",
        "../schemas/_meta/state.json",
        "pai/%2fetc%2fpasswd",
        "pai/lax-names%2f_shared.patch.json",
        "_meta/..%2fpai%2fservice.json",
        "pai\\service.json",
        "pai/service.json%00",
        "pai/",
        "",
    ],
)
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(f"/_emulator/schemas/{path}").status_code == 404
    assert client.get(f"/_emulator/openapi/{path}").status_code == 404


def test_layers_and_the_overlay_are_in_what_is_served(tmp_path: Path) -> None:
    overlay = tmp_path / "pai"
    overlay.mkdir()
    patch = {"operations": {"CreateDataset": {"documentation": "https://example.org/mine"}}}
    (overlay / "service.patch.json").write_text(json.dumps(patch))
    settings = Settings(auth="off", schemas=str(tmp_path), switches={"pai-default-workspace": "absent"})  # fmt: skip
    changed = Client(Application(settings))
    plain = Client(Application(Settings(auth="off")))
    served = [each.get("/_emulator/schemas/pai/service.json").get_json() for each in (plain, changed)]  # fmt: skip
    served[0]["operations"]["CreateDataset"]["documentation"] = "https://example.org/mine"
    assert served[0] == served[1]
    seeds = [each.get("/_emulator/schemas/pai/seed.json").get_json() for each in (plain, changed)]
    assert seeds[0] != seeds[1]
    described = openapi(changed, "pai")["paths"]["/api/v1/datasets"]["post"]
    assert described["externalDocs"] == {"url": "https://example.org/mine"}
