"""Create a dataset with the boto3 of this interpreter, and print what came back as JSON.

    python personalize_flow.py <URL of the service> <URL of the control API>

It runs in an environment of its own, without the emulator, and knows it by its URLs only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.request import Request, urlopen

import boto3
import botocore.endpoint
from botocore.config import Config
from botocore.exceptions import ClientError

FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]
SCHEMA = json.dumps({"type": "record", "name": "Interactions", "fields": FIELDS})


def connect(url: str, **config: Any) -> Any:
    return boto3.client(
        "personalize",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(proxies={}, **config),
    )


def command(method: str, url: str, document: object) -> None:
    headers = {"Content-Type": "application/json"}
    body = json.dumps(document).encode()
    with urlopen(Request(url, data=body, headers=headers, method=method), timeout=10) as answer:
        answer.read()


def said(call: Callable[..., dict[str, Any]], **parameters: Any) -> dict[str, Any]:
    """Give the answer or the error, and how many requests it took."""
    try:
        answer, raised = call(**parameters), None
    except ClientError as error:
        answer, raised = error.response, type(error).__name__
    metadata = answer.pop("ResponseMetadata")
    return {
        "answer": answer,
        "raised": raised,
        "status": metadata["HTTPStatusCode"],
        "attempts": metadata["RetryAttempts"] + 1,
    }


def flow(url: str, control: str) -> dict[str, Any]:
    client = connect(url)
    group = client.create_dataset_group(name="latest")["datasetGroupArn"]
    schema = client.create_schema(name="latest", schema=SCHEMA)["schemaArn"]
    params = {
        "name": "ds1",
        "schemaArn": schema,
        "datasetGroupArn": group,
        "datasetType": "Interactions",
        "tags": [{"tagKey": "Größe", "tagValue": ""}],
    }
    too_soon = said(client.delete_dataset_group, datasetGroupArn=group)
    command("POST", f"{control}/clock/advance", {"until": "settled"})
    created = said(client.create_dataset, **params)
    dataset = created["answer"]["datasetArn"]
    pending = said(client.describe_dataset, datasetArn=dataset)
    command("POST", f"{control}/clock/advance", {"until": "settled"})
    command("PATCH", f"{control}/quotas", {"personalize": {"dataset_groups": 0}})
    unchecked = connect(url, parameter_validation=False)
    return {
        "too soon": too_soon,
        "created": created,
        "pending": pending,
        "active": said(client.describe_dataset, datasetArn=dataset),
        "group": said(client.describe_dataset_group, datasetGroupArn=group),
        "schema": said(client.describe_schema, schemaArn=schema),
        "again": said(client.create_dataset, **params),
        "unknown": said(client.create_dataset, **{**params, "datasetType": "Bogus"}),
        "missing": said(client.describe_dataset, datasetArn=f"{dataset}S"),
        "long name": said(client.create_dataset, **{**params, "name": "a" * 64}),
        "no tag key": said(
            unchecked.create_dataset, **{**params, "tags": [{"tagKey": "", "tagValue": ""}]}
        ),
        "over quota": said(client.create_dataset_group, name="more"),
        "not emulated": said(client.list_recipes),
        **rest_of_life(client, control, dataset),
    }


def rest_of_life(client: Any, control: str, dataset: str) -> dict[str, Any]:
    """Tag, import, list and delete; newer models do not require a role for imports."""
    params = {"jobName": "j", "datasetArn": dataset, "dataSource": {"dataLocation": "s3://b/k.csv"}}
    tagged = said(client.tag_resource, resourceArn=dataset, tags=[{"tagKey": "a", "tagValue": "b"}])
    pages = client.get_paginator("list_schemas").paginate(PaginationConfig={"PageSize": 1})
    heard = {
        "tagged": tagged,
        "tags": said(client.list_tags_for_resource, resourceArn=dataset),
        "pages": [[schema["name"] for schema in page["schemas"]] for page in pages],
        "imported": said(client.create_dataset_import_job, **params),
        "busy": said(client.delete_dataset, datasetArn=dataset),
    }
    command("POST", f"{control}/clock/advance", {"until": "settled"})
    heard["deleted"] = said(client.delete_dataset, datasetArn=dataset)
    heard["deleting"] = client.describe_dataset(datasetArn=dataset)["dataset"]["status"]
    command("POST", f"{control}/clock/advance", {"until": "settled"})
    heard["gone"] = said(client.describe_dataset, datasetArn=dataset)
    return heard


if __name__ == "__main__":
    # what the client waits between two attempts is not what is tested
    botocore.endpoint.time = SimpleNamespace(sleep=lambda seconds: None)
    print(json.dumps(flow(*sys.argv[1:]), default=lambda time: time.timestamp()))
