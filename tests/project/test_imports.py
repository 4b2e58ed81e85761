"""What is imported, and when: nothing before somebody needs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

START = """
import json, sys
from werkzeug.test import Client
from emulator import create_app
from emulator.core.contract.location import built_in_folder

LATE = {"jsonschema", "jwt", "marshmallow"}


def late():
    families = ("emulator.providers.", "emulator.dialects.")
    ours = {".".join(name.split(".")[1:3]) for name in sys.modules if name.startswith(families)}
    return {*ours, *(LATE & sys.modules.keys())}


def example(**change):
    found = json.loads((built_in_folder() / "aitems/seed.json").read_text())["example"]
    body = json.dumps({**found["body"], **change})
    url = f"/aitems{found['path']}"
    return Client(application).open(url, method=found["method"], headers=found["headers"], data=body)

application = create_app()
"""
UNUSED = "assert not late(), late()\n"
"""Checks that nothing late has been imported yet."""


def run(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_start_imports_no_provider_and_nothing_that_only_they_need() -> None:
    run(START + UNUSED)


@pytest.mark.parametrize("path", ["/health", "/_emulator/status", "/_emulator/resources", "/_emulator/state", "/_emulator/coverage", "/_emulator/openapi/pai", "/_emulator/operations"])  # fmt: skip
def test_reading_the_control_api_of_an_empty_world_imports_no_provider(path: str) -> None:
    run(START + f"assert Client(application).get({path!r}).status_code != 500\n" + UNUSED)


def test_a_request_imports_the_provider_that_it_is_for_and_no_other() -> None:
    asserted = """
assert example(name="clips").status_code == 404  # accepted: its schema is what does not exist
assert late() == {"providers.aitems", "dialects.naver", "marshmallow"}, late()
"""
    run(START + UNUSED + asserted)


def test_jsonschema_is_imported_to_explain_a_refusal() -> None:
    run(START + "example()\nassert 'jsonschema' not in late()\nexample(name=1)\nassert 'jsonschema' in late()\n")  # fmt: skip


def test_the_demo_world_imports_the_providers_whose_resources_it_has() -> None:
    with_demo = START.replace("create_app()", "create_app(Settings(demo=True))").replace(
        "import create_app", "import Settings, create_app"
    )
    asserted = """
seeds = {path.parent.name: json.loads(path.read_text()) for path in built_in_folder().glob("*/seed.json")}
seeded = {f"providers.{name}" for name, seed in seeds.items() if seed.get("demo")}
assert {name for name in late() if name.startswith("providers.")} == seeded, late()
assert "jsonschema" not in late()
"""
    run(with_demo + asserted)


COMMANDS = [["--help"], ["--version"], ["status", "--help"], ["snapshot", "--help"], ["wait", "--timeout", "0.01", "--url", "http://127.0.0.1:1"]]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_commands_without_switches_look_for_no_provider(arguments: list[str]) -> None:
    code = f"""
import sys
before = set(sys.modules)
sys.argv = ["dataset-emulator", *{arguments!r}]
from emulator.cli import main
try:
    main()
except SystemExit:
    pass
assert "importlib.metadata" not in sys.modules.keys() - before
assert not {{"tomllib", "emulator.contracts"}} & sys.modules.keys()
"""
    run(code)


def test_the_list_of_operations_needs_contracts_only() -> None:
    code = """
import sys
sys.argv = ["dataset-emulator", "operations"]
from emulator.cli import main
main()
heavy = {"flask", "werkzeug", "sqlalchemy", "jsonschema", "marshmallow", "httptools"}
assert not heavy & sys.modules.keys()
assert not [name for name in sys.modules if name.startswith("emulator.providers.")]
"""
    run(code)
