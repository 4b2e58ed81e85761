"""A sixth provider drops in: as a package of its own, and as folders of a checkout."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.project.served import PATIENCE, served

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding-a-provider.md"
SWITCH = {
    "names": {
        "description": "What a name may be.",
        "default": "strict",
        "evidence": "documented reference",
        "choices": {"strict": {"description": "Lower case."}, "lax": {"description": "Anything."}},
    }
}


def run(*command: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=4 * PATIENCE, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def generate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "tools.new_provider", *arguments)


def changes(checkout: Path = ROOT) -> str:
    return run("git", "status", "--porcelain", "--untracked-files=all", cwd=checkout).stdout


def install(source: Path, site: Path) -> Path:
    """Install a package without a network, beside whatever is installed."""
    done = run(
        sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
        "--no-index", "--no-build-isolation", "--target", str(site), str(source),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages, with a new provider in it."""
    folder = tmp_path_factory.mktemp("packaged")
    before = changes()
    assert generate("acme", "--package", str(folder / "source")).returncode == 0
    site = install(folder / "source", folder / "site")
    change(site, "service.json", {"switches": SWITCH})
    assert changes() == before
    return site


@pytest.fixture
def site(packaged: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copytree(packaged, tmp_path / "site"))


def emulator(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "-m", "emulator", *arguments, PYTHONPATH=str(site))


def merged(document: Any, patch: Any) -> Any:
    """A JSON Merge Patch, in three lines of its own."""
    if not isinstance(patch, dict):
        return patch
    given = document if isinstance(document, dict) else {}
    both = {name: merged(given.get(name), patch.get(name, given.get(name))) for name in {**given, **patch}}  # fmt: skip
    return {name: value for name, value in both.items() if value is not None}


def merged_text(file: Path, patch: str) -> str:
    given = json.loads(file.read_text()) if file.exists() else {}
    return json.dumps(merged(given, json.loads(patch)), indent=2)


def change(site: Path, name: str, patch: Mapping[str, Any]) -> None:
    file = site / "emulator_acme" / "schemas" / "acme" / name
    file.write_text(json.dumps(merged(json.loads(file.read_text()), patch)))


# --- installed ----------------------------------------------------------------------------------


def test_an_installed_provider_is_there_like_any_other(packaged: Path) -> None:
    before = changes()
    assert emulator(packaged, "validate").stdout == "ok\n"
    assert "--acme-names" in emulator(packaged, "serve", "--help").stdout
    assert "DATASET_EMULATOR_ACME_URL" in emulator(packaged, "env").stdout
    assert "POST /v1/datasets" in emulator(packaged, "operations", "--provider", "acme").stdout
    with served("--demo", "--port", "0", "--strict", PYTHONPATH=str(packaged)) as running:
        url = f"{running.base}/acme/v1/datasets"
        assert any(line.startswith(f"curl -sS -X POST {url}") for line in running.lines)
        created = requests.post(url, json={"name": "clips", "source": "s3://b/"}, timeout=10)
        assert created.status_code == 201
        one = f"{url}/{created.json()['id']}"
        assert requests.get(one, timeout=10).json() == created.json()
        names = [each["name"] for each in requests.get(url, timeout=10).json()["datasets"]]
        assert names == ["demo", "clips"]
        assert requests.delete(one, timeout=10).status_code == 200
        gone = requests.get(one, timeout=10)
        assert (gone.status_code, gone.json()["error"]) == (404, "not_found")
    assert changes() == before


def test_failures_without_a_row_have_a_generic_one(packaged: Path) -> None:
    with served("--port", "0", PYTHONPATH=str(packaged)) as running:
        url = f"{running.base}/acme/v1/datasets"
        malformed = requests.post(
            url, "{", headers={"Content-Type": "application/json"}, timeout=10
        )
        assert (malformed.status_code, malformed.json()) == (
            400,
            {"error": "Malformed", "message": "The request cannot be read."},
        )
        wrong = requests.put(url, timeout=10)
        assert (wrong.status_code, wrong.json()["error"]) == (405, "WrongMethod")
        rule = {"match": {"provider": "acme"}, "effect": {"error": "Throttled"}}
        ordered = requests.post(f"{running.base}/_emulator/faults", json=rule, timeout=10)
        assert ordered.status_code < 300, ordered.text
        throttled = requests.get(url, timeout=10)
        assert (throttled.status_code, throttled.json()["error"]) == (429, "Throttled")


