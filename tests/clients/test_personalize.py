"""Amazon Personalize through boto3; the newest one is in boto3_latest."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Emulator
from emulator.core.clock import from_iso

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
WISH = {"name": "ds1", "schemaArn": SCHEMA, "datasetGroupArn": GROUP, "datasetType": "Interactions"}


@pytest.fixture
def connect(emulator: Emulator) -> Iterator[Connect]:
    """Make clients of the emulator; what is not said of one is as usual."""
    with ExitStack() as made:

        def connect(
            url: str = emulator.url("personalize"),
            region: str = "us-east-1",
            key: str = "testing",
            **config: Any,
        ) -> Any:
            client = boto3.client(
                "personalize",
                endpoint_url=url,
                region_name=region,
                aws_access_key_id=key,
                aws_secret_access_key="testing",
                config=Config(proxies={}, **config),
            )
            return made.enter_context(closing(client))

        yield connect


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses boto3 would make between attempts, which it does not make."""
    made: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=made.append))
    return made


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


def requests_to(emulator: Emulator, operation: str) -> int:
    return sum(entry.operation == operation for entry in emulator.application.world.journal)


@pytest.mark.parametrize("way", ["prefix", "base"])
def test_a_dataset_is_created_and_becomes_active(
    emulator: Emulator, connect: Connect, settle: Callable[[], None], way: str
) -> None:
    emulator.application.world.clock.set(mode="frozen", now=from_iso(START.isoformat()))
    client = connect(emulator.url("personalize") if way == "prefix" else emulator.endpoints.base)
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


def test_the_body_has_the_length_of_the_service(connect: Connect) -> None:
    answer = connect().create_dataset(**WISH)
    assert answer["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "91"


def test_the_access_key_may_be_the_account(connect: Connect) -> None:
    client = connect(key="111122223333", region="eu-west-1")
    group = "arn:aws:personalize:eu-west-1:111122223333:dataset-group/g"
    assert said(client.create_dataset_group(name="g")) == {"datasetGroupArn": group}


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "ResourceNotFoundException": (
        {"datasetGroupArn": f"{OWNER}dataset-group/nope"},
        f"The given dataset group does not exist: {OWNER}dataset-group/nope",
    ),
    "ResourceInUseException": (
        {"datasetGroupArn": f"{OWNER}dataset-group/pending"},
        f"The dataset group {OWNER}dataset-group/pending is not in ACTIVE state.",
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
    emulator: Emulator, connect: Connect, code: str, mode: str
) -> None:
    client = connect(retries={"mode": mode})
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]
    avro = json.dumps({"type": "record", "name": "Users", "fields": fields})
    users = client.create_schema(name="users", schema=avro)["schemaArn"]
    client.create_dataset(**{**WISH, "datasetType": "Users", "schemaArn": users})
    client.create_dataset_group(name="pending")
    change, message = REFUSALS[code]
    assert_refused(client.create_dataset, {**WISH, **change}, code, message)
    assert requests_to(emulator, "CreateDataset") == 2


@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 1), ("standard", 3)])
def test_a_spent_quota_is_tried_again_in_standard_mode_and_creates_nothing(
    emulator: Emulator, connect: Connect, pauses: list[float], mode: str, attempts: int
) -> None:
    limits = emulator.application.world.limits["personalize"]
    limits["dataset_groups"] = 2
    client = connect(retries={"mode": mode})
    client.create_dataset_group(name="second")  # the demo world has one
    assert_refused(
        client.create_dataset_group,
        {"name": "third"},
        "LimitExceededException",
        "More than 2 resources in ACTIVE state. Please delete some and try again.",
        attempts=attempts,
    )
    assert requests_to(emulator, "CreateDatasetGroup") == 1 + attempts
    assert len(pauses) == attempts - 1
    third = f"{OWNER}dataset-group/third"
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=third):
        client.describe_dataset_group(datasetGroupArn=third)
    limits["dataset_groups"] = 3
    assert said(client.create_dataset_group(name="third")) == {"datasetGroupArn": third}


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_what_is_not_emulated_says_so_and_costs_one_attempt(
    emulator: Emulator, connect: Connect, mode: str
) -> None:
    assert_refused(
        connect(retries={"mode": mode}).list_solutions,
        {"datasetGroupArn": GROUP},
        "NotImplementedException",
        "ListSolutions is not emulated; /_emulator/operations lists what is.",
        modelled=False,
        status=501,
    )
    assert requests_to(emulator, "ListSolutions") == 1


FAILED = "failed to satisfy constraint: Member must"
NAME = r"satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*"
WANTED = ["name", "schemaArn", "datasetGroupArn", "datasetType"]
STOPPED_BY_THE_CLIENT: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, [f"Value null at '{member}' {FAILED} not be null" for member in WANTED]),
    "an empty name": (
        {**WISH, "name": ""},
        [
            f"Value '' at 'name' {FAILED} {NAME}",
            f"Value '' at 'name' {FAILED} have length greater than or equal to 1",
        ],
    ),
    "an empty tag key": (
        {**WISH, "tags": [{"tagKey": "", "tagValue": "v"}]},
        [f"Value at 'tags.1.member.tagKey' {FAILED} have length greater than or equal to 1"],
    ),
}
LET_THROUGH: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a long name": (
        {**WISH, "name": "a" * 64},
        [f"Value '{'a' * 64}' at 'name' {FAILED} have length less than or equal to 63"],
    ),
    "a bad name": ({**WISH, "name": "-bad"}, [f"Value '-bad' at 'name' {FAILED} {NAME}"]),
}


@pytest.mark.parametrize("fault", [*STOPPED_BY_THE_CLIENT, *LET_THROUGH])
def test_constraints_are_those_of_the_service(
    emulator: Emulator, connect: Connect, fault: str
) -> None:
    parameters, faults = {**STOPPED_BY_THE_CLIENT, **LET_THROUGH}[fault]
    client = connect(parameter_validation=fault in LET_THROUGH)
    plural = "" if len(faults) == 1 else "s"
    message = f"{len(faults)} validation error{plural} detected: {'; '.join(faults)}"
    assert_refused(
        client.create_dataset, parameters, "ValidationException", message, modelled=False
    )
    assert requests_to(emulator, "CreateDataset") == 1


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
    emulator: Emulator,
) -> None:
    base = urlsplit(emulator.endpoints.base)
    headers = {
        "X-Amz-Target": "AWSConciergeControlService.ListSchemas",
        "Content-Type": "application/x-amz-json-1.1",
    }
    with closing(http.client.HTTPConnection(base.hostname or "", base.port, timeout=10)) as sent:
        sent.request("POST", "/", "{}", headers)
        answer = sent.getresponse()
        assert (answer.status, answer.read()) == (400, b'{"__type":"UnknownOperationException"}')
        assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
        assert answer.headers["Content-Length"] == "38"
