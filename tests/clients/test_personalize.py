"""Amazon Personalize through boto3; the newest one is in boto3_latest."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.testing import World

Connect = Callable[..., Any]

OWNER = "arn:aws:personalize:us-east-1:123456789012:"
GROUP, SCHEMA = f"{OWNER}dataset-group/demo-group", f"{OWNER}schema/demo-schema"
START = datetime(2099, 4, 1, 8, 0, 0, 123000, tzinfo=UTC)
"""Later than the demo world, which is made at the time of the test."""
READY = START + timedelta(seconds=1.5)
FIELDS = [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long")]
AVRO = json.dumps(
    {
        "type": "record",
        "name": "Interactions",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [{"name": name, "type": kind} for name, kind in FIELDS],
        "version": "1.0",
    },
    indent=2,
)
PARAMS = {
    "name": "ds1",
    "schemaArn": SCHEMA,
    "datasetGroupArn": GROUP,
    "datasetType": "Interactions",
}


@pytest.fixture
def connect(dataset_world: World) -> Connect:
    """Make clients that are configured otherwise than usual."""
    return lambda **config: dataset_world.client("personalize", config=Config(**config))


@pytest.fixture
def client(personalize_client: Any) -> Any:
    return personalize_client


def said(answer: dict[str, Any], status: int = 200, attempts: int = 1) -> dict[str, Any]:
    """Give an answer without its metadata, once those were looked at."""
    metadata = answer["ResponseMetadata"]
    headers = metadata["HTTPHeaders"]
    assert metadata["RequestId"] == headers["x-amzn-requestid"]
    assert headers["content-type"] == "application/x-amz-json-1.1"
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (status, attempts - 1)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def assert_refused(
    call: Callable[..., Any],
    parameters: dict[str, Any],
    code: str,
    message: str,
    *,
    modelled: bool = True,
    status: int = 400,
    attempts: int = 1,
) -> None:
    """Expect an error of its own class where the model has one, and its attempts."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    error = {"Error": {"Message": message, "Code": code}, "message": message}
    if not modelled:
        del error["message"]
    assert type(caught.value).__name__ == (code if modelled else "ClientError")
    assert said(caught.value.response, status, attempts) == error


@pytest.mark.parametrize("way", ["prefix", "base"])
def test_a_dataset_is_created_and_becomes_active(
    dataset_world: World, settle: Callable[[], None], way: str
) -> None:
    dataset_world.clock.freeze(START)
    url = dataset_world.url("personalize") if way == "prefix" else dataset_world.base
    client = dataset_world.client("personalize", endpoint_url=url)
    schema = said(client.create_schema(name="s", schema=AVRO))
    assert schema == {"schemaArn": f"{OWNER}schema/s"}
    group = said(client.create_dataset_group(name="g"))
    assert group == {"datasetGroupArn": f"{OWNER}dataset-group/g"}

    shown = {"name": "g", **group, "creationDateTime": START}
    assert said(client.describe_dataset_group(**group)) == {
        "datasetGroup": {**shown, "status": "CREATE PENDING", "lastUpdatedDateTime": START}
    }
    settle()
    assert said(client.describe_dataset_group(**group)) == {
        "datasetGroup": {**shown, "status": "ACTIVE", "lastUpdatedDateTime": READY}
    }

    dataset = said(client.create_dataset(name="d", datasetType="interactions", **schema, **group))
    assert dataset == {"datasetArn": f"{OWNER}dataset/g/INTERACTIONS"}
    shown = {"name": "d", **dataset, **group, **schema, "datasetType": "INTERACTIONS"}
    shown |= {"creationDateTime": READY, "lastUpdatedDateTime": READY}
    answer = said(client.describe_dataset(**dataset))
    assert answer == {"dataset": {**shown, "status": "CREATE PENDING"}}
    settle()
    answer = said(client.describe_dataset(**dataset))
    assert answer == {"dataset": {**shown, "status": "ACTIVE"}}

    times = {"creationDateTime": START, "lastUpdatedDateTime": START}
    assert said(client.describe_schema(**schema)) == {
        "schema": {"name": "s", **schema, "schema": AVRO, **times}
    }


def test_the_body_has_the_length_of_the_service(client: Any) -> None:
    answer = client.create_dataset(**PARAMS)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "91"


