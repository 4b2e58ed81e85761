"""Amazon Personalize through boto3: imports, exports, deletions of users, event trackers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.testing import World

OWNER = "arn:aws:personalize:us-east-1:123456789012:"
GROUP, SCHEMA = f"{OWNER}dataset-group/demo-group", f"{OWNER}schema/demo-schema"
DATASET = f"{OWNER}dataset/demo-group/INTERACTIONS"
ROLE = "arn:aws:iam::123456789012:role/personalize"
SOURCE = {"dataLocation": "s3://bucket/interactions.csv"}
OUTPUT = {"s3DataDestination": {"path": "s3://bucket/out/"}}
IMPORT = {"jobName": "job", "datasetArn": DATASET, "dataSource": SOURCE, "roleArn": ROLE}
EXPORT = {"jobName": "job", "datasetArn": DATASET, "jobOutput": OUTPUT, "roleArn": ROLE}
DELETION = {"jobName": "job", "datasetGroupArn": GROUP, "dataSource": SOURCE, "roleArn": ROLE}
TRACKER = {"name": "tracker", "datasetGroupArn": GROUP}
START = datetime(2099, 4, 1, 8, 0, 0, 123000, tzinfo=UTC)
"""Later than the demo world, which is made at the time of the test."""

Settle = Callable[[], None]
Connect = Callable[..., Any]


@pytest.fixture
def connect(dataset_world: World, personalize_client: Any, settle: Settle) -> Connect:
    """Make clients of a world whose demo group has an active dataset; its clock stands."""
    dataset_world.clock.freeze(START)
    personalize_client.create_dataset(
        name="ds", schemaArn=SCHEMA, datasetGroupArn=GROUP, datasetType="Interactions"
    )
    settle()
    return lambda **config: dataset_world.client("personalize", config=Config(**config))


@pytest.fixture
def client(connect: Connect) -> Any:
    return connect()


def said(answer: dict[str, Any]) -> dict[str, Any]:
    """Give an answer without its metadata."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def after(seconds: float) -> datetime:
    """Give a time after the dataset became active, 1.5 s after the start."""
    return START + timedelta(seconds=1.5 + seconds)


def test_data_is_imported_and_more_is_added(client: Any, settle: Settle) -> None:
    first = said(client.create_dataset_import_job(**IMPORT))
    assert first == {"datasetImportJobArn": f"{OWNER}dataset-import-job/job"}
    shown = {**IMPORT, **first, "importMode": "FULL", "creationDateTime": after(0)}
    assert said(client.describe_dataset_import_job(**first)) == {
        "datasetImportJob": {
            **shown,
            "status": "CREATE PENDING",
            "lastUpdatedDateTime": after(0),
        }
    }
    settle()
    assert said(client.describe_dataset_import_job(**first)) == {
        "datasetImportJob": {**shown, "status": "ACTIVE", "lastUpdatedDateTime": after(2)}
    }
    second = client.create_dataset_import_job(
        **{**IMPORT, "jobName": "more"}, importMode="INCREMENTAL"
    )
    settle()
    listed = client.list_dataset_import_jobs(datasetArn=DATASET)["datasetImportJobs"]
    assert [(job["jobName"], job["importMode"], job["status"]) for job in listed] == [
        ("job", "FULL", "ACTIVE"),
        ("more", "INCREMENTAL", "ACTIVE"),
    ]
    assert listed[1]["datasetImportJobArn"] == second["datasetImportJobArn"]


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", "USER_ID, ITEM_ID, TIMESTAMP"),
        ("USER_ID,TIMESTAMP\nu,1\n", "ITEM_ID"),
        ("user_id,ITEM_ID,TIMESTAMP\r\nu,i,1\r\n", "USER_ID"),
    ],
)
def test_an_import_fails_where_the_file_supplied_lacks_columns(
    dataset_world: World, client: Any, settle: Settle, text: str, missing: str
) -> None:
    supply(dataset_world, text)
    job = said(client.create_dataset_import_job(**IMPORT))
    assert "failureReason" not in client.describe_dataset_import_job(**job)["datasetImportJob"]
    settle()
    reason = (
        "Failed to create a data import job for INTERACTIONS dataset. "
        f"Input CSV is missing the following columns:[{missing}]."
    )
    assert said(client.describe_dataset_import_job(**job)) == {
        "datasetImportJob": {
            **IMPORT,
            **job,
            "status": "CREATE FAILED",
            "creationDateTime": after(0),
            "lastUpdatedDateTime": after(2),
            "failureReason": reason,
            "importMode": "FULL",
        }
    }
    (summary,) = client.list_dataset_import_jobs()["datasetImportJobs"]
    assert (summary["status"], summary["failureReason"]) == ("CREATE FAILED", reason)
    with pytest.raises(client.exceptions.InvalidInputException, match="can only be FULL"):
        client.create_dataset_import_job(**{**IMPORT, "jobName": "x"}, importMode="INCREMENTAL")
    supply(dataset_world, '\ufeff"USER_ID", ITEM_ID ,TIMESTAMP,EVENT_TYPE\nu,i,1,click\n')
    again = said(client.create_dataset_import_job(**{**IMPORT, "jobName": "again"}))
    settle()
    assert client.describe_dataset_import_job(**again)["datasetImportJob"]["status"] == "ACTIVE"


