"""Why a request was refused is in the journal, with the rule, the place and the evidence."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from tests.contract import catalogue

PERSONALIZE = catalogue.contracts()["personalize"]
EXAMPLE = PERSONALIZE.seed["example"]


def last(client: Client) -> Any:
    """The last entry of the journal, as the control API shows it."""
    return client.get("/_emulator/requests").get_json()["requests"][-1]


def test_what_succeeds_needs_no_explanation(client: Client) -> None:
    client.post("/personalize/", headers=EXAMPLE["headers"], json=EXAMPLE["body"])
    assert (last(client)["status"], last(client)["explain"]) == (200, None)


def test_a_broken_rule_is_named_with_its_place_and_its_limit(client: Client) -> None:
    body = {**EXAMPLE["body"], "name": "a" * 64}
    client.post("/personalize/", headers=EXAMPLE["headers"], json=body)
    assert last(client)["explain"] == {
        "failure": "Invalid",
        "subject": None,
        "reason": "The document breaks rules",
        "facts": {"count": 1},
        "rules": [
            {"rule": "maxLength", "pointer": "/name", "limit": 63, "evidence": "modelled model"}
        ],
        "evidence": PERSONALIZE.failures["Invalid"]["evidence"],
        "sources": {name: PERSONALIZE.service["sources"][name] for name in ("snapshots", "model")},
        "nearest": None,
    }


def test_what_is_missing_is_named(client: Client) -> None:
    group = "arn:aws:personalize:us-east-1:123456789012:dataset-group/nope"
    body = {**EXAMPLE["body"], "datasetGroupArn": group}
    client.post("/personalize/", headers=EXAMPLE["headers"], json=body)
    explained = last(client)["explain"]
    assert explained["failure"] == "NotFound"
    assert explained["subject"] == "dataset-group"
    assert explained["facts"] == {"id": group}
    assert explained["evidence"] == PERSONALIZE.failures["NotFound:dataset-group"]["evidence"]


@pytest.mark.parametrize(
    ("method", "path", "operation", "why"),
    [
        ("PATCH", "/pai/api/v1/datasets", "CreateDataset", "the method is PATCH, not POST"),
        (
            "GET",
            "/aitems/api/v1/dataset",
            "GetDatasetList",
            "the path is /api/v1/dataset, not /api/v1/datasets",
        ),
        (
            "GET",
            "/coactive/api/v2/datasets/x",
            "GetDataset",
            "the path is /api/v2/datasets/x, not /api/v1/datasets/{dataset_id}",
        ),
    ],
)
def test_a_request_that_lost_its_way_is_shown_the_nearest_operation(
    client: Client, method: str, path: str, operation: str, why: str
) -> None:
    client.open(path, method=method)
    nearest = last(client)["explain"]["nearest"]
    assert (nearest["operation"], nearest["why"]) == (operation, why)


def test_a_target_that_is_misspelt_is_shown_the_right_one(client: Client) -> None:
    headers = {**EXAMPLE["headers"], "X-Amz-Target": "AmazonPersonalize.CreateDatset"}
    client.post("/personalize/", headers=headers, json={})
    assert last(client)["explain"]["nearest"] == {
        "operation": "CreateDataset",
        "method": "POST",
        "path": "/",
        "target": "AmazonPersonalize.CreateDataset",
        "why": "the header X-Amz-Target is 'AmazonPersonalize.CreateDatset', not"
        " 'AmazonPersonalize.CreateDataset'",
    }


def test_credentials_are_explained_without_what_they_were(client: Client) -> None:
    headers = {**EXAMPLE["headers"], "Authorization": "AWS4-HMAC-SHA256 Credential=hush/us-east-1"}
    client.post("/personalize/", headers=headers, json={})
    explained = last(client)["explain"]
    assert (explained["failure"], explained["facts"]) == ("Unauthenticated", {})
    assert "hush" not in str(last(client))


def test_a_fault_says_that_it_was_ordered(client: Client) -> None:
    order = {"match": {"provider": "personalize"}, "effect": {"error": "ThrottlingException"}}
    assert client.post("/_emulator/faults", json=order).status_code == 200
    client.post("/personalize/", headers=EXAMPLE["headers"], json=EXAMPLE["body"])
    explained = last(client)["explain"]
    assert explained["failure"] == "Ordered"
    assert explained["evidence"] == "ordered through the control API"


def test_the_front_door_explains_itself_as_well(client: Client) -> None:
    client.post("/api/v1/datasets")
    assert last(client)["explain"]["failure"] == "ProviderUnknown"
    client.post("/w/a b/x")
    assert last(client)["explain"]["failure"] == "WorldRefused"


def test_an_endless_path_is_compared_only_so_far(client: Client) -> None:
    client.get(f"/pai/{'a' * 300_000}/{'b/' * 100_000}")
    assert last(client)["explain"]["failure"] == "NoSuchRoute"


def test_every_4xx_of_the_journal_is_explained(client: Client) -> None:
    for name, contract in catalogue.contracts().items():
        for operation in contract.operations.values():
            client.open(f"/{name}{operation.path}", method=operation.method)
    entries = client.get("/_emulator/requests").get_json()["requests"]
    assert all(entry["explain"] for entry in entries if entry["status"] >= 400)
    assert len(entries) > 200
