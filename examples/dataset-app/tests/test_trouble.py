"""What the services refuse, and what goes wrong there."""

import json

import pytest
from botocore.exceptions import ClientError

from dataset_app.service import CreationFailed, QuotaReached

IMAGE = {
    "source-ref": "s3://manifests/1.jpg",
    "anomaly-label": 0,
    "anomaly-label-metadata": {
        "confidence": 1,
        "class-name": "normal",
        "human-annotated": "yes",
        "creation-date": "2026-04-01T08:00:00",
        "type": "groundtruth/image-classification",
    },
}


def test_the_reason_of_a_failed_creation_is_reported(app, dataset_world, faults):
    dataset_world.objects.put("manifests", "clips.manifest", json.dumps(IMAGE))
    faults.add(
        provider="lookoutvision",
        operation="CreateDataset",
        lifecycle="failed",
        reason="The images are too small.",
    )
    with pytest.raises(CreationFailed, match=r"The images are too small\."):
        app("lookoutvision", "clips")


def test_a_manifest_that_is_none_fails_without_any_fault(app, dataset_world):
    dataset_world.objects.put("manifests", "clips.manifest", "no JSON")
    with pytest.raises(CreationFailed, match="contents are invalid"):
        app("lookoutvision", "clips")


def test_boto3_gets_over_throttling(app, dataset_world, faults, pauses):
    faults.add("ThrottlingException", provider="personalize", operation="CreateDataset", times=2)
    app("personalize", "clips")
    attempts = dataset_world.requests.filter(operation="CreateDataset")
    assert [attempt["status"] for attempt in attempts] == [400, 400, 200]
    assert len(pauses) == 2


def test_boto3_gives_up_where_throttling_does_not_end(app, faults, pauses):
    faults.add("ThrottlingException", provider="personalize", operation="CreateDataset")
    with pytest.raises(ClientError, match="reached max retries"):
        app("personalize", "clips")


@pytest.mark.parametrize("provider", ["aitems", "coactive"])
def test_the_application_gets_over_throttling(app, dataset_world, faults, provider):
    faults.add("Throttled", provider=provider, operation="CreateDataset", retry_after=0, times=2)
    app(provider, "clips")
    attempts = dataset_world.requests.filter(operation="CreateDataset")
    assert [attempt["status"] for attempt in attempts][:2] == [429, 429]


@pytest.mark.parametrize(
    ("provider", "quota"), [("personalize", "dataset_groups"), ("lookoutvision", "projects")]
)
def test_a_quota_is_reported(app, dataset_world, provider, quota):
    dataset_world.quotas.set(provider, **{quota: 1})
    app(provider, "clips")
    with pytest.raises(QuotaReached):
        app(provider, "films")
