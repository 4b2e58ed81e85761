"""The rest of a dataset's life in Amazon Personalize through boto3: listed, tagged, updated, deleted."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from emulator.testing import World
from tests.clients import test_personalize as shared
from tests.clients.test_personalize import (
    AVRO,
    GROUP,
    OWNER,
    PARAMS,
    SCHEMA,
    START,
    Connect,
    assert_refused,
    said,
)

connect = shared.connect
client = shared.client

DATASET = f"{OWNER}dataset/demo-group/ITEMS"
Advance = Callable[[float], object]


def items(*more: dict[str, Any]) -> str:
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "YEAR", "type": "int"}, *more]
    return json.dumps({"type": "record", "name": "Items", "fields": fields})


@pytest.fixture
def advance(dataset_world: World) -> Advance:
    """Move the clock, which otherwise stands still from `START` on."""
    dataset_world.clock.freeze(START)
    return dataset_world.clock.advance


@pytest.fixture
def dataset(client: Any, advance: Advance) -> str:
    """An Items dataset, active at `START`."""
    schema = client.create_schema(name="items", schema=items())["schemaArn"]
    params = {**PARAMS, "datasetType": "Items", "schemaArn": schema}
    arn: str = client.create_dataset(**params)["datasetArn"]
    advance(1.5)
    return arn


def test_paginators_go_through_everything_once(dataset_world: World, client: Any) -> None:
    schemas = [SCHEMA]
    schemas += [client.create_schema(name=f"s{n}", schema=AVRO)["schemaArn"] for n in range(6)]
    groups = [GROUP]
    groups += [client.create_dataset_group(name=f"g{n}")["datasetGroupArn"] for n in range(4)]

    def found(operation: str, key: str, arn: str, **parameters: Any) -> list[str]:
        pages = client.get_paginator(operation).paginate(**parameters)
        return [entry[arn] for entry in pages.search(key)]

    few = {"PaginationConfig": {"PageSize": 2}}
    assert found("list_schemas", "schemas", "schemaArn", **few) == schemas
    assert dataset_world.requests.count(operation="ListSchemas") == 4
    assert found("list_schemas", "schemas", "schemaArn") == schemas
    assert dataset_world.requests.count(operation="ListSchemas") == 5
    assert found("list_dataset_groups", "datasetGroups", "datasetGroupArn", **few) == groups
    assert dataset_world.requests.count(operation="ListDatasetGroups") == 3


def test_the_datasets_of_a_group_are_listed_in_pages(client: Any, dataset: str) -> None:
    second = client.create_dataset(**PARAMS)["datasetArn"]
    pages = client.get_paginator("list_datasets").paginate(
        datasetGroupArn=GROUP, PaginationConfig={"PageSize": 1}
    )
    first, last = [said(page) for page in pages]
    shown: dict[str, Any] = {
        "name": "ds1",
        "datasetArn": dataset,
        "datasetType": "ITEMS",
        "status": "ACTIVE",
    }
    shown |= {"creationDateTime": START, "lastUpdatedDateTime": START}
    assert (first["datasets"], sorted(first)) == ([shown], ["datasets", "nextToken"])
    assert [entry["datasetArn"] for entry in last.pop("datasets")] == [second]
    assert last == {}
    assert said(client.list_datasets(datasetGroupArn=f"{GROUP}s")) == {"datasets": []}


@pytest.mark.parametrize("operation", ["list_schemas", "list_dataset_groups", "list_datasets"])
def test_a_token_that_was_not_given_is_refused(client: Any, operation: str) -> None:
    call = getattr(client, operation)
    message = "The token is not valid."
    assert_refused(call, {"nextToken": "garbage"}, "InvalidNextTokenException", message)


def test_a_page_has_1_to_100_entries(connect: Connect) -> None:
    for size, rule in [(0, "greater than or equal to 1"), (101, "less than or equal to 100")]:
        fault = f"Value '{size}' at 'maxResults' failed to satisfy constraint: Member must have value {rule}"
        assert_refused(
            connect(parameter_validation=False).list_schemas,
            {"maxResults": size},
            "ValidationException",
            f"1 validation error detected: {fault}",
            modelled=False,
        )


def test_an_update_is_waited_for(client: Any, dataset: str, advance: Advance) -> None:
    price = {"name": "PRICE", "type": ["null", "float"]}
    wider = client.create_schema(name="wider", schema=items(price))["schemaArn"]
    began = START + timedelta(seconds=1.5)
    assert said(client.update_dataset(datasetArn=dataset, schemaArn=wider)) == {
        "datasetArn": DATASET
    }
    seen = []
    for _ in range(4):
        shown = client.describe_dataset(datasetArn=dataset)["dataset"]
        seen.append((shown["status"], shown["schemaArn"], shown["latestDatasetUpdate"]["status"]))
        advance(0.5)
    assert seen == [
        ("UPDATE PENDING", f"{OWNER}schema/items", "UPDATE PENDING"),
        ("UPDATE IN_PROGRESS", f"{OWNER}schema/items", "UPDATE IN_PROGRESS"),
        ("UPDATE IN_PROGRESS", f"{OWNER}schema/items", "UPDATE IN_PROGRESS"),
        ("ACTIVE", wider, "ACTIVE"),
    ]
    ended = began + timedelta(seconds=1.5)
    dates = {"creationDateTime": began, "lastUpdatedDateTime": ended}
    assert shown["latestDatasetUpdate"] == {"schemaArn": wider, "status": "ACTIVE", **dates}
    assert (shown["creationDateTime"], shown["lastUpdatedDateTime"]) == (START, ended)


def test_what_there_is_is_torn_down_in_order(
    client: Any, dataset: str, advance: Advance, settle: Callable[[], None]
) -> None:
    schema, in_use = f"{OWNER}schema/items", client.exceptions.ResourceInUseException
    gone = client.exceptions.ResourceNotFoundException
    with pytest.raises(in_use):
        client.delete_schema(schemaArn=schema)
    with pytest.raises(in_use):
        client.delete_dataset_group(datasetGroupArn=GROUP)

    answer = client.delete_dataset(datasetArn=dataset)
    assert said(answer) == {}
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    with pytest.raises(in_use, match="dataset is in PENDING or IN_PROGRESS status: "):
        client.delete_dataset(datasetArn=dataset)
    statuses = []
    while client.list_datasets(datasetGroupArn=GROUP)["datasets"]:
        statuses.append(client.describe_dataset(datasetArn=dataset)["dataset"]["status"])
        advance(0.5)
    assert statuses == ["DELETE PENDING", "DELETE IN_PROGRESS", "DELETE IN_PROGRESS"]
    with pytest.raises(gone, match=f"The given dataset does not exist: {dataset}"):
        client.describe_dataset(datasetArn=dataset)

    assert said(client.delete_schema(schemaArn=schema)) == {}
    with pytest.raises(gone, match=f"The given schema does not exist: {schema}"):
        client.describe_schema(schemaArn=schema)
    assert said(client.delete_dataset_group(datasetGroupArn=GROUP)) == {}
    group = client.describe_dataset_group(datasetGroupArn=GROUP)["datasetGroup"]
    assert group["status"] == "DELETE PENDING"
    with pytest.raises(in_use):
        client.delete_dataset_group(datasetGroupArn=GROUP)
    settle()
    with pytest.raises(gone, match=f"The given dataset group does not exist: {GROUP}"):
        client.delete_dataset_group(datasetGroupArn=GROUP)
    assert said(client.create_dataset_group(name="demo-group")) == {"datasetGroupArn": GROUP}


REFUSED_UPDATES: dict[str, tuple[str, str]] = {
    "less": (
        json.dumps(
            {
                "type": "record",
                "name": "Items",
                "fields": [{"name": "ITEM_ID", "type": "string"}, {"name": "X", "type": ["null", "int"]}],
            }
        ),
        f"Schema {OWNER}schema/new is missing or changes existing field(s): [YEAR]",
    ),
    "demanding": (
        items({"name": "PRICE", "type": "float"}),
        f"New field(s) of schema {OWNER}schema/new must allow null: [PRICE]",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", REFUSED_UPDATES)
def test_a_schema_that_says_less_or_demands_more_is_refused(
    client: Any, dataset: str, fault: str
) -> None:
    text, message = REFUSED_UPDATES[fault]
    new = client.create_schema(name="new", schema=text)["schemaArn"]
    parameters = {"datasetArn": dataset, "schemaArn": new}
    assert_refused(client.update_dataset, parameters, "InvalidInputException", message)
    assert "latestDatasetUpdate" not in client.describe_dataset(datasetArn=dataset)["dataset"]


def test_tags_are_added_replaced_and_removed(client: Any, dataset: str) -> None:
    def tags() -> dict[str, str]:
        listed = said(client.list_tags_for_resource(resourceArn=dataset))["tags"]
        return {tag["tagKey"]: tag["tagValue"] for tag in listed}

    first = [{"tagKey": "stage", "tagValue": "test"}, {"tagKey": "Größe", "tagValue": ""}]
    assert tags() == {}
    assert said(client.tag_resource(resourceArn=dataset, tags=first)) == {}
    assert tags() == {"stage": "test", "Größe": ""}
    client.tag_resource(resourceArn=dataset, tags=[{"tagKey": "stage", "tagValue": "live"}])
    assert tags() == {"stage": "live", "Größe": ""}
    assert said(client.untag_resource(resourceArn=dataset, tagKeys=["stage", "none"])) == {}
    assert tags() == {"Größe": ""}


REFUSED_TAGS: dict[str, tuple[str, dict[str, Any], str]] = {
    "TooManyTagsException": (
        "tag_resource",
        {"tags": [{"tagKey": f"k{number}", "tagValue": ""} for number in range(51)]},
        "You have exceeded the maximum number of tags you can apply to this resource.",
    ),
    "TooManyTagKeysException": (
        "untag_resource",
        {"tagKeys": [f"k{number}" for number in range(51)]},
        "The request contains more tag keys than can be associated with a resource (50 tag keys per resource).",
    ),
    "InvalidInputException": (
        "tag_resource",
        {"tags": [{"tagKey": "aws:x", "tagValue": ""}]},
        "Tag keys must not start with aws:",
    ),
}


@pytest.mark.parametrize("code", REFUSED_TAGS)
def test_a_refusal_of_tags_has_a_class(client: Any, code: str) -> None:
    operation, members, message = REFUSED_TAGS[code]
    parameters = {"resourceArn": GROUP, **members}
    assert_refused(getattr(client, operation), parameters, code, message)
    assert client.list_tags_for_resource(resourceArn=GROUP)["tags"] == []


def test_broken_keys_are_one_breach_and_not_repeated(connect: Connect) -> None:
    rules = [
        "Member must have length less than or equal to 128",
        "Member must have length greater than or equal to 1",
        r"Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
        "Member must not be null",
    ]
    fault = f"Member must satisfy constraint: [{', '.join(rules)}]"
    assert_refused(
        connect(parameter_validation=False).untag_resource,
        {"resourceArn": GROUP, "tagKeys": ["", "secret!"]},
        "ValidationException",
        f"1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: {fault}",
        modelled=False,
    )
