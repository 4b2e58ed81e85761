"""The life of a Lookout for Vision dataset after its creation, as boto3 sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ClientError

from emulator.core.errors.failures import Throttled
from emulator.testing import World
from tests.clients import test_lookoutvision as shared
from tests.clients.instead import instead
from tests.clients.test_lookoutvision import ARN, Connect

TRAIN = {"ProjectName": "demo-project", "DatasetType": "train"}
MANIFEST = {"GroundTruthManifest": {"S3Object": {"Bucket": "my-bucket", "Key": "a.manifest"}}}
ATTEMPTS = {"legacy": 5, "standard": 3, "adaptive": 3}
"""How often each of boto3's ways to retry sends a request that is throttled or fails."""

connect = shared.connect
client = shared.client


def line(key: str, name: str) -> str:
    """A JSON Line as the guide writes it, without spaces."""
    metadata = {
        "confidence": 1,
        "class-name": name,
        "human-annotated": "yes",
        "type": "groundtruth/image-classification",
    }
    entry = {
        "source-ref": f"s3://my-bucket/{key}",
        "anomaly-label": int(name == "anomaly"),
        "anomaly-label-metadata": metadata,
    }
    return json.dumps(entry, separators=(",", ":"))


def status(client: Any) -> str:
    return str(client.describe_dataset(**TRAIN)["DatasetDescription"]["Status"])


def stats(client: Any) -> tuple[int, int, int, int]:
    return tuple(client.describe_dataset(**TRAIN)["DatasetDescription"]["ImageStats"].values())


def poll(world: World, client: Any) -> list[str]:
    """Describe a dataset until it is no longer in progress; give the states seen, once each."""
    seen = [status(client)]
    while seen[-1].endswith("_IN_PROGRESS"):
        world.clock.advance(0.1)
        now = status(client)
        seen += [now] if now != seen[-1] else []
    return seen


def test_a_life_from_the_first_call_to_the_last(dataset_world: World, client: Any) -> None:
    client.create_dataset(**TRAIN, DatasetSource=MANIFEST)
    assert poll(dataset_world, client) == ["CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    assert stats(client) == (44, 44, 34, 10)

    changes = "\n".join([line("normal/1.jpg", "anomaly"), line("new.jpg", "unknown")])
    answer = client.update_dataset_entries(**TRAIN, Changes=changes.encode())
    assert answer["Status"] == "UPDATE_IN_PROGRESS"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert poll(dataset_world, client) == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert stats(client) == (45, 44, 33, 11)

    client.update_dataset_entries(**TRAIN, Changes="no JSON")
    assert poll(dataset_world, client) == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_FAILED_ROLLBACK_IN_PROGRESS",
        "UPDATE_FAILED_ROLLBACK_COMPLETE",
    ]
    assert stats(client) == (45, 44, 33, 11)

    assert client.delete_dataset(**TRAIN)["ResponseMetadata"]["HTTPStatusCode"] == 202
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        poll(dataset_world, client)
    assert caught.value.response["ResourceId"] == "demo-project/train"
    assert caught.value.response["ResourceType"] == "DATASET"
    assert client.delete_project(ProjectName="demo-project")["ProjectArn"] == ARN.format(
        "demo-project"
    )
    assert client.list_projects()["Projects"] == []


def test_the_paginator_of_projects(client: Any) -> None:
    names = [f"p{number}" for number in range(7)]
    for name in names:
        client.create_project(ProjectName=name)
    pages = list(client.get_paginator("list_projects").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["Projects"]) for page in pages] == [3, 3, 2]
    assert ["NextToken" in page for page in pages] == [True, True, False]
    listed = [project["ProjectName"] for page in pages for project in page["Projects"]]
    assert listed == ["demo-project", *names]


def test_the_paginator_of_entries_with_every_filter(
    client: Any, settle: Callable[[], None]
) -> None:
    lines = [line(f"{number} of 30.jpg", "anomaly") for number in range(30)]
    lines += [line("30 of 30.jpg", "normal"), line("31 of 30.jpg", "unknown")]
    client.create_dataset(**TRAIN)
    client.update_dataset_entries(**TRAIN, Changes="\n".join(lines).encode())
    settle()

    def listed(**filters: Any) -> list[str]:
        pages = client.get_paginator("list_dataset_entries").paginate(
            **TRAIN, **filters, PaginationConfig={"PageSize": 7}
        )
        return list(pages.search("DatasetEntries[]"))

    hour = timedelta(hours=1)
    now = datetime.now(UTC)
    assert listed() == lines
    assert listed(Labeled=True, AnomalyClass="anomaly") == lines[:30]
    assert listed(Labeled=False) == lines[31:]
    assert listed(SourceRefContains="1 of 30") == [lines[n] for n in (1, 11, 21, 31)]
    assert listed(AfterCreationDate=now - hour, BeforeCreationDate=now + hour) == lines
    assert listed(AfterCreationDate=now + hour) == []
    assert listed(BeforeCreationDate=now - hour) == []


def test_a_manifest_supplied_through_the_control_api_is_read(
    dataset_world: World, client: Any, settle: Callable[[], None]
) -> None:
    text = "\n".join([line("a.png", "normal"), line("b.png", "anomaly")])
    supply(dataset_world, text)
    client.create_dataset(**TRAIN, DatasetSource=MANIFEST)
    settle()
    assert stats(client) == (2, 2, 1, 1)
    assert client.list_dataset_entries(**TRAIN)["DatasetEntries"] == text.split("\n")


