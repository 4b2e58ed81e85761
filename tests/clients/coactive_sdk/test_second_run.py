"""A program with the vendor's client finds on its second run what it made on its first."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from emulator.testing import World
from tests.clients.coactive_sdk.test_dataset_flow import HERE, PYTHON, SECONDS
from tests.programs import missing


def run(url: str) -> Mapping[str, Any]:
    if not PYTHON.exists():
        missing(f"{PYTHON} (make clients)")
    done = subprocess.run(
        [PYTHON, HERE / "second_run.py", url, "Only Name"],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: Mapping[str, Any] = json.loads(done.stdout)
    return document


@pytest.mark.parametrize("prefix", ["", "/coactive", "/app.coactive.ai"])
def test_it_finds_what_it_made(dataset_world: World, prefix: str) -> None:
    dataset_world.clock.freeze("2099-04-01T08:00:00Z")
    url = f"{dataset_world.base}{prefix}"
    first = run(url)
    dataset_world.settle()
    second = run(url)
    assert first == {"there": False, "id": first["id"], "name": "Only Name", "status": "Incomplete"}
    assert second == {**first, "there": True, "status": "Ready"}
