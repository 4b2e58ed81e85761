"""The ends of a dataset of Amazon Lookout for Vision through boto3: deletions, and those that fail."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.testing import World

TRAIN = {"ProjectName": "demo-project", "DatasetType": "train"}
MANIFEST = {"GroundTruthManifest": {"S3Object": {"Bucket": "my-bucket", "Key": "train.manifest"}}}


@pytest.fixture
def client(dataset_world: World, lookoutvision_client: Any) -> Any:
    """A client of a world whose clock stands still, with a dataset from a manifest."""
    dataset_world.clock.freeze()
    lookoutvision_client.create_dataset(**TRAIN, DatasetSource=MANIFEST)
    dataset_world.clock.advance(1.5)
    return lookoutvision_client


def test_a_dataset_is_replaced_without_waiting_for_its_deletion(client: Any) -> None:
    client.delete_dataset(**TRAIN)
    answer = client.create_dataset(**TRAIN)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["DatasetMetadata"]["Status"] == "CREATE_COMPLETE"
    found = client.describe_dataset(**TRAIN)["DatasetDescription"]
    assert found["ImageStats"]["Total"] == 0
    assert client.list_dataset_entries(**TRAIN)["DatasetEntries"] == []


def test_a_project_goes_right_after_its_dataset(client: Any) -> None:
    client.delete_dataset(**TRAIN)
    client.delete_project(ProjectName="demo-project")
    assert client.list_projects()["Projects"] == []
    client.create_project(ProjectName="demo-project")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_dataset(**TRAIN)


def test_a_deletion_that_fails_leaves_the_dataset_with_its_images(
    dataset_world: World, client: Any
) -> None:
    dataset_world.faults.add(
        provider="lookoutvision", operation="DeleteDataset", lifecycle="failed", times=1
    )
    client.delete_dataset(**TRAIN)
    assert client.describe_dataset(**TRAIN)["DatasetDescription"]["Status"] == "DELETE_IN_PROGRESS"
    dataset_world.clock.advance(0.5)
    found = client.describe_dataset(**TRAIN)["DatasetDescription"]
    assert (found["Status"], found["StatusMessage"]) == (
        "DELETE_FAILED",
        "The dataset could not be deleted.",
    )
    assert found["ImageStats"]["Total"] == len(entries(client)) == 44
    with pytest.raises(client.exceptions.ConflictException):
        client.create_dataset(**TRAIN)
    client.delete_dataset(**TRAIN)
    dataset_world.clock.advance(0.5)
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_dataset(**TRAIN)


def test_a_program_that_deletes_a_project_with_its_models_reaches_its_end(client: Any) -> None:
    name = {"ProjectName": "demo-project"}
    for model in client.list_models(**name)["Models"]:
        client.delete_model(**name, ModelVersion=model["ModelVersion"])
    for found in client.describe_project(**name)["ProjectDescription"]["Datasets"]:
        client.delete_dataset(**name, DatasetType=found["DatasetType"])
    client.delete_project(**name)
    assert client.list_projects()["Projects"] == []


def entries(client: Any) -> list[str]:
    listed: list[str] = client.list_dataset_entries(**TRAIN)["DatasetEntries"]
    return listed
