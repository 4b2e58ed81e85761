"""The wheel, not the checkout: built, installed in a clean environment, and used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from emulator.core.contract.location import built_in_folder
from tests.contract import catalogue

ROOT = Path(__file__).parents[2]
FLOW = """
import json, sys
from werkzeug.test import Client
from emulator import Settings, create_app
application = create_app(Settings(demo=True, strict=True))
client, answers = Client(application), {}
for name, contract in application.contracts.items():
    example = contract.seed["example"]
    answer = client.open("/" + name + example["path"], method=example["method"],
                         headers=example["headers"], data=json.dumps(example["body"]))
    answers[name] = answer.status_code
json.dump(answers, sys.stdout)
"""


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run([*command], cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet")
    # A folder of its own: setuptools packs whatever an earlier build left in the checkout's.
    config = folder / "build.cfg"
    config.write_text(f"[build]\nbuild_base = {folder / 'build'}\n", encoding="utf-8")
    env = {**os.environ, "DIST_EXTRA_CONFIG": str(config)}
    run(*pip, "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder, env=env)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_every_schema_and_no_test(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    schemas = built_in_folder()
    shipped = {f"emulator/schemas/{file.relative_to(schemas)}" for file in schemas.rglob("*.json")}
    assert shipped <= names
    assert not [
        name for name in names if name.startswith(("tests/", "bench/", "tools/", "schemas/"))
    ]


def test_the_wheel_carries_every_file_of_the_inspector(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inspector = ROOT / "emulator/inspector"
    files = [file for file in inspector.iterdir() if file.is_file() and file.suffix != ".md"]
    assert {f"emulator/inspector/{file.name}" for file in files} <= names


@pytest.mark.slow
def test_a_clean_environment_with_the_wheel_creates_a_dataset_on_each_provider(
    wheel: Path, tmp_path: Path
) -> None:
    run(sys.executable, "-m", "venv", "clean", cwd=tmp_path)
    python = tmp_path / "clean" / "bin" / "python"
    run(
        python,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        wheel,
        cwd=tmp_path,
    )
    answers = json.loads(run(python, "-c", FLOW, cwd=tmp_path))
    expected = {n: c.operations["CreateDataset"].status for n, c in catalogue.contracts().items()}
    assert answers == expected
    version = run(tmp_path / "clean" / "bin" / "dataset-emulator", "--version", cwd=tmp_path)
    assert version.startswith("dataset-emulator, version ")
