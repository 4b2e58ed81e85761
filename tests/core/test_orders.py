"""What is ordered is about the request at hand, and either comes or is refused at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.core.contract.beginnings import begun_by
from tests.contract import catalogue
from tests.core.conftest import ask

FAULTS = "/_emulator/faults"
LOOKOUT = "/lookoutvision/2020-11-20/projects"


def order(client: Client, provider: str, operation: str, **effect: object) -> TestResponse:
    match = {"provider": provider, "operation": operation}
    return client.post(FAULTS, json={"match": match, "effect": effect})


def applied(client: Client) -> list[int]:
    return [each["applied"] for each in client.get(FAULTS).get_json()["faults"]]


def call(client: Client, operation: str, **members: object) -> Any:
    """Call an operation of Personalize."""
    headers = {**catalogue.contracts()["personalize"].seed["example"]["headers"]}
    headers["X-Amz-Target"] = f"AmazonPersonalize.{operation}"
    return client.post("/personalize/", headers=headers, json=members).get_json(force=True)


# ---- which resource, and who


@pytest.mark.parametrize(
    ("operation", "error", "members"),
    [
        ("CreateDataset", "ConflictException", {"ResourceId": "demo-project/train", "ResourceType": "DATASET"}),
        ("CreateDataset", "ResourceNotFoundException", {"ResourceId": "demo-project", "ResourceType": "PROJECT"}),
        ("CreateDataset", "NotFound:dataset", {"ResourceId": "demo-project/train", "ResourceType": "DATASET"}),
        ("CreateDataset", "ServiceQuotaExceededException", {"ResourceType": "DATASET"}),
    ],
)  # fmt: skip
def test_a_class_is_about_the_resource_of_the_request(
    client: Client, operation: str, error: str, members: Mapping[str, str]
) -> None:
    assert order(client, "lookoutvision", operation, error=error).status_code == 200
    told = ask(client, "lookoutvision").get_json()
    assert {name: told[name] for name in members} == members


def test_a_duplicate_that_is_ordered_is_of_the_type_that_was_sent(client: Client) -> None:
    order(client, "personalize", "CreateDataset", error="ResourceAlreadyExistsException")
    told = ask(client, "personalize", datasetType="Users").get_json(force=True)
    text = "Another dataset of type: USERS already exists in the provided dataset group"
    assert told == {"__type": "ResourceAlreadyExistsException", "message": text}


def test_who_is_denied_is_who_called_and_what(client: Client) -> None:
    order(client, "lookoutvision", "DescribeProject", error="AccessDeniedException")
    example = catalogue.contracts()["lookoutvision"].seed["example"]["headers"]
    elsewhere = example["Authorization"].replace("=emulator/", "=210987654321/")
    elsewhere = elsewhere.replace("us-east-1", "eu-west-1")
    answer = client.get(f"{LOOKOUT}/p7", headers={**example, "Authorization": elsewhere})
    text = (
        "User: arn:aws:iam::210987654321:user/210987654321 is not authorized to perform:"
        " lookoutvision:DescribeProject on resource:"
        " arn:aws:lookoutvision:eu-west-1:210987654321:project/p7"
    )
    assert (answer.status_code, answer.get_json()) == (403, {"Message": text})


def test_a_broken_rule_that_is_ordered_is_one_of_a_member_that_was_sent(client: Client) -> None:
    order(client, "coactive", "CreateDataset", error="HTTPValidationError")
    item = {
        "type": "string_pattern_mismatch",
        "loc": ["body", "name"],
        "msg": "String should match pattern '^[a-zA-Z0-9_]+$'",
        "input": "march_2025_sports_clips",
        "ctx": {"pattern": "^[a-zA-Z0-9_]+$"},
    }
    answer = ask(client, "coactive")
    assert (answer.status_code, answer.get_json()) == (422, {"detail": [item]})


def test_a_code_that_names_a_member_can_be_ordered(client: Client) -> None:
    assert order(client, "pai", "ListDatasetVersions", error="MissingPageSize").status_code == 200
    headers = catalogue.contracts()["pai"].seed["example"]["headers"]
    told = client.get("/pai/api/v1/datasets/d-1/versions", headers=headers).get_json()
    assert (told["Code"], told["Message"]) == ("MissingPageSize", "PageSize is mandatory for this action.")  # fmt: skip


# ---- whose failure


def break_down(*_: object) -> None:
    raise RuntimeError("a defect")


def test_the_emulators_own_failure_is_told_apart(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(client, "aitems", "GetDatasetList", error="INTERNAL_SERVER_ERROR")
    headers = catalogue.contracts()["aitems"].seed["example"]["headers"]
    path = "/aitems/api/v1/datasets"
    ordered = client.get(path, headers=headers)
    client.delete(FAULTS, json={})
    monkeypatch.setattr("emulator.core.pipeline.dispatch.Dispatcher._attempt", break_down)
    own = client.get(path, headers=headers)
    assert ordered.get_json()["message"] == own.get_json()["message"] == "Internal Server Error"
    assert "X-Emulator-Error" not in ordered.headers
    assert own.headers["X-Emulator-Error"] == "InternalError"
    entries = client.get("/_emulator/requests?provider=aitems").get_json()["requests"]
    assert [each["explain"]["failure"] for each in entries] == ["Ordered", "InternalError"]


def test_an_ordered_error_is_explained_by_its_fault(client: Client) -> None:
    made = order(client, "personalize", "CreateDataset", error="LimitExceededException").get_json()
    ask(client, "personalize")
    explained = client.get("/_emulator/requests").get_json()["requests"][-1]["explain"]
    assert explained["reason"] == f"Fault {made['id']} ordered LimitExceededException"
    assert explained["facts"] == {"fault": made["id"], "reason": explained["reason"]}


# ---- refused, or applied and counted


@pytest.mark.parametrize(
    ("provider", "operation", "effect"),
    [
        ("personalize", "ListDatasets", {"lifecycle": "failed"}),
        ("personalize", "ListDatasets", {"hold_seconds": 1}),
        ("personalize", "CreateSchema", {"lifecycle": "manual"}),
        ("personalize", "CreateDataset", {"lifecycle": "failed", "reason": "No."}),
        ("aitems", "CreateDataset", {"lifecycle": "failed", "reason": "No."}),
        ("pai", "CreateDataset", {"lifecycle": "failed"}),
        ("coactive", "CreateDataset", {"lifecycle": "timed"}),
        ("personalize", "CreateCampaign", {"error": "InternalFailure"}),
        ("lookoutvision", "DetectAnomalies", {"delay": 1}),
    ],
)
def test_what_cannot_come_is_refused(
    client: Client, provider: str, operation: str, effect: Mapping[str, object]
) -> None:
    answer = order(client, provider, operation, **effect)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "NotDeclared")
    match = {"provider": provider, "operation": operation}
    forced = client.post(FAULTS, json={"match": match, "effect": effect, "allow_undeclared": True})
    assert forced.status_code == 400
    assert applied(client) == []


@pytest.mark.parametrize(
    ("provider", "operation"),
    [(name, each.name) for name, each in catalogue.operations() if each.emulated],
)
def test_a_lifecycle_is_ordered_where_one_begins_and_nowhere_else(
    client: Client, provider: str, operation: str
) -> None:
    contract = catalogue.contracts()[provider]
    begun = begun_by(contract, contract.operations[operation])
    for effect, possible in (
        ({"lifecycle": "failed"}, any(life.can_fail for life in begun)),
        ({"hold_seconds": 1}, any(life.has_delays for life in begun)),
        ({"lifecycle": "manual"}, any(life.has_delays for life in begun)),
    ):
        assert (order(client, provider, operation, **effect).status_code == 200) is possible


def test_a_failure_that_would_have_come_anyway_is_counted_and_keeps_its_reason(
    client: Client,
) -> None:
    client.put("/_emulator/objects", json={"bucket": "bucket", "key": "k", "text": "no JSON"})
    order(client, "lookoutvision", "CreateDataset", lifecycle="failed")
    source = {"GroundTruthManifest": {"S3Object": {"Bucket": "bucket", "Key": "k"}}}
    assert ask(client, "lookoutvision", DatasetSource=source).status_code == 202
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    headers = catalogue.contracts()["lookoutvision"].seed["example"]["headers"]
    told = client.get(f"{LOOKOUT}/demo-project/datasets/train", headers=headers).get_json()
    faults = catalogue.contracts()["lookoutvision"].rules["manifestFaults"]
    assert told["DatasetDescription"]["Status"] == "CREATE_FAILED"
    assert told["DatasetDescription"]["StatusMessage"] in faults.values()
    assert applied(client) == [1]


def test_an_error_after_the_call_is_not_counted_where_the_call_is_refused(client: Client) -> None:
    order(client, "personalize", "CreateDataset", error="InternalFailure", apply_first=True)
    assert ask(client, "personalize", name="-").status_code == 400
    assert applied(client) == [0]
    assert ask(client, "personalize").status_code == 500
    assert applied(client) == [1]


# ---- limits that nobody has published


def test_no_limit_is_made_up(client: Client) -> None:
    shown = client.get("/_emulator/quotas").get_json()
    inferred = [
        quota["limit"]
        for quotas in shown.values()
        for quota in quotas.values()
        if quota["evidence"].startswith("inferred")
    ]
    assert inferred
    assert set(inferred) == {None}


def test_a_quota_leads_to_the_error_of_a_dataset_too_many(client: Client) -> None:
    client.patch("/_emulator/quotas", json={"personalize": {"datasets": 1}})
    assert "datasetArn" in ask(client, "personalize").get_json(force=True)
    avro = json.dumps({"type": "record", "name": "Users", "namespace": "n", "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}], "version": "1.0"})  # fmt: skip
    schema = call(client, "CreateSchema", name="users", schema=avro)["schemaArn"]
    text = "More than 1 resources in ACTIVE state. Please delete some and try again."
    said = {"__type": "LimitExceededException", "message": text}
    answer = ask(client, "personalize", name="second", datasetType="Users", schemaArn=schema)
    assert (answer.status_code, answer.get_json(force=True)) == (400, said)
    client.post("/_emulator/faults", json={"match": {"provider": "personalize"}, "effect": {"error": "LimitExceededException"}})  # fmt: skip
    assert ask(client, "personalize").get_json(force=True) == said