def test_a_provider_without_a_seed_is_served_without_an_example(site: Path) -> None:
    (site / "emulator_acme" / "schemas" / "acme" / "seed.json").unlink()
    with served("--demo", "--port", "0", PYTHONPATH=str(site)) as running:
        assert not [line for line in running.lines if line.startswith("curl") and "/acme/" in line]
        assert requests.get(f"{running.base}/acme/v1/datasets", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("credentials", "header", "text"),
    [
        (None, None, ""),
        ({"scheme": "api-key"}, "X-API-Key", "{}"),
        ({"scheme": "api-key", "header": "X-Acme-Key"}, "X-Acme-Key", "{}"),
        ({"scheme": "bearer-key"}, "Authorization", "Bearer {}"),
    ],
    ids=["none", "api-key", "own-header", "bearer-key"],
)
@pytest.mark.parametrize("level", ["off", "parse", "verify"])
def test_generic_schemes_need_no_code(
    site: Path, level: str, credentials: Mapping[str, str] | None, header: str | None, text: str
) -> None:
    if credentials:
        change(site, "service.json", {"credentials": {**credentials, "evidence": "documented reference"}})  # fmt: skip
    with served("--port", "0", "--auth", level, PYTHONPATH=str(site)) as running:

        def status(key: str | None) -> int:
            headers = {header: text.format(key)} if header and key else {}
            answer = requests.get(f"{running.base}/acme/v1/datasets", headers=headers, timeout=10)
            assert answer.status_code == 200 or answer.json()["error"] == "Unauthenticated"
            return answer.status_code

        asks = credentials is not None and level != "off"
        assert status(None) == (401 if asks else 200)
        assert status("made-up") == (401 if asks and level == "verify" else 200)
        assert status("emulator") == 200


def test_the_plugin_has_a_session_for_it(site: Path, tmp_path: Path) -> None:
    change(site, "service.json", {"credentials": {"scheme": "bearer-key", "evidence": "documented reference"}})  # fmt: skip
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n\n"
        "@pytest.mark.dataset_emulator(auth='verify')\n"
        "def test_it(acme_session):\n"
        "    made = acme_session.post('/v1/datasets', json={'name': 'clips', 'source': 'x'})\n"
        "    assert made.status_code == 201\n"
    )
    done = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path), cwd=tmp_path, PYTHONPATH=str(site))  # fmt: skip
    assert done.returncode == 0, done.stdout


# --- incomplete ---------------------------------------------------------------------------------


