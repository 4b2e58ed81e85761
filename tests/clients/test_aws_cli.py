"""The AWS command line against a live emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from emulator.testing import World

AVRO = '{"type":"record","name":"Users","namespace":"com.amazonaws.personalize.schema","fields":[{"name":"USER_ID","type":"string"},{"name":"AGE","type":"int"}],"version":"1.0"}'  # fmt: skip
ARN = "arn:aws:personalize:us-east-1:123456789012"

Aws = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def aws(dataset_world: World) -> Aws:
    """Run `aws <service> <words>` against the emulator."""

    def run(service: str, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": "123456789012",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": dataset_world.url(service),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        command = [sys.executable, "-m", "awscli", service, *words, "--output", "json"]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)  # fmt: skip

    return run


def said(done: subprocess.CompletedProcess[str]) -> object:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_schema_is_created_listed_and_deleted(aws: Aws) -> None:
    create = ("create-schema", "--name", "cli", "--schema", AVRO)
    assert said(aws("personalize", *create)) == {"schemaArn": f"{ARN}:schema/cli"}
    again = aws("personalize", *create)
    assert again.returncode == 255
    assert again.stderr.strip() == (
        "An error occurred (ResourceAlreadyExistsException) when calling the CreateSchema operation: "
        f"Another resource with Arn {ARN}:schema/cli already exists."
    )  # fmt: skip
    listed = said(aws("personalize", "list-schemas", "--query", "schemas[].name"))
    assert listed == ["cli", "demo-schema"]
    done = aws("personalize", "delete-schema", "--schema-arn", f"{ARN}:schema/cli")
    assert (done.returncode, done.stdout) == (0, "")


def test_a_project_is_created_filled_and_deleted(aws: Aws) -> None:
    vision = "lookoutvision"
    made = said(aws(vision, "create-project", "--project-name", "cli", "--query", "ProjectMetadata.ProjectArn"))  # fmt: skip
    assert made == "arn:aws:lookoutvision:us-east-1:123456789012:project/cli"
    dataset = ("--project-name", "cli", "--dataset-type", "train")
    made = said(aws(vision, "create-dataset", *dataset, "--query", "DatasetMetadata.Status"))
    assert made == "CREATE_COMPLETE"
    listed = said(aws(vision, "list-projects", "--query", "Projects[].ProjectName"))
    assert listed == ["demo-project", "cli"]
    refused = aws(vision, "delete-project", "--project-name", "cli")
    assert refused.returncode == 255
    assert "(ConflictException) when calling the DeleteProject operation" in refused.stderr


def test_what_is_not_emulated_is_said_at_once(aws: Aws) -> None:
    done = aws("personalize", "list-recipes")
    assert done.returncode == 255
    assert "ListRecipes is not emulated; /_emulator/operations lists what is." in done.stderr
