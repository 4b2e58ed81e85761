"""Amazon Personalize: its contract beside the SDK's model, and what is too long for a case file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from botocore.loaders import Loader
from werkzeug.test import Client

from emulator import Settings, create_app
from emulator.core.contract.model import Operation
from emulator.providers.personalize.avro import Record
from tests.contract import catalogue

MODEL = Loader().load_service_model("personalize", "service-2")
CONTRACT = catalogue.contracts()["personalize"]
EMULATED = [
    pytest.param(operation, id=operation.name)
    for operation in CONTRACT.operations.values()
    if operation.emulated
]
OWNER = "arn:aws:personalize:us-east-1:123456789012:"

KEYWORDS = {
    "string": {"min": "minLength", "max": "maxLength"},
    "list": {"min": "minItems", "max": "maxItems"},
    "integer": {"min": "minimum", "max": "maximum"},
}
OWN = {"default", "title", "description", "contentSchema", "if", "else", "$schema"}
"""What request schemas say beyond the model."""


def modelled(name: str) -> dict[str, Any]:
    """Write a shape of the model as the JSON Schema it means."""
    shape = MODEL["shapes"][name]
    if shape["type"] == "structure":
        members = {key: modelled(member["shape"]) for key, member in shape["members"].items()}
        required = {"required": shape["required"]} if "required" in shape else {}
        return {"type": "object", **required, "properties": members}
    keywords = KEYWORDS.get(shape["type"], {})
    limits = {keyword: shape[key] for key, keyword in keywords.items() if key in shape}
    if shape["type"] == "list":
        return {"type": "array", **limits, "items": modelled(shape["member"]["shape"])}
    kept = {key: shape[key] for key in ("pattern", "enum", "sensitive") if key in shape}
    return {"type": shape["type"], **kept, **limits}


def without_our_own(schema: Any) -> Any:
    if isinstance(schema, Mapping):
        # the rules of items that are reported as one breach of the list stand in a condition
        schema = {**schema, **schema.get("if", {})}
        printed = {"pattern": schema["x-vendor-pattern"]} if "x-vendor-pattern" in schema else {}
        sensitive = {"sensitive": True} if schema.get("x-sensitive") else {}
        kept = {
            key: without_our_own(value)
            for key, value in schema.items()
            if key not in OWN and not key.startswith("x-")
        }
        return {**kept, **printed, **sensitive}
    return schema


def names(name: str | None) -> dict[str, Any]:
    """Give the members of a shape in their order, and those of its structures and items."""
    shape = MODEL["shapes"][name] if name else {}
    if "member" in shape:
        return names(shape["member"]["shape"])
    return {key: names(member["shape"]) for key, member in shape.get("members", {}).items()}


def names_in(schema: Mapping[str, Any]) -> dict[str, Any]:
    if "items" in schema:
        return names_in(schema["items"])
    return {name: names_in(member) for name, member in schema.get("properties", {}).items()}


@pytest.mark.parametrize("operation", EMULATED)
def test_a_request_has_the_members_and_limits_of_the_model(operation: Operation) -> None:
    wanted = modelled(MODEL["operations"][operation.name]["input"]["shape"])
    if operation.name == "CreateDataset":  # the newer model, 1.43.11, has this pattern
        wanted["properties"]["datasetType"]["pattern"] = "^[A-Za-z_]+$"
    if operation.name == "CreateDatasetImportJob":  # which does not require a role any more
        wanted["required"].remove("roleArn")
    for name in {"tags", "tagKeys"} & wanted["properties"].keys():
        wanted["properties"][name]["sensitive"] = True  # a list of sensitive values is
    given = without_our_own(operation.request.schema)
    assert given == wanted
    assert list(given["properties"]) == list(wanted["properties"])


@pytest.mark.parametrize("operation", EMULATED)
def test_a_response_has_the_members_of_the_model_in_their_order(operation: Operation) -> None:
    assert operation.response is not None
    wanted = names(MODEL["operations"][operation.name].get("output", {}).get("shape"))
    assert json.dumps(names_in(operation.response.schema)) == json.dumps(wanted)


@pytest.mark.parametrize("operation", EMULATED)
def test_the_errors_are_those_the_model_declares(operation: Operation) -> None:
    declared = MODEL["operations"][operation.name]["errors"]
    assert set(operation.errors) == {error["shape"] for error in declared}


def test_every_operation_of_the_model_is_known() -> None:
    own = [operation for operation in CONTRACT.operations.values() if operation.path == "/"]
    assert {operation.name for operation in own} == MODEL["operations"].keys()
    assert len(own) == 71
    prefix = MODEL["metadata"]["targetPrefix"]
    targets = {operation.target for operation in own}
    assert targets == {f"{prefix}.{name}" for name in MODEL["operations"]}


def record(*fields: tuple[str, str], name: str = "Items") -> str:
    listed = [{"name": field, "type": kind} for field, kind in fields]
    return json.dumps({"type": "record", "name": name, "fields": listed})


@pytest.fixture
def create() -> Callable[[str], tuple[int, Any]]:
    """Create a schema of a text; give status and body of the answer."""
    client = Client(create_app(Settings(auth="off", clock="frozen", strict=True)))
    headers = {
        "X-Amz-Target": "AmazonPersonalize.CreateSchema",
        "Content-Type": "application/x-amz-json-1.1",
    }

    def create(schema: str) -> tuple[int, Any]:
        params = json.dumps({"name": "long", "schema": schema})
        answer = client.post("/personalize/", data=params, headers=headers)
        return answer.status_code, answer.get_json(force=True)

    return create


def test_a_schema_has_at_most_20000_characters(create: Callable[[str], tuple[int, Any]]) -> None:
    longest = record(("ITEM_ID", "string")).ljust(20000)
    message = (
        f"1 validation error detected: Value '{longest} ' at 'schema' failed to satisfy "
        "constraint: Member must have length less than or equal to 20000"
    )
    assert create(f"{longest} ") == (400, {"__type": "ValidationException", "message": message})
    assert create(longest) == (200, {"schemaArn": f"{OWNER}schema/long"})


def test_a_body_has_at_most_a_megabyte(create: Callable[[str], tuple[int, Any]]) -> None:
    assert create("x" * 1024 * 1024) == (413, {"__type": "RequestEntityTooLargeException"})


@pytest.mark.parametrize(
    ("dataset_type", "domain", "most"),
    [
        ("INTERACTIONS", None, 5),
        ("INTERACTIONS", "ECOMMERCE", 5),
        ("ITEMS", None, 100),
        ("ITEMS", "VIDEO_ON_DEMAND", 100),
        ("USERS", None, 25),
        ("ACTIONS", None, 10),
    ],
)
def test_metadata_has_a_bound_that_required_and_reserved_fields_do_not_count_towards(
    dataset_type: str, domain: str | None, most: int
) -> None:
    rule = CONTRACT.rules["datasetTypes"]["types"][dataset_type]
    of_domain = rule["domains"][domain] if domain else {}
    own = {
        **rule["required"],
        **rule.get("reserved", {}),
        **of_domain.get("required", {}),
        **of_domain.get("reserved", {}),
    }
    fields = [(name, kind or "string") for name, kind in own.items()]
    metadata = [(f"M{number}", "string") for number in range(most + 1)]
    full = Record(record(*fields, *metadata[:most]))
    assert full.missing(rule, domain) == []
    assert full.fits(rule, domain)
    assert not Record(record(*fields, *metadata)).fits(rule, domain)