def rewrite(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change_it(site: Path) -> None:
        file = site / "emulator_acme" / name
        assert old in file.read_text()
        file.write_text(file.read_text().replace(old, new))

    return change_it


def without(name: str) -> Callable[[Path], None]:
    def remove(site: Path) -> None:
        path = site / "emulator_acme" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return remove


def add_folder(site: Path) -> None:
    shutil.copytree(site / "emulator_acme/schemas/acme", site / "emulator_acme/schemas/nobody")


def does(operation: str, patch: Mapping[str, Any] | None) -> Callable[[Path], None]:
    return lambda site: change(site, "service.json", {"operations": {operation: {"does": patch}}})


def kind(patch: Mapping[str, Any]) -> Callable[[Path], None]:
    return lambda site: change(site, "resources.json", {"dataset": patch})


BROKEN: Mapping[str, tuple[Callable[[Path], None], str]] = {
    "a member is missing": (lambda site: change(site, "service.json", {"portOffset": None}), "/portOffset: the member is missing"),
    "a member is wrong": (lambda site: change(site, "service.json", {"limits": 1}), "/limits: breaks type"),
    "a switch is incomplete": (lambda site: change(site, "service.json", {"switches": {"names": {"default": None}}}), "/switches: a switch is incomplete"),
    "service.json is not JSON": (rewrite("schemas/acme/service.json", "{", "["), "service.json: "),
    "service.json is missing": (without("schemas/acme/service.json"), "service.json: the file is missing"),
    "a message is missing": (without("schemas/acme/GetDataset.request.json"), "acme/GetDataset.request.json: /: the file is missing"),
    "a folder without code": (add_folder, "nobody: "),
    "code without a folder": (without("schemas/acme"), "service.json: the file is missing"),
    "code that cannot be imported": (rewrite("__init__.py", "import", "import nothing_of_this_name,"), "cannot load emulator_acme:PROVIDER: "),
    "an entry point to nothing": (rewrite("__init__.py", "PROVIDER =", "OTHER ="), "cannot load emulator_acme:PROVIDER: AttributeError"),
    "an entry point to another provider": (rewrite("__init__.py", '"acme"', '"acne"'), "emulator_acme:PROVIDER is not the Provider of that name"),
    "a package that is gone": (without(""), "acme"),
    "an operation that nothing handles": (does("GetDataset", None), "/operations/GetDataset: nothing handles it"),
    "an unknown verb": (does("GetDataset", {"verb": "get"}), "/operations/GetDataset/does/verb: breaks enum"),
    "an unknown kind": (does("GetDataset", {"kind": "datasets"}), "/operations/GetDataset: there is no kind datasets"),
    "an unknown check": (does("CreateDataset", {"before": ["source"]}), "/operations/CreateDataset: there is no check source"),
    "an unknown kind under it": (does("DeleteDataset", {"unless": ["version"]}), "/operations/DeleteDataset: there is no kind version"),
    "an unknown operation that stores": (kind({"stores": ["CreateDatasets"]}), "resources.json: /dataset: there is no operation CreateDatasets"),
    "a reference to an unknown kind": (kind({"references": [{"member": "source", "kind": "bucket"}]}), "resources.json: /dataset: there is no kind bucket"),
    "a kind without an id": (kind({"id": None}), "resources.json: /dataset/id: the member is missing"),
    "an unknown scheme": (lambda site: change(site, "service.json", {"credentials": {"scheme": "magic", "evidence": "documented reference"}}), "/credentials: there is no scheme magic"),
}  # fmt: skip


OTHERS = """
from click.testing import CliRunner
from emulator.cli import cli
for command in (["--help"], ["serve", "--help"], ["--version"], ["env"]):
    assert CliRunner().invoke(cli, command).exit_code == 0, command
"""
"""Runs commands that an incomplete provider does not matter to, in one process."""


@pytest.mark.parametrize("name", BROKEN)
def test_an_incomplete_provider_stops_the_start_and_nothing_else(site: Path, name: str) -> None:
    breaks, fault = BROKEN[name]
    breaks(site)
    start = emulator(site, "serve", "--port", "0")
    assert (start.returncode, start.stdout, start.stderr.count("\n")) == (2, "", 1), start.stderr
    assert start.stderr.startswith("dataset-emulator: cannot start: ")
    assert fault in start.stderr
    told = emulator(site, "validate")
    assert (told.returncode, told.stdout) == (2, "")
    assert fault in told.stderr
    assert "Traceback" not in told.stderr
    done = run(sys.executable, "-c", OTHERS, PYTHONPATH=str(site))
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_a_scheme_that_needs_a_rule_is_refused_without_it(site: Path) -> None:
    rewrite("__init__.py", "    protocol=", "    schemes={'bearer': Bearer},\n    protocol=")(site)
    rewrite("__init__.py", "from emulator.api", "from emulator.dialects.fastapi import Bearer\nfrom emulator.api")(site)  # fmt: skip
    change(site, "service.json", {"credentials": {"scheme": "bearer", "evidence": "documented reference"}})  # fmt: skip
    start, told = emulator(site, "serve", "--port", "0"), emulator(site, "validate")
    fault = "acme/rules.json: /login: the member is missing; the scheme bearer needs it\n"
    assert (start.returncode, start.stderr) == (2, f"dataset-emulator: cannot start: {fault}")
    assert (told.returncode, told.stderr) == (2, f"dataset-emulator: {fault}")


@pytest.mark.parametrize("name", ["Acme", "a-b", "1a", "class", "pai", "control", ""])
def test_a_name_that_cannot_be_a_providers_is_refused(name: str, tmp_path: Path) -> None:
    done = generate(name, "--package", str(tmp_path / "x"))
    assert done.returncode == 2
    assert not (tmp_path / "x").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    assert generate("acme", "--package", str(tmp_path)).returncode == 0
    assert generate("acme", "--package", str(tmp_path)).returncode == 2


# --- checked in, as the page says ---------------------------------------------------------------


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout, committed, with nothing changed."""
    copy = tmp_path_factory.mktemp("checkout") / "emulator"
    for name in run("git", "ls-files", "--cached", "--others", "--exclude-standard").stdout.split():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    for command in (["init"], ["add", "--all"], ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-m", "x"]):  # fmt: skip
        assert run("git", *command, cwd=copy).returncode == 0
    return copy


CHECKED_IN: Mapping[str, tuple[str, str, str, str]] = {
    "a data file": ("schemas/personalize/quotas.json", '"limit": ', '"limit": -', "breaks minimum"),
    "a message": ("schemas/aitems/CreateDataset.request.json", '"type"', '"tipe"', "CreateDataset.request.json: "),
    "code": ("emulator/providers/aitems/__init__.py", "import datasets", "import data_sets", "cannot load emulator.providers.aitems:PROVIDER: "),
}  # fmt: skip


@pytest.mark.parametrize("name", CHECKED_IN)
def test_validate_checks_what_is_checked_in(checkout: Path, name: str) -> None:
    """An emulator trusts these files and this code; so `validate` must not."""
    path, old, new, fault = CHECKED_IN[name]
    text = (checkout / path).read_text()
    (checkout / path).write_text(text.replace(old, new, 1))
    told = run(sys.executable, "-m", "emulator", "validate", cwd=checkout)
    (checkout / path).write_text(text)
    assert (told.returncode, told.stdout) == (2, "")
    assert fault in told.stderr
    assert "Traceback" not in told.stderr


def blocks() -> Iterator[tuple[str, str, str]]:
    """The fenced blocks of the page: language, the paragraph before, text."""
    for found in re.finditer(r"(?s)([^\n]+(?:\n[^\n]+)*)\n\n```(\w+)\n(.*?)```", PAGE.read_text()):
        yield found[2], found[1], found[3]


def test_the_page_is_right_block_by_block(checkout: Path, tmp_path: Path) -> None:
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{checkout}{os.pathsep}{tmp_path}",
        "PIP_TARGET": str(tmp_path),
        "PIP_NO_DEPS": "1",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "MAKEFLAGS": f"PYTHON={sys.executable}",
    }
    languages = []
    for language, said, text in blocks():
        languages.append(language)
        if language in ("json", "python"):
            file = checkout / re.findall(r"`([^`]+\.(?:json|py))`", said)[-1]
            assert file.exists() == ("erged into" in said), said
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text if language == "python" else merged_text(file, text))
            continue
        command = ["git", "apply", "-"] if language == "diff" else ["bash", "-e", "-c", text]  # fmt: skip
        done = subprocess.run(command, input=text, cwd=checkout, capture_output=True, text=True, env={**os.environ, **environment}, timeout=4 * PATIENCE, check=False)  # fmt: skip
        assert done.returncode == 0, (text, done.stdout, done.stderr)
    assert languages.count("sh") == PAGE.read_text().count("```sh")
    assert len(languages) * 2 == PAGE.read_text().count("```")
    changed = {line.split()[1] for line in changes(checkout).splitlines()}
    own = ("schemas/acme/", "emulator/providers/acme/", "tests/cases/acme/")
    assert changed
    assert not [name for name in changed if not name.startswith(own)]
