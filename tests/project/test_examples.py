"""The worked example: its own suite, run as its README says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.project.served import PATIENCE, served

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "dataset-app"
CREATED = """\
personalize    arn:aws:personalize:us-east-1:123456789012:dataset/clips/INTERACTIONS
lookoutvision  clips
pai            <id>
aitems         <id>
coactive       <id>
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the folder of the example, with this checkout and without proxies."""
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run(
        [sys.executable, *command],
        cwd=EXAMPLE,
        env={**own, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def variables(base: str) -> dict[str, str]:
    """The variables that the README of the example exports, for an emulator at a URL."""
    exported = re.findall(r"^export (.*)$", (EXAMPLE / "README.md").read_text(), re.MULTILINE)
    pairs = [pair.partition("=") for line in exported for pair in line.split()]
    return {name: value.replace("http://127.0.0.1:4680", base) for name, _, value in pairs}


def test_the_suite_of_the_example_passes() -> None:
    # by name, for the plugin is found by itself only where the emulator is installed
    plugin = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-p emulator.pytest_plugin"}
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", **plugin)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^personalize +5 of \d+ ", done.stdout, re.MULTILINE)


def test_the_application_runs_as_its_readme_says() -> None:
    with served("--port", "0", "--speed", "1000") as emulator:
        done = run("-m", "dataset_app", "clips", POLL_SECONDS="0", **variables(emulator.base))
    assert done.returncode == 0, done.stderr
    ids = re.compile(r"^(pai|aitems|coactive)( +)\S+$", re.MULTILINE)
    assert ids.sub(r"\1\2<id>", done.stdout) == CREATED
