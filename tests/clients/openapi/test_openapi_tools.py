"""Tools of others take our OpenAPI documents as they are: Prism, Schemathesis, OpenAPI Generator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import requests

from emulator import Emulator, Settings
from emulator.catalogue import ProviderCatalogue
from tests.programs import missing

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[2] / ".venv-openapi/bin"
SECONDS = 240
PROVIDERS = list(ProviderCatalogue.find().names)

pytestmark = [pytest.mark.slow, pytest.mark.unmeasured]


def tool(name: str) -> Path:
    """Find a program of the environment of these tools."""
    program = ENVIRONMENT / name
    return program if program.exists() else missing(f"{name} (make clients)")


def run(command: Sequence[object], **more: Any) -> str:
    """Run a program; return what it prints."""
    ran = subprocess.run(
        [str(each) for each in command], capture_output=True, text=True, timeout=SECONDS, check=False, **more
    )  # fmt: skip
    said = f"{ran.stdout}{ran.stderr}"
    assert ran.returncode == 0, said[-6000:]
    return str(ran.stdout)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(Settings(port=0, demo=True, strict=True)) as running:
        yield running


def write_documents(emulator: Emulator, folder: Path) -> Mapping[str, Any]:
    """Write the document of each provider into a folder."""
    documents = {}
    for name in PROVIDERS:
        address = f"{emulator.endpoints.base}/_emulator/openapi/{name}.json"
        with urlopen(address, timeout=SECONDS) as answer:
            text = answer.read()
        (folder / f"{name}.json").write_bytes(text)
        documents[name] = json.loads(text)
    return documents


def send(base: str, provider: str, emulator: Emulator, **headers: str) -> requests.Response:
    """Create the dataset of the demo world."""
    example = emulator.application.contracts[provider].seed["example"]
    return requests.request(
        example["method"],
        f"{base}{example['path']}",
        data=json.dumps(example["body"]),
        headers={**example["headers"], **headers},
        timeout=SECONDS,
    )


# Prism


@pytest.fixture
def prism(emulator: Emulator, tmp_path: Path) -> Iterator[Mapping[str, Mapping[str, str]]]:
    """Prism for every document: the addresses of mocks and proxies, by provider."""
    node = shutil.which("node")
    if node is None or not (HERE / "node_modules").is_dir():
        missing("Prism (make clients, with node and npm)")
    write_documents(emulator, tmp_path)
    command = [node, HERE / "prism.mjs", tmp_path, emulator.endpoints.base, *PROVIDERS]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([str(each) for each in command], text=True, **pipes) as process:  # type: ignore[call-overload]
        addresses: Mapping[str, Mapping[str, str]] = json.loads(process.stdout.readline())
        yield addresses
        process.stdin.close()


def test_prism_mocks_and_proxies_every_provider(
    emulator: Emulator, prism: Mapping[str, Mapping[str, str]]
) -> None:
    for provider in PROVIDERS:
        mocked = send(prism["mock"][provider], provider, emulator, Prefer="example=CreateDataset")
        assert (mocked.ok, mocked.headers.get("sl-violations")) == (True, None), mocked.text
        refused = send(prism["mock"][provider], provider, emulator, Prefer="code=500")
        assert refused.status_code == 500, refused.text
        anonymous = requests.get(prism["mock"][provider], timeout=SECONDS)
        assert anonymous.status_code in (401, 404, 405)
        created = send(prism["proxy"][provider], provider, emulator)
        assert (created.ok, created.headers.get("sl-violations")) == (True, None), created.text
        assert created.status_code == mocked.status_code
        assert created.json().keys() == mocked.json().keys()
        again = send(prism["proxy"][provider], provider, emulator)
        assert (again.status_code >= 400, again.headers.get("sl-violations")) == (True, None)
    journal = emulator.application.world.journal
    assert [entry.status < 400 for entry in journal] == [True, False] * len(PROVIDERS)


# Schemathesis

ACCEPTED_BY_VENDOR = {"coactive": ["--exclude-checks", "negative_data_rejection"]}
"""Pydantic converts texts, numbers and flags into each other before it judges them."""


def configuration(provider: str, document: Any) -> str:
    """Write the configuration: that of the folder, with the credentials that the document shows."""
    own = HERE / f"{provider}.toml"
    lines = [own.read_text()] if own.exists() else []
    lines[:0] = [
        (HERE / "schemathesis.toml").read_text().replace("hooks.py", str(HERE / "hooks.py"))
    ]
    for name, scheme in document["components"]["securitySchemes"].items():
        member = "api_key" if scheme["type"] == "apiKey" else scheme["scheme"]
        lines.append(f"[auth.openapi.{name}]")
        if member == "basic":
            lines.append('username = "emulator"\npassword = "emulator"')
        else:
            lines.append(f"{member} = {json.dumps(scheme['x-example'])}")
    return "\n".join(lines)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_schemathesis_finds_nothing(provider: str, tmp_path: Path) -> None:
    program = tool("schemathesis")
    with Emulator(Settings(port=0, strict=True)) as emulator:
        document = write_documents(emulator, tmp_path)[provider]
        (tmp_path / "schemathesis.toml").write_text(
            configuration(provider, document), encoding="utf-8"
        )
        address = f"{emulator.endpoints.base}/_emulator/openapi/{provider}.json"
        flags = ["--phases", "examples,fuzzing", "--max-examples", "2", "--generation-deterministic", "--no-color"]  # fmt: skip
        said = run([program, "run", address, *flags, *ACCEPTED_BY_VENDOR.get(provider, ())], cwd=tmp_path)  # fmt: skip
        statuses = {entry.status for entry in emulator.application.world.journal}
    assert "Tested: " in said
    assert any(status < 300 for status in statuses), statuses  # credentials are accepted
    assert not statuses & {500, 501}


# OpenAPI Generator


def test_generated_clients_create_datasets(emulator: Emulator, tmp_path: Path) -> None:
    generator = tool("openapi-generator-cli")
    if shutil.which("java") is None:
        missing("a Java runtime")
    write_documents(emulator, tmp_path)
    files = []
    for provider in PROVIDERS:
        files.append(tmp_path / f"{provider}.generator.json")
        described = {
            "generatorName": "python",
            "inputSpec": str(tmp_path / f"{provider}.json"),
            "outputDir": str(tmp_path / "clients" / provider),
            "additionalProperties": {"packageName": f"{provider}_client"},
        }
        files[-1].write_text(json.dumps(described))
    run([generator, "batch", "--root-dir", tmp_path, *files])
    command = [tool("python"), HERE / "create_dataset.py", emulator.endpoints.base, tmp_path, *PROVIDERS]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    created = json.loads(run(command, env=environment))
    assert created.keys() == set(PROVIDERS)
    assert created["personalize"] == {"datasetArn": "arn:aws:personalize:us-east-1:123456789012:dataset/demo-group/INTERACTIONS"}  # fmt: skip
    assert created["lookoutvision"]["DatasetMetadata"]["Status"] == "CREATE_COMPLETE"
    assert created["pai"]["DatasetId"].startswith("d-")
    assert created["aitems"]["name"] == "item_dataset"
    assert created["coactive"]["name"] == "march_2025_sports_clips"
    made = {view.row.provider for view in emulator.application.world.resources.views() if view.row.kind == "dataset"}  # fmt: skip
    assert made >= set(PROVIDERS)
