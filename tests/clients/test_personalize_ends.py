"""The ends of a life in Amazon Personalize through boto3: updates that fail, and tearing everything down."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator.testing import World
from tests.clients import test_personalize as shared
from tests.clients import test_personalize_life as life
from tests.clients.test_personalize import GROUP, OWNER
from tests.clients.test_personalize_life import items

connect = shared.connect
client = shared.client
advance = life.advance
dataset = life.dataset

NEW = {"name": "GENRE", "type": ["string", "null"]}


@pytest.mark.parametrize(
    ("effect", "reason"),
    [({}, "The update of the dataset failed."), ({"reason": "Too wide."}, "Too wide.")],
)
def test_an_update_that_fails_leaves_the_dataset_as_it_was_and_says_why(
    dataset_world: World, client: Any, dataset: str, effect: dict[str, str], reason: str
) -> None:
    wider = client.create_schema(name="wider", schema=items(NEW))["schemaArn"]
    dataset_world.faults.add(
        operation="UpdateDataset", provider="personalize", lifecycle="failed", **effect
    )
    client.update_dataset(datasetArn=dataset, schemaArn=wider)
    dataset_world.clock.advance(1.5)
    found = client.describe_dataset(datasetArn=dataset)["dataset"]
    assert (found["status"], found["schemaArn"]) == ("ACTIVE", f"{OWNER}schema/items")
    update = found["latestDatasetUpdate"]
    assert (update["schemaArn"], update["status"]) == (wider, "UPDATE FAILED")
    assert update["failureReason"] == reason
    client.delete_schema(schemaArn=wider)  # nothing uses it
    client.create_dataset_import_job(
        jobName="j",
        datasetArn=dataset,
        dataSource={"dataLocation": "s3://bucket/items.csv"},
        roleArn="arn:aws:iam::123456789012:role/r",
    )


def test_after_an_update_that_failed_another_one_succeeds(
    dataset_world: World, client: Any, dataset: str
) -> None:
    wider = client.create_schema(name="wider", schema=items(NEW))["schemaArn"]
    dataset_world.faults.add(
        operation="UpdateDataset", provider="personalize", lifecycle="failed", times=1
    )
    client.update_dataset(datasetArn=dataset, schemaArn=wider)
    dataset_world.clock.advance(1.5)
    client.update_dataset(datasetArn=dataset, schemaArn=wider)
    dataset_world.clock.advance(1.5)
    found = client.describe_dataset(datasetArn=dataset)["dataset"]
    assert found["schemaArn"] == wider
    assert found["latestDatasetUpdate"]["status"] == "ACTIVE"
    assert "failureReason" not in found["latestDatasetUpdate"]


def tear_down(client: Any) -> None:
    """Delete everything, in the order that published programs have: each looks for all kinds.

    See aws-samples/retail-demo-store, delete_dataset_groups.py (schemas/personalize/service.json,
    `cleanup`).
    """
    for group in client.list_dataset_groups()["datasetGroups"]:
        within = {"datasetGroupArn": group["datasetGroupArn"]}
        for recommender in client.list_recommenders(**within)["recommenders"]:
            client.delete_recommender(recommenderArn=recommender["recommenderArn"])
        for solution in client.list_solutions(**within)["solutions"]:
            found = {"solutionArn": solution["solutionArn"]}
            for campaign in client.list_campaigns(**found)["campaigns"]:
                client.delete_campaign(campaignArn=campaign["campaignArn"])
            client.delete_solution(**found)
        for tracker in client.list_event_trackers(**within)["eventTrackers"]:
            client.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
        for each in client.list_filters(**within)["Filters"]:
            client.delete_filter(filterArn=each["filterArn"])
        for each in client.list_metric_attributions(**within)["metricAttributions"]:
            client.delete_metric_attribution(metricAttributionArn=each["metricAttributionArn"])


def test_a_program_that_tears_everything_down_reaches_its_end(
    dataset_world: World, client: Any, dataset: str
) -> None:
    within = {"datasetGroupArn": GROUP}
    client.create_event_tracker(name="tracker", **within)
    client.create_filter(
        name="filter", filterExpression='EXCLUDE ItemID WHERE Items.GENRE IN ("x")', **within
    )
    dataset_world.clock.advance(1.5)
    tear_down(client)
    dataset_world.clock.advance(1.5)
    for found in client.list_datasets(**within)["datasets"]:
        client.delete_dataset(datasetArn=found["datasetArn"])
    dataset_world.clock.advance(1.5)
    for schema in client.list_schemas()["schemas"]:
        client.delete_schema(schemaArn=schema["schemaArn"])
    client.delete_dataset_group(**within)
    dataset_world.clock.advance(1.5)
    assert client.list_dataset_groups()["datasetGroups"] == []
    assert all(entry["status"] == 200 for entry in dataset_world.requests.list())


def test_what_never_existed_is_gone_for_programs_that_wait_for_it(client: Any) -> None:
    gone = client.exceptions.ResourceNotFoundException
    solution = f"{OWNER}solution/movies"
    with pytest.raises(gone, match=f"The given solution does not exist: {solution}"):
        client.describe_solution(solutionArn=solution)
    with pytest.raises(gone):
        client.delete_campaign(campaignArn=f"{OWNER}campaign/movies")


RANKING = {"campaignArn": f"{OWNER}campaign/c", "userId": "u", "inputList": ["i"]}
EVENT = {"eventType": "click", "sentAt": 1775030400}


@pytest.mark.parametrize("prefix", ["/personalize", ""])
@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("personalize-runtime", "get_recommendations", {"campaignArn": f"{OWNER}campaign/c"}),
        ("personalize-runtime", "get_personalized_ranking", RANKING),
        (
            "personalize-events",
            "put_events",
            {"trackingId": "t", "sessionId": "s", "eventList": [EVENT]},
        ),
    ],
)
def test_the_sister_services_say_in_their_own_words_that_they_are_not_emulated(
    dataset_world: World, prefix: str, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    base = dataset_world.url("personalize").removesuffix("/personalize")
    client = boto3.client(
        service,
        endpoint_url=f"{base}{prefix}",
        region_name="us-east-1",
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",
    )
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    name = client.meta.method_to_api_mapping[operation]
    answer = caught.value.response
    assert answer["Error"] == {
        "Code": "NotImplementedException",
        "Message": f"{name} is not emulated; /_emulator/operations lists what is.",
    }
    metadata = answer["ResponseMetadata"]
    assert (metadata["HTTPStatusCode"], metadata["RetryAttempts"]) == (501, 0)
    assert metadata["HTTPHeaders"]["content-type"] == "application/json"
    assert metadata["HTTPHeaders"]["x-amzn-errortype"] == "NotImplementedException"
