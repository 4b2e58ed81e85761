"""Amazon Lookout for Vision: a dataset belongs to a project and is read from a manifest."""

from __future__ import annotations

import boto3

from dataset_app.service import AlreadyExists, QuotaReached, State


class LookoutVision:
    """Training datasets; `<name>.manifest` in a bucket tells their images."""

    def __init__(self, bucket: str) -> None:
        self._client = boto3.client("lookoutvision")  # endpoint and keys: AWS_... variables
        self._bucket = bucket

    def create(self, name: str) -> str:
        client, errors = self._client, self._client.exceptions
        manifest = {"Bucket": self._bucket, "Key": f"{name}.manifest"}
        try:
            client.create_project(ProjectName=name)
            client.create_dataset(
                ProjectName=name,
                DatasetType="train",
                DatasetSource={"GroundTruthManifest": {"S3Object": manifest}},
            )
        except errors.ConflictException as error:
            raise AlreadyExists(name) from error
        except errors.ServiceQuotaExceededException as error:
            raise QuotaReached(str(error)) from error
        return name

    def state(self, dataset: str) -> State:
        answer = self._client.describe_dataset(ProjectName=dataset, DatasetType="train")
        shown = answer["DatasetDescription"]
        failed = shown["Status"] == "CREATE_FAILED"
        return State(
            ready=shown["Status"] == "CREATE_COMPLETE",
            failure=shown["StatusMessage"] if failed else None,
        )