def test_a_bad_manifest_shows_in_the_state_and_not_at_the_call(
    dataset_world: World, client: Any
) -> None:
    supply(dataset_world, "{}")
    assert client.create_dataset(**TRAIN, DatasetSource=MANIFEST)["DatasetMetadata"]["Status"] == (
        "CREATE_IN_PROGRESS"
    )
    assert poll(dataset_world, client) == ["CREATE_IN_PROGRESS", "CREATE_FAILED"]
    described = client.describe_dataset(**TRAIN)["DatasetDescription"]
    assert described["StatusMessage"] == "The manifest file contains too many invalid rows."
    assert set(described["ImageStats"].values()) == {0}


def supply(world: World, text: str) -> None:
    """Put the manifest where `MANIFEST` says it is."""
    world.objects.put("my-bucket", "a.manifest", text)


def test_tags_by_an_arn_whose_slash_is_encoded(client: Any) -> None:
    arn = ARN.format("demo-project")
    tags = [{"Key": "team", "Value": "Größe 1/2"}, {"Key": "stage", "Value": ""}]
    client.tag_resource(ResourceArn=arn, Tags=tags)
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    client.untag_resource(ResourceArn=arn, TagKeys=["team", "a b"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags[1:]
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.list_tags_for_resource(ResourceArn=arn.replace("project/", "model/", 1) + "/1")
    assert caught.value.response["ResourceType"] == "MODEL"


def test_conflicts_name_the_resource(client: Any) -> None:
    client.create_dataset(**TRAIN, DatasetSource=MANIFEST)
    with pytest.raises(client.exceptions.ConflictException) as busy:
        client.delete_dataset(**TRAIN)
    with pytest.raises(client.exceptions.ConflictException) as updating:
        client.update_dataset_entries(**TRAIN, Changes=b"{}")
    with pytest.raises(client.exceptions.ConflictException) as used:
        client.delete_project(ProjectName="demo-project")
    named = [
        (error.value.response["ResourceType"], error.value.response["ResourceId"])
        for error in (busy, updating, used)
    ]
    dataset = ("DATASET", "demo-project/train")
    assert named == [dataset, dataset, ("PROJECT", "demo-project")]


def test_a_token_of_another_list_is_a_validation_exception(client: Any) -> None:
    client.create_project(ProjectName="p1")
    token = client.list_projects(MaxResults=1)["NextToken"]
    client.create_dataset(**TRAIN)
    with pytest.raises(client.exceptions.ValidationException):
        client.list_dataset_entries(**TRAIN, NextToken=token)


def test_a_client_token_deletes_and_updates_once(client: Any, settle: Callable[[], None]) -> None:
    client.create_dataset(**TRAIN)
    change = {**TRAIN, "Changes": line("a.png", "normal").encode(), "ClientToken": "mine"}
    client.update_dataset_entries(**change)
    settle()
    assert client.update_dataset_entries(**change)["Status"] == "UPDATE_IN_PROGRESS"
    assert status(client) == "UPDATE_COMPLETE"
    with pytest.raises(client.exceptions.ConflictException) as caught:
        client.update_dataset_entries(**{**change, "Changes": b"{}"})
    assert caught.value.response["ResourceId"] == "mine"

    client.delete_dataset(**TRAIN, ClientToken="mine")
    settle()
    client.create_dataset(**TRAIN)
    client.delete_dataset(**TRAIN, ClientToken="mine")
    assert status(client) == "CREATE_COMPLETE"


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_a_throttled_call_is_tried_again_and_says_when_to_come_back(
    dataset_world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    client = connect(retries={"mode": mode})
    instead(monkeypatch, "ListProjects", refuse)
    with pytest.raises(client.exceptions.ThrottlingException) as caught:
        client.list_projects()
    error = caught.value.response
    assert error["Error"] == {"Code": "ThrottlingException", "Message": "Rate exceeded"}
    assert error["RetryAfterSeconds"] == 1
    assert error["ServiceCode"] == "lookoutvision"
    assert error["QuotaCode"] == "L-00000004"
    assert dataset_world.requests.count() == ATTEMPTS[mode]


@pytest.mark.dataset_emulator(allow_errors=True)
@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_a_failure_of_the_service_is_tried_again(
    dataset_world: World, connect: Connect, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    client = connect(retries={"mode": mode})
    instead(monkeypatch, "ListProjects", crash)
    with pytest.raises(client.exceptions.InternalServerException) as caught:
        client.list_projects()
    assert caught.value.response["RetryAfterSeconds"] == 1
    assert dataset_world.requests.count() == ATTEMPTS[mode]


def refuse(*_: object) -> NoReturn:
    raise Throttled


def crash(*_: object) -> NoReturn:
    raise RuntimeError


def test_a_page_too_large_is_refused_once(dataset_world: World, client: Any) -> None:
    with pytest.raises(ClientError) as caught:
        client.list_projects(MaxResults=101)
    assert caught.value.response["Error"]["Message"] == (
        "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 100"
    )
    assert dataset_world.requests.count() == 1
