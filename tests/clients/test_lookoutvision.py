"""Amazon Lookout for Vision as boto3 sees it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from emulator.testing import World

ARN = "arn:aws:lookoutvision:us-east-1:123456789012:project/{}"
COMPLETE = {
    "Status": "CREATE_COMPLETE",
    "StatusMessage": "The dataset was created successfully.",
}
IN_PROGRESS = {"Status": "CREATE_IN_PROGRESS", "StatusMessage": "The dataset is creating."}
MANIFEST = {"GroundTruthManifest": {"S3Object": {"Bucket": "my-bucket", "Key": "test.manifest"}}}

Connect = Callable[..., Any]


@pytest.fixture
def connect(dataset_world: World) -> Connect:
    """Make clients that are configured otherwise than usual."""
    return lambda **config: dataset_world.client("lookoutvision", config=Config(**config))


@pytest.fixture
def client(lookoutvision_client: Any) -> Any:
    return lookoutvision_client


@pytest.fixture(params=["legacy", "standard", "adaptive"])
def retrying(request: pytest.FixtureRequest, connect: Connect) -> Any:
    """A client in each of the ways boto3 can retry."""
    return connect(retries={"mode": request.param})


def attempts(world: World, operation: str) -> list[int]:
    """The status of every HTTP request for an operation."""
    return [entry["status"] for entry in world.requests.filter(operation=operation)]


def members(error: ClientError) -> dict[str, Any]:
    """The modelled members of an exception."""
    kept = {"Error", "ResponseMetadata"}
    return {name: value for name, value in error.response.items() if name not in kept}


def said(answer: dict[str, Any], status: int = 200) -> dict[str, Any]:
    """What an answer says, without the metadata, which are checked."""
    metadata = answer.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] == status
    assert metadata["RetryAttempts"] == 0
    assert metadata["HTTPHeaders"]["content-type"] == "application/json"
    assert metadata["RequestId"]
    return answer


def test_a_project_with_both_datasets(client: Any, settle: Callable[[], None]) -> None:
    project = said(client.create_project(ProjectName="parts"))["ProjectMetadata"]
    created = project.pop("CreationTimestamp")
    assert project == {"ProjectArn": ARN.format("parts"), "ProjectName": "parts"}
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60

    train = said(client.create_dataset(ProjectName="parts", DatasetType="train"), 202)
    test = said(
        client.create_dataset(ProjectName="parts", DatasetType="test", DatasetSource=MANIFEST), 202
    )
    trained = train["DatasetMetadata"].pop("CreationTimestamp")
    tested = test["DatasetMetadata"].pop("CreationTimestamp")
    assert train == {"DatasetMetadata": {"DatasetType": "train", **COMPLETE}}
    assert test == {"DatasetMetadata": {"DatasetType": "test", **IN_PROGRESS}}

    settle()
    assert said(client.describe_project(ProjectName="parts")) == {
        "ProjectDescription": {
            **project,
            "CreationTimestamp": created,
            "Datasets": [
                {"DatasetType": "train", "CreationTimestamp": trained, **COMPLETE},
                {"DatasetType": "test", "CreationTimestamp": tested, **COMPLETE},
            ],
        }
    }


def test_a_dataset_from_a_manifest_goes_on_while_it_is_polled(
    client: Any, settle: Callable[[], None]
) -> None:
    key = {"ProjectName": "demo-project", "DatasetType": "train"}
    client.create_dataset(**key, DatasetSource=MANIFEST)
    before = said(client.describe_dataset(**key))["DatasetDescription"]
    settle()
    after = said(client.describe_dataset(**key))["DatasetDescription"]

    created = before["CreationTimestamp"]
    assert created < after["LastUpdatedTimestamp"]
    none = {"Total": 0, "Labeled": 0, "Normal": 0, "Anomaly": 0}
    some = {"Total": 44, "Labeled": 44, "Normal": 34, "Anomaly": 10}
    common = {**key, "CreationTimestamp": created}
    first = {"LastUpdatedTimestamp": created, **IN_PROGRESS, "ImageStats": none}
    last = {"LastUpdatedTimestamp": after["LastUpdatedTimestamp"], **COMPLETE, "ImageStats": some}
    assert before == {**common, **first}
    assert after == {**common, **last}


def test_the_bare_url_is_enough(dataset_world: World) -> None:
    client = dataset_world.client("lookoutvision", endpoint_url=dataset_world.base)
    answer = client.create_dataset(ProjectName="demo-project", DatasetType="train")
    assert said(answer, 202)["DatasetMetadata"]["DatasetType"] == "train"
    assert attempts(dataset_world, "CreateDataset") == [202]


def test_a_duplicate_is_a_conflict_exception(dataset_world: World, retrying: Any) -> None:
    key = {"ProjectName": "demo-project", "DatasetType": "train"}
    retrying.create_dataset(**key)
    with pytest.raises(retrying.exceptions.ConflictException) as caught:
        retrying.create_dataset(**key)
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 409
    assert members(caught.value) == {
        "Message": "The train dataset already exists for project demo-project.",
        "ResourceId": "demo-project/train",
        "ResourceType": "DATASET",
    }
    assert attempts(dataset_world, "CreateDataset") == [202, 409]


def test_a_missing_project_is_a_resource_not_found_exception(
    dataset_world: World, retrying: Any
) -> None:
    with pytest.raises(retrying.exceptions.ResourceNotFoundException) as caught:
        retrying.create_dataset(ProjectName="nope", DatasetType="train")
    assert members(caught.value) == {
        "Message": "The project nope could not be found.",
        "ResourceId": "nope",
        "ResourceType": "PROJECT",
    }
    assert attempts(dataset_world, "CreateDataset") == [404]


def test_a_spent_quota_is_a_service_quota_exceeded_exception(
    dataset_world: World, retrying: Any
) -> None:
    dataset_world.quotas.set("lookoutvision", projects=1, datasets=1)
    retrying.create_dataset(ProjectName="demo-project", DatasetType="train")
    with pytest.raises(retrying.exceptions.ServiceQuotaExceededException) as project:
        retrying.create_project(ProjectName="parts")
    with pytest.raises(retrying.exceptions.ServiceQuotaExceededException) as dataset:
        retrying.create_dataset(ProjectName="demo-project", DatasetType="test")

    common = {"Message": "Service quota exceeded.", "ServiceCode": "lookoutvision"}
    assert members(project.value) == {
        **common,
        "QuotaCode": "L-00000001",
        "ResourceType": "PROJECT",
    }
    assert members(dataset.value) == {
        **common,
        "QuotaCode": "L-00000002",
        "ResourceType": "DATASET",
    }
    assert attempts(dataset_world, "CreateProject") == [402]
    assert attempts(dataset_world, "CreateDataset") == [202, 402]


def test_what_the_client_lets_through_is_validated_here(dataset_world: World, client: Any) -> None:
    with pytest.raises(client.exceptions.ValidationException) as caught:
        client.create_dataset(ProjectName="a b", DatasetType="validation", ClientToken="no_token")
    assert caught.value.response["Error"]["Message"] == (
        "3 validation errors detected: Value 'a b' at 'projectName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [a-zA-Z0-9][a-zA-Z0-9_\-]*; "
        "Value 'validation' at 'datasetType' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: train|test; "
        "Value 'no_token' at 'clientToken' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: ^[a-zA-Z0-9-]+$"
    )
    assert attempts(dataset_world, "CreateDataset") == [400]


def test_what_the_client_would_refuse_is_validated_here_too(connect: Connect) -> None:
    client = connect(parameter_validation=False)
    with pytest.raises(client.exceptions.ValidationException) as caught:
        client.create_dataset(ProjectName="demo-project", DatasetType="")
    assert caught.value.response["Error"]["Message"].startswith("2 validation errors detected: ")
    with pytest.raises(client.exceptions.ValidationException) as caught:
        client.create_project()
    assert caught.value.response["Message"] == (
        "1 validation error detected: Value null at 'projectName' failed to satisfy constraint: "
        "Member must not be null"
    )


def test_a_client_token_replays_the_first_answer_under_a_new_request_id(client: Any) -> None:
    call = {"ProjectName": "demo-project", "DatasetType": "train", "ClientToken": "mine"}
    first = client.create_dataset(**call)
    second = client.create_dataset(**call)
    ids = {answer["ResponseMetadata"]["RequestId"] for answer in (first, second)}
    assert len(ids) == 2
    assert said(first, 202) == said(second, 202)

    with pytest.raises(client.exceptions.ConflictException) as caught:
        client.create_dataset(**{**call, "DatasetType": "test"})
    assert caught.value.response["ResourceId"] == "mine"


def test_a_client_token_is_forgotten_after_eight_hours(dataset_world: World, client: Any) -> None:
    client.create_project(ProjectName="parts", ClientToken="mine")
    dataset_world.clock.advance(8 * 3600)
    with pytest.raises(client.exceptions.ConflictException) as caught:
        client.create_project(ProjectName="parts", ClientToken="mine")
    assert caught.value.response["Message"] == "A project with the name parts already exists."


@pytest.mark.usefixtures("pauses")
def test_a_retry_of_the_client_after_a_lost_answer_is_no_conflict(
    dataset_world: World, client: Any
) -> None:
    tokens = []

    def lose_the_first(request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        tokens.append(request.headers["X-Amzn-Client-Token"])
        if len(tokens) > 1:
            return None
        session = URLLib3Session()
        answer = session.send(request)
        session.close()
        assert answer.status_code == 202
        answer.status_code = 500
        return answer

    client.meta.events.register("before-send.lookoutvision.CreateDataset", lose_the_first)
    answer = client.create_dataset(ProjectName="demo-project", DatasetType="train")
    assert answer["DatasetMetadata"]["Status"] == "CREATE_COMPLETE"
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(set(tokens)) == 1
    assert attempts(dataset_world, "CreateDataset") == [202, 202]


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        (
            "StartModel",
            lambda client: client.start_model(
                ProjectName="demo-project", ModelVersion="1", MinInferenceUnits=1
            ),
        ),
        (
            "DetectAnomalies",
            lambda client: client.detect_anomalies(
                ProjectName="demo-project", ModelVersion="1", Body=b"", ContentType="image/png"
            ),
        ),
    ],
)
def test_an_operation_that_is_not_emulated_fails_at_once(
    dataset_world: World, retrying: Any, operation: str, call: Callable[[Any], Any]
) -> None:
    with pytest.raises(ClientError) as caught:
        call(retrying)
    error = caught.value.response
    assert error["Error"] == {
        "Code": "NotImplementedException",
        "Message": f"{operation} is not emulated; /_emulator/operations lists what is.",
    }
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert attempts(dataset_world, operation) == [501]