def test_the_access_key_may_be_the_account(dataset_world: World) -> None:
    account = {"aws_access_key_id": "111122223333", "region_name": "eu-west-1"}
    client = dataset_world.client("personalize", **account)
    group = "arn:aws:personalize:eu-west-1:111122223333:dataset-group/g"
    assert said(client.create_dataset_group(name="g")) == {"datasetGroupArn": group}


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "ResourceNotFoundException": (
        {"datasetGroupArn": f"{OWNER}dataset-group/nope"},
        f"The given dataset group does not exist: {OWNER}dataset-group/nope",
    ),
    "ResourceInUseException": (
        {"datasetGroupArn": f"{OWNER}dataset-group/leaving"},
        f"dataset group is in PENDING or IN_PROGRESS status: {OWNER}dataset-group/leaving",
    ),
    "ResourceAlreadyExistsException": (
        {"name": "other", "datasetType": "USERS", "schemaArn": f"{OWNER}schema/users"},
        "Another dataset of type: USERS already exists in the provided dataset group",
    ),
    "InvalidInputException": ({"datasetType": "Bogus"}, "Invalid dataset type: Bogus"),
    "TooManyTagsException": (
        {"tags": [{"tagKey": f"k{number}", "tagValue": ""} for number in range(51)]},
        "You have exceeded the maximum number of tags you can apply to this resource.",
    ),
}


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_has_a_class_and_costs_one_attempt(
    dataset_world: World, connect: Connect, code: str, mode: str
) -> None:
    client = connect(retries={"mode": mode})
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
    avro = json.dumps({"type": "record", "name": "Users", "fields": fields})
    users = client.create_schema(name="users", schema=avro)["schemaArn"]
    client.create_dataset(**{**PARAMS, "datasetType": "Users", "schemaArn": users})
    leaving = client.create_dataset_group(name="leaving")["datasetGroupArn"]
    dataset_world.settle()
    client.delete_dataset_group(datasetGroupArn=leaving)
    change, message = REFUSALS[code]
    assert_refused(client.create_dataset, {**PARAMS, **change}, code, message)
    assert dataset_world.requests.count(operation="CreateDataset") == 2


@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 1), ("standard", 3)])
def test_a_spent_quota_is_tried_again_in_standard_mode_and_creates_nothing(
    dataset_world: World, connect: Connect, pauses: list[float], mode: str, attempts: int
) -> None:
    dataset_world.quotas.set("personalize", dataset_groups=2)
    client = connect(retries={"mode": mode})
    client.create_dataset_group(name="second")  # the demo world has one
    assert_refused(
        client.create_dataset_group,
        {"name": "third"},
        "LimitExceededException",
        "More than 2 resources in ACTIVE state. Please delete some and try again.",
        attempts=attempts,
    )
    assert dataset_world.requests.count(operation="CreateDatasetGroup") == 1 + attempts
    assert len(pauses) == attempts - 1
    third = f"{OWNER}dataset-group/third"
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=third):
        client.describe_dataset_group(datasetGroupArn=third)
    dataset_world.quotas.set("personalize", dataset_groups=3)
    assert said(client.create_dataset_group(name="third")) == {"datasetGroupArn": third}


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_what_is_not_emulated_says_so_and_costs_one_attempt(
    dataset_world: World, connect: Connect, mode: str
) -> None:
    assert_refused(
        connect(retries={"mode": mode}).list_recipes,
        {},
        "NotImplementedException",
        "ListRecipes is not emulated; /_emulator/operations lists what is.",
        modelled=False,
        status=501,
    )
    assert dataset_world.requests.count(operation="ListRecipes") == 1


FAILED = "failed to satisfy constraint: Member must"
NAME = r"satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*"
WANTED = ["name", "schemaArn", "datasetGroupArn", "datasetType"]
STOPPED_BY_THE_CLIENT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, [f"Value null at '{member}' {FAILED} not be null" for member in WANTED]),
    "an empty name": (
        {**PARAMS, "name": ""},
        [
            f"Value '' at 'name' {FAILED} {NAME}",
            f"Value '' at 'name' {FAILED} have length greater than or equal to 1",
        ],
    ),
    "an empty tag key": (
        {**PARAMS, "tags": [{"tagKey": "", "tagValue": "v"}]},
        [f"Value at 'tags.1.member.tagKey' {FAILED} have length greater than or equal to 1"],
    ),
}
LET_THROUGH: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a long name": (
        {**PARAMS, "name": "a" * 64},
        [f"Value '{'a' * 64}' at 'name' {FAILED} have length less than or equal to 63"],
    ),
    "a bad name": ({**PARAMS, "name": "-bad"}, [f"Value '-bad' at 'name' {FAILED} {NAME}"]),
}


@pytest.mark.parametrize("fault", [*STOPPED_BY_THE_CLIENT, *LET_THROUGH])
def test_constraints_are_those_of_the_service(
    dataset_world: World, connect: Connect, fault: str
) -> None:
    parameters, faults = {**STOPPED_BY_THE_CLIENT, **LET_THROUGH}[fault]
    client = connect(parameter_validation=fault in LET_THROUGH)
    plural = "" if len(faults) == 1 else "s"
    message = f"{len(faults)} validation error{plural} detected: {'; '.join(faults)}"
    assert_refused(
        client.create_dataset, parameters, "ValidationException", message, modelled=False
    )
    assert dataset_world.requests.count(operation="CreateDataset") == 1


def test_a_wrong_type_is_stopped_before_anything_else(connect: Connect) -> None:
    number = "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
    assert_refused(
        connect(parameter_validation=False).create_dataset,
        {"name": 5},
        "SerializationException",
        f"{number} can not be converted to an String",
        modelled=False,
    )


def test_clients_from_before_the_service_was_public_are_known_and_refused(
    dataset_world: World,
) -> None:
    base = urlsplit(dataset_world.base)
    headers = {
        "X-Amz-Target": "AWSConciergeControlService.ListSchemas",
        "Content-Type": "application/x-amz-json-1.1",
    }
    with closing(http.client.HTTPConnection(base.hostname or "", base.port, timeout=10)) as sent:
        sent.request("POST", f"{base.path}/", "{}", headers)
        answer = sent.getresponse()
        assert (answer.status, answer.read()) == (400, b'{"__type":"UnknownOperationException"}')
        assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert answer.headers["Content-Length"] == "38"
