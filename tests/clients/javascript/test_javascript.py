"""The AWS SDK for JavaScript, unmodified, in the world that its endpoint names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator, Settings
from emulator.commands.environment import variables
from emulator.core.primitives.clock import SECOND
from tests.programs import missing

HERE = Path(__file__).parent
SECONDS = 60
PROXIES = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")
SCHEMA = "arn:aws:personalize:us-east-1:123456789012:schema/users"
NO_IMAGES = {"Total": 0, "Labeled": 0, "Normal": 0, "Anomaly": 0}
PATTERN = "1 validation error detected: Value '-' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\\-_]*"  # fmt: skip


def done(name: str, status: int, attempts: int = 1, **members: object) -> dict[str, object]:
    return {"name": f"{name}Command", "status": status, "attempts": attempts, "members": members}


def failed(name: str, status: int, error: str, message: str) -> dict[str, object]:
    said = {"error": error, "message": message}
    return {"name": f"{name}Command", "status": status, "attempts": 1, **said}


def told(at: str) -> list[dict[str, object]]:
    """What it is told where the clock stands still."""
    project = {
        "CreationTimestamp": at,
        "ProjectArn": "arn:aws:lookoutvision:us-east-1:123456789012:project/p",
        "ProjectName": "p",
    }
    dataset = {
        "CreationTimestamp": at,
        "DatasetType": "train",
        "Status": "CREATE_COMPLETE",
        "StatusMessage": "The dataset was created successfully.",
    }
    times = {"creationDateTime": at, "lastUpdatedDateTime": at}
    return [
        done("CreateSchema", 200, schemaArn=SCHEMA),
        failed("CreateSchema", 400, "ResourceAlreadyExistsException", f"Another resource with Arn {SCHEMA} already exists."),
        failed("CreateSchema", 400, "ValidationException", PATTERN),
        done("ListSchemas", 200, schemas=[{"name": "users", "schemaArn": SCHEMA, **times}]),
        failed("CreateSolution", 501, "NotImplementedException", "CreateSolution is not emulated; /_emulator/operations lists what is."),
        done("CreateProject", 200, ProjectMetadata=project),
        failed("CreateProject", 409, "ConflictException", "A project with the name p already exists."),
        done("CreateDataset", 202, DatasetMetadata=dataset),
        done("DescribeDataset", 200, DatasetDescription={**dataset, "ImageStats": NO_IMAGES, "LastUpdatedTimestamp": at, "ProjectName": "p"}),
        done("ListDatasetGroups", 200, 3, datasetGroups=[]),
        done("ListProjects", 200, 3, Projects=[project]),
    ]  # fmt: skip


def ask(base: str) -> list[dict[str, Any]]:
    """Run the flow against the endpoints under a URL."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        missing("the AWS SDK for JavaScript (make clients, with node and npm)")
    inherited = {name: value for name, value in os.environ.items() if name not in PROXIES}
    ran = subprocess.run(
        [node, HERE / "flow.mjs"],
        env={**inherited, **variables(base)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    answers: list[dict[str, Any]] = json.loads(ran.stdout)
    return answers


@pytest.mark.parametrize("auth", ["parse", "verify"])
def test_it_lives_in_the_world_of_its_endpoint(auth: Any) -> None:
    """The same names in two worlds, one after the other: neither is in the way of the other."""
    with Emulator(Settings(port=0, auth=auth, strict=True)) as emulator:
        for world in ("a", "b"):
            now = int(time.time())  # what its signatures are made at
            emulator.application.worlds.named(world).clock.set(mode="frozen", now=now * SECOND)
            at = f"{datetime.fromtimestamp(now, UTC):%Y-%m-%dT%H:%M:%S}.000Z"
            assert ask(f"{emulator.endpoints.base}/w/{world}") == told(at)
        assert not emulator.application.world.resources.views()