def supply(world: World, text: str) -> None:
    """Supply the file that imports name."""
    world.objects.put("bucket", "interactions.csv", text)


def test_data_is_exported(client: Any, settle: Settle) -> None:
    job = said(client.create_dataset_export_job(**EXPORT))
    assert job == {"datasetExportJobArn": f"{OWNER}dataset-export-job/job"}
    settle()
    times = {"creationDateTime": after(0), "lastUpdatedDateTime": after(2)}
    assert said(client.describe_dataset_export_job(**job)) == {
        "datasetExportJob": {**EXPORT, **job, **times, "ingestionMode": "PUT", "status": "ACTIVE"}
    }
    assert said(client.list_dataset_export_jobs()) == {
        "datasetExportJobs": [{**job, **times, "jobName": "job", "status": "ACTIVE"}]
    }


def test_users_are_deleted(client: Any, settle: Settle) -> None:
    job = said(client.create_data_deletion_job(**DELETION))
    assert job == {"dataDeletionJobArn": f"{OWNER}data-deletion-job/job"}
    assert client.describe_data_deletion_job(**job)["dataDeletionJob"]["status"] == "PENDING"
    settle()
    times = {"creationDateTime": after(0), "lastUpdatedDateTime": after(3)}
    assert said(client.describe_data_deletion_job(**job)) == {
        "dataDeletionJob": {**DELETION, **job, **times, "status": "COMPLETED", "numDeleted": 0}
    }
    named = {"jobName": "job", "datasetGroupArn": GROUP}
    assert said(client.list_data_deletion_jobs(datasetGroupArn=GROUP)) == {
        "dataDeletionJobs": [{**job, **times, **named, "status": "COMPLETED"}]
    }


def test_an_event_tracker_comes_and_goes(client: Any, settle: Settle) -> None:
    made = said(client.create_event_tracker(**TRACKER))
    arn, tracking_id = made.pop("eventTrackerArn"), made.pop("trackingId")
    assert made == {}
    assert re.fullmatch(rf"{OWNER}event-tracker/[0-9a-f]{{8}}", arn)
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.delete_event_tracker(eventTrackerArn=arn)
    settle()
    times = {"creationDateTime": after(0), "lastUpdatedDateTime": after(1.5)}
    assert said(client.describe_event_tracker(eventTrackerArn=arn)) == {
        "eventTracker": {
            **TRACKER,
            **times,
            "eventTrackerArn": arn,
            "accountId": "123456789012",
            "trackingId": tracking_id,
            "status": "ACTIVE",
        }
    }
    deleted = client.delete_event_tracker(eventTrackerArn=arn)
    assert said(deleted) == {}
    assert deleted["ResponseMetadata"]["HTTPHeaders"]["content-length"] == "0"
    (summary,) = client.list_event_trackers(datasetGroupArn=GROUP)["eventTrackers"]
    assert summary["status"] == "DELETE PENDING"
    settle()
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.describe_event_tracker(eventTrackerArn=arn)
    assert caught.value.response["message"] == f"The given event tracker does not exist: {arn}"
    assert client.list_event_trackers()["eventTrackers"] == []
    assert client.create_event_tracker(**TRACKER)["eventTrackerArn"] != arn


@pytest.mark.parametrize("size", [1, 2, 7, 100])
def test_paginators_go_through_all_jobs_in_order(client: Any, settle: Settle, size: int) -> None:
    names = [f"job{number}" for number in range(7)]
    for name in names:
        client.create_dataset_import_job(**{**IMPORT, "jobName": name})
        client.create_dataset_export_job(**{**EXPORT, "jobName": name})
        settle()
    for operation, member in (
        ("list_dataset_import_jobs", "datasetImportJobs"),
        ("list_dataset_export_jobs", "datasetExportJobs"),
    ):
        pages = client.get_paginator(operation).paginate(
            datasetArn=DATASET, PaginationConfig={"PageSize": size}
        )
        found = [page[member] for page in pages]
        assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
        assert [job["jobName"] for page in found for job in page] == names


def test_event_trackers_are_paginated_while_some_go(client: Any, settle: Settle) -> None:
    arns = []
    for number in range(4):
        group = client.create_dataset_group(name=f"g{number}")
        settle()
        tracker = client.create_event_tracker(name="t", datasetGroupArn=group["datasetGroupArn"])
        arns.append(tracker["eventTrackerArn"])
        settle()
    pages = client.get_paginator("list_event_trackers").paginate(PaginationConfig={"PageSize": 2})
    seen = []
    for page in pages:
        seen += [tracker["eventTrackerArn"] for tracker in page["eventTrackers"]]
        if len(seen) == 2:
            for arn in arns[1:3]:
                client.delete_event_tracker(eventTrackerArn=arn)
            settle()
    assert seen == [arns[0], arns[1], arns[3]]


