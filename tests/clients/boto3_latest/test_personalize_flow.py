"""Amazon Personalize through the newest boto3, which has an interpreter of its own."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from emulator.testing import World

HERE = Path(__file__).parent
PYTHON = HERE.parents[2] / ".venv-boto3-latest" / "bin" / "python"
SECONDS = 120
START = "2099-04-01T08:00:00.123Z"
"""Later than the demo world, which is made at the time of the test."""


def test_the_newest_boto3_finds_the_same_service(dataset_world: World) -> None:
    if not PYTHON.exists():
        missing = f"{PYTHON} is missing: make clients"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    dataset_world.clock.freeze(START)
    urls = [dataset_world.url("personalize"), dataset_world.control]
    done = subprocess.run(
        [PYTHON, HERE / "personalize_flow.py", *urls],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(
        (HERE / "personalize_flow.expected.json").read_text()
    )
    creations = dataset_world.requests.filter(operation="CreateDatasetGroup")
    assert [entry["status"] for entry in creations] == [200, 400, 400, 400]
