"""OpenAPI documents by themselves: their examples are true, and what is shared is there once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from werkzeug.test import Client

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import catalogue

pytestmark = pytest.mark.unmeasured

EVERY_PROVIDER = pytest.mark.parametrize("provider", catalogue.contracts())
EVERY_NAME = pytest.mark.parametrize("name", [*catalogue.contracts(), "control"])


@cache
def document(name: str) -> Any:
    client = Client(Application(Settings(clock="frozen")))
    path = "/_emulator/openapi.json" if name == "control" else f"/_emulator/openapi/{name}.json"
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_json()


def resolved(name: str, node: Any) -> Any:
    """Follow a reference to a component."""
    if not isinstance(node, dict) or "$ref" not in node:
        return node
    part, component = node["$ref"].removeprefix("#/components/").split("/")
    return document(name)["components"][part][component]


def operations(name: str) -> Iterator[Any]:
    for item in document(name)["paths"].values():
        yield from item.values()


def contents(name: str, operation: Any) -> Iterator[Any]:
    """Yield each media type of the request and of the responses."""
    responses = [resolved(name, each) for each in operation["responses"].values()]
    for message in (operation.get("requestBody", {}), *responses):
        yield from message.get("content", {}).values()


def faults(name: str, schema: Any, value: object) -> list[str]:
    whole = {"components": document(name)["components"], "allOf": [schema]}
    return [fault.message for fault in Draft202012Validator(whole).iter_errors(value)]


def exact(schema: Any) -> Any:
    """Leave out that a body may be a text, which any text fits."""
    if "anyOf" not in schema:
        return schema
    return {"anyOf": [each for each in schema["anyOf"] if each.get("contentMediaType") is None]}


@EVERY_NAME
def test_examples_fit_their_schemas(name: str) -> None:
    for operation in operations(name):
        for content in contents(name, operation):
            for each in content.get("examples", {}).values():
                value, schema = resolved(name, each)["value"], exact(content["schema"])
                is_text = isinstance(value, str) and schema != content["schema"]
                assert faults(name, schema, json.loads(value) if is_text else value) == []
        for parameter in operation["parameters"]:
            if "example" in parameter:
                assert faults(name, parameter["schema"], parameter["example"]) == []


@EVERY_PROVIDER
def test_every_operation_has_examples_of_its_messages(provider: str) -> None:
    shown = json.loads((catalogue.SCHEMAS / provider / "examples.json").read_text())["operations"]
    contract = catalogue.contracts()[provider]
    emulated = {op.name: op for op in contract.operations.values() if op.emulated}
    created = {op.does["kind"] for op in emulated.values() if op.does.get("verb") == "create"}
    # what nothing creates is never found, so that there is no response to show
    fruitless = {op.name for op in emulated.values() if op.does.get("kind", "") not in created}
    assert emulated.keys() - fruitless <= shown.keys() <= emulated.keys()
    for name in shown:
        operation = emulated[name]
        assert operation.request.violations(shown[name]["request"]) == []
        assert operation.response.violations(shown[name].get("response")) == []
    for operation in operations(provider):
        (success, *_) = operation["responses"].values()
        for content in success.get("content", {}).values():
            assert content.get("examples") or operation["operationId"] in fruitless


@EVERY_PROVIDER
def test_the_example_of_the_demo_world_is_shown(provider: str) -> None:
    shown = json.loads((catalogue.SCHEMAS / provider / "examples.json").read_text())["operations"]
    body = catalogue.contracts()[provider].seed["example"]["body"]
    assert body.items() <= shown["CreateDataset"]["request"].items()


@EVERY_NAME
def test_every_error_of_an_operation_has_an_example_with_its_code(name: str) -> None:
    contract = {**catalogue.contracts(), "control": catalogue.control()}[name]
    for operation in operations(name):
        for status, response in list(operation["responses"].items())[1:]:
            found = resolved(name, response)
            examples = {
                key: resolved(name, example)
                for content in found["content"].values()
                for key, example in content["examples"].items()
            }
            rows = [contract.row(each["summary"]) for each in examples.values()]
            assert {row["status"] for row in rows if row} == {int(status)}
            assert {str(row.get("code", "")) for row in rows if row} == set(found["x-codes"])


@EVERY_NAME
def test_what_is_shared_is_there_once_and_all_of_it_is_used(name: str) -> None:
    text = json.dumps(document(name))
    for part, components in document(name)["components"].items():
        if part == "securitySchemes":
            continue
        for component in components:
            assert f'"#/components/{part}/{component}"' in text, component
    said = {"title": "", "x-evidence": "", "description": ""}
    shapes = [
        json.dumps({**schema, **said})
        for key, schema in document(name)["components"]["schemas"].items()
        if not key.endswith("Request") and "properties" in schema
    ]
    assert len(shapes) == len(set(shapes))


@EVERY_NAME
def test_tags_and_ids(name: str) -> None:
    listed = [tag["name"] for tag in document(name)["tags"]]
    used = {tag for operation in operations(name) for tag in operation["tags"]}
    assert (used, len(listed)) == (set(listed), len(used))
    ids = [operation["operationId"] for operation in operations(name)]
    assert len(ids) == len(set(ids))


def credentials(provider: str, operation: Any) -> Iterator[dict[str, str]]:
    """Yield the headers of each alternative, with the values that are shown."""
    schemes = document(provider)["components"]["securitySchemes"]
    for alternative in operation["security"]:
        headers = {}
        for scheme in (schemes[each] for each in alternative):
            if scheme["type"] == "http":
                headers["Authorization"] = f"{scheme['scheme'].capitalize()} {scheme['x-example']}"
            else:
                headers[scheme["name"]] = scheme["x-example"]
        yield headers


def test_the_credentials_that_are_shown_are_accepted() -> None:
    client = Client(Application(Settings(clock="frozen")))
    for provider in catalogue.contracts():
        for path, item in document(provider)["paths"].items():
            for method, operation in item.items():
                for headers in credentials(provider, operation):
                    target = next(iter(operation.get("x-operations", ("",))))
                    types = operation.get("requestBody", {}).get("content", ("application/json",))
                    headers |= {"X-Amz-Target": target, "Content-Type": next(iter(types))}
                    client.open(f"/{provider}{path}", method=method.upper(), headers=headers)
    journal = client.get("/_emulator/requests").get_json()["requests"]
    assert len(journal) > 70
    assert [entry for entry in journal if "Unauthenticated" in json.dumps(entry)] == []


def test_a_document_names_the_server_of_its_world() -> None:
    client = Client(Application(Settings(clock="frozen")))
    plain = client.get("/_emulator/openapi/pai.json").get_json()
    other = client.get("/w/mine/_emulator/openapi/pai.json").get_json()
    control = client.get("/w/mine/_emulator/openapi.json").get_json()
    assert [each["servers"][0]["url"] for each in (plain, other, control)] == ["/pai", "/w/mine/pai", "/w/mine/"]  # fmt: skip
