"""Amazon Personalize: a dataset needs a schema and an active group."""

from __future__ import annotations

import json

import boto3

from dataset_app.service import AlreadyExists, Patience, QuotaReached, State

SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}


class Personalize:
    """Datasets of interactions, each in a group of its own."""

    def __init__(self, patience: Patience) -> None:
        self._client = boto3.client("personalize")  # endpoint and keys: AWS_... variables
        self._patience = patience

    def create(self, name: str) -> str:
        client, errors = self._client, self._client.exceptions
        try:
            schema = client.create_schema(name=name, schema=json.dumps(SCHEMA))["schemaArn"]
            group = client.create_dataset_group(name=name)["datasetGroupArn"]
            self._patience.wait(lambda: self._group(group))
            made = client.create_dataset(
                name=name, datasetType="Interactions", schemaArn=schema, datasetGroupArn=group
            )
        except errors.ResourceAlreadyExistsException as error:
            raise AlreadyExists(name) from error
        except errors.LimitExceededException as error:
            raise QuotaReached(str(error)) from error
        return str(made["datasetArn"])

    def state(self, dataset: str) -> State:
        return _state(self._client.describe_dataset(datasetArn=dataset)["dataset"])

    def _group(self, arn: str) -> State:
        answer = self._client.describe_dataset_group(datasetGroupArn=arn)
        return _state(answer["datasetGroup"])


def _state(shown: dict[str, str]) -> State:
    failed = shown["status"] == "CREATE FAILED"
    reason = shown.get("failureReason", "no reason given") if failed else None
    return State(ready=shown["status"] == "ACTIVE", failure=reason)
