"""Quotas are data; how much of each is used is told from what there is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from tests.contract import catalogue

QUOTAS = [
    (name, quota) for name, contract in catalogue.contracts().items() for quota in contract.quotas
]
TARGET = "AmazonPersonalize.{}"
AVRO = json.dumps({"type": "record", "name": "Users", "namespace": "n", "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}], "version": "1.0"})  # fmt: skip


@pytest.fixture
def client() -> Iterator[Client]:
    application = Application(Settings(auth="off", strict=True, clock="frozen"))
    yield Client(application)
    application.close()


def personalize(client: Client, operation: str, **members: Any) -> tuple[int, Any]:
    headers = {
        "X-Amz-Target": TARGET.format(operation),
        "Content-Type": "application/x-amz-json-1.1",
    }
    answer = client.post("/personalize/", data=json.dumps(members), headers=headers)
    return answer.status_code, answer.get_json(force=True)


def used(client: Client, provider: str) -> dict[str, Any]:
    shown = client.get("/_emulator/quotas").get_json()[provider]
    return {name: quota["used"] for name, quota in shown.items()}


@pytest.mark.parametrize(("provider", "quota"), QUOTAS)
def test_a_quota_of_resources_is_of_a_kind_that_there_is(provider: str, quota: str) -> None:
    counts = catalogue.contracts()[provider].quotas[quota].get("counts")
    assert counts is None or counts["kind"] in catalogue.kinds(provider)


@pytest.mark.parametrize(("provider", "quota"), QUOTAS)
def test_a_quota_is_shown_with_its_limit_and_its_evidence(
    client: Client, provider: str, quota: str
) -> None:
    documented = catalogue.contracts()[provider].quotas[quota]
    told = client.get("/_emulator/quotas").get_json()[provider][quota]
    nothing = 0 if "counts" in documented else None
    assert told == {"limit": documented["limit"], "used": nothing, "evidence": documented["evidence"]}  # fmt: skip
    told = client.patch("/_emulator/quotas", json={provider: {quota: 7}}).get_json()[provider]
    assert told[quota] == {"limit": 7, "used": nothing, "evidence": documented["evidence"]}


def test_what_is_used_is_told_and_reaches_the_limit(client: Client) -> None:
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": 2}})
    for name, count in (("a", 1), ("b", 2)):
        assert personalize(client, "CreateSchema", name=name, schema=AVRO)[0] == 200
        assert used(client, "personalize")["schemas"] == count
    status, said = personalize(client, "CreateSchema", name="c", schema=AVRO)
    assert (status, said["__type"]) == (400, "LimitExceededException")
    assert used(client, "personalize")["schemas"] == 2


def test_of_several_regions_the_one_with_most_counts(client: Client) -> None:
    for region, names in (("us-east-1", "ab"), ("eu-west-1", "c")):
        for name in names:
            answer = client.post(
                "/2020-11-20/projects",
                headers={"Host": f"lookoutvision.{region}.amazonaws.com"},
                json={"ProjectName": name},
            )
            assert answer.status_code == 200
    assert used(client, "lookoutvision")["projects"] == 2


def test_what_has_settled_does_not_count_for_a_quota_of_what_is_under_way(client: Client) -> None:
    group = personalize(client, "CreateDatasetGroup", name="g")[1]["datasetGroupArn"]
    schema = personalize(client, "CreateSchema", name="s", schema=AVRO)[1]["schemaArn"]
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    made = {"name": "d", "datasetGroupArn": group, "schemaArn": schema, "datasetType": "Users"}
    dataset = personalize(client, "CreateDataset", **made)[1]["datasetArn"]
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    job = {"datasetArn": dataset, "dataSource": {"dataLocation": "s3://b/k.csv"}, "roleArn": "arn:aws:iam::123456789012:role/r"}  # fmt: skip
    assert personalize(client, "CreateDatasetImportJob", jobName="j", **job)[0] == 200
    assert used(client, "personalize") == {"schemas": 1, "dataset_groups": 1, "datasets": 1, "event_trackers": 0, "dataset_export_jobs": 0, "dataset_import_jobs": 1, "data_deletion_jobs": 0, "filters": 0}  # fmt: skip
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    assert used(client, "personalize")["dataset_import_jobs"] == 0