def test_deletion_jobs_have_no_paginator_and_are_listed_newest_first(
    client: Any, settle: Settle
) -> None:
    assert not client.can_paginate("list_data_deletion_jobs")
    for number in range(5):
        client.create_data_deletion_job(**{**DELETION, "jobName": f"job{number}"})
        settle()
    seen: list[Any] = []
    token: dict[str, Any] = {}
    while True:
        page = client.list_data_deletion_jobs(maxResults=2, **token)
        seen.append([job["jobName"] for job in page["dataDeletionJobs"]])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert seen == [["job4", "job3"], ["job2", "job1"], ["job0"]]


NOPE = f"{OWNER}dataset-group/nope"
REFUSALS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "unknown dataset": (
        "create_dataset_import_job",
        {**IMPORT, "datasetArn": f"{DATASET}X"},
        "ResourceNotFoundException",
        f"The given dataset does not exist: {DATASET}X",
    ),
    "unknown group": (
        "create_event_tracker",
        {**TRACKER, "datasetGroupArn": NOPE},
        "ResourceNotFoundException",
        f"The given dataset group does not exist: {NOPE}",
    ),
    "name taken": (
        "create_dataset_export_job",
        EXPORT,
        "ResourceAlreadyExistsException",
        f"Another resource with Arn {OWNER}dataset-export-job/job already exists.",
    ),
    "second tracker": (
        "create_event_tracker",
        TRACKER,
        "ResourceAlreadyExistsException",
        "Another event tracker already exists in the provided dataset group",
    ),
    "no location": (
        "create_data_deletion_job",
        {**DELETION, "jobName": "x", "dataSource": {"dataLocation": "https://example.com"}},
        "InvalidInputException",
        "Invalid Data location.",
    ),
    "too many tags": (
        "create_dataset_import_job",
        {**IMPORT, "tags": [{"tagKey": f"k{number}", "tagValue": ""} for number in range(51)]},
        "TooManyTagsException",
        "You have exceeded the maximum number of tags you can apply to this resource.",
    ),
    "group not active": (
        "create_event_tracker",
        {**TRACKER, "datasetGroupArn": f"{OWNER}dataset-group/leaving"},
        "ResourceInUseException",
        f"dataset group is in PENDING or IN_PROGRESS status: {OWNER}dataset-group/leaving",
    ),
    "bad token": (
        "list_dataset_import_jobs",
        {"nextToken": "garbage"},
        "InvalidNextTokenException",
        "The token is not valid.",
    ),
}


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_has_a_class_and_costs_one_attempt(
    connect: Connect, settle: Settle, case: str, mode: str
) -> None:
    client = connect(retries={"mode": mode})
    client.create_dataset_export_job(**EXPORT)
    client.create_event_tracker(**TRACKER)
    leaving = client.create_dataset_group(name="leaving")["datasetGroupArn"]
    settle()
    client.delete_dataset_group(datasetGroupArn=leaving)
    operation, parameters, code, message = REFUSALS[case]
    with pytest.raises(client.exceptions.from_code(code)) as caught:
        getattr(client, operation)(**parameters)
    assert caught.value.response["Error"] == {"Code": code, "Message": message}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.usefixtures("pauses")
@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 1), ("standard", 3), ("adaptive", 3)])
def test_a_sixth_import_is_tried_again_in_standard_mode_and_creates_nothing(
    dataset_world: World,
    connect: Connect,
    settle: Settle,
    mode: str,
    attempts: int,
) -> None:
    client = connect(retries={"mode": mode})
    for number in range(5):
        client.create_dataset_import_job(**{**IMPORT, "jobName": f"job{number}"})
    with pytest.raises(client.exceptions.LimitExceededException) as caught:
        client.create_dataset_import_job(**IMPORT)
    assert caught.value.response["Error"]["Message"] == (
        "More than 5 resources with PENDING or IN_PROGRESS status."
    )
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == attempts - 1
    assert dataset_world.requests.count(operation="CreateDatasetImportJob") == 5 + attempts
    assert len(client.list_dataset_import_jobs()["datasetImportJobs"]) == 5
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_dataset_import_job(datasetImportJobArn=f"{OWNER}dataset-import-job/job")
    settle()
    client.create_dataset_import_job(**IMPORT)


FAILED = "failed to satisfy constraint: Member must"


def test_constraints_of_nested_members_are_those_of_the_service(connect: Connect) -> None:
    client = connect(parameter_validation=False)
    where = "jobOutput.s3DataDestination"
    with pytest.raises(ClientError) as caught:
        client.create_dataset_export_job(
            datasetArn=DATASET,
            ingestionMode="BOTH",
            roleArn=ROLE,
            jobOutput={"s3DataDestination": {"kmsKeyArn": "key"}},
        )
    assert type(caught.value) is ClientError
    assert caught.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "4 validation errors detected: "
        f"Value null at 'jobName' {FAILED} not be null; "
        f"Value 'BOTH' at 'ingestionMode' {FAILED} satisfy enum value set: [BULK, PUT, ALL]; "
        f"Value null at '{where}.path' {FAILED} not be null; "
        f"Value 'key' at '{where}.kmsKeyArn' {FAILED} satisfy regular expression pattern: "
        "arn:aws.*:kms:.*:[0-9]{12}:key/.*",
    }
