from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from emulator import Settings, create_app
from emulator.core.contract.files import ContractError
from emulator.core.contract.loader import Loader
from emulator.core.contract.location import built_in_folder
from emulator.dialects.aws import AwsJson

PROVIDER = "personalize"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A folder laid over the schemas, with a provider's own files to be changed."""
    shutil.copytree(built_in_folder() / PROVIDER, tmp_path / PROVIDER)
    return tmp_path


def change(overlay: Path, name: str, pointer: str, value: Any) -> None:
    file = overlay / PROVIDER / name
    document = json.loads(file.read_text())
    *steps, last = pointer.split("/")[1:]
    node = document
    for step in steps:
        node = node[step]
    if value is None:
        del node[last]
    else:
        node[last] = value
    file.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("name", "pointer", "value", "complaint"),
    [
        ("service.json", "/title", None, "/title: the member is missing"),
        ("service.json", "/titel", "x", "/titel: breaks additionalProperties false. Did you mean title?"),
        ("service.json", "/operations/CreateDataset/status", 500, "/operations/CreateDataset/status: breaks maximum 299"),
        ("service.json", "/hosts", ["(a)\\1"], "/hosts/0: (a)\\1:"),
        ("errors.json", "/failures/NotFound/text", None, "/failures/NotFound/text: the member is missing"),
        ("errors.json", "/failures/NotFound/evidence", "guessed", "/failures/NotFound/evidence: breaks pattern"),
        ("lifecycles.json", "/dataset/create/states", [], "/dataset/create/states: breaks minItems 1"),
        ("quotas.json", "/schemas/limit", -1, "/schemas/limit: breaks minimum 0"),
        ("CreateDataset.request.json", "/properties/name", {"$ref": "_shared.json#/$defs/Nope"}, "$ref to 'Nope', unknown"),
        ("CreateDataset.request.json", "/properties/name", {"type": "string", "pattern": "^($"}, "/properties/name/pattern: ^($:"),
        ("CreateDataset.request.json", "/properties/name/minLength", "3", "/properties/name/minLength: breaks type"),
        ("CreateDataset.request.json", "/properties/name/minLenght", 3, "/properties/name/minLenght: breaks additionalProperties false. Did you mean minLength?"),
        ("CreateDataset.request.json", "/x-evidence", None, "/x-evidence: the member is missing"),
        ("CreateDataset.request.json", "/properties/name", {"type": "string", "pattern": "a|b"}, "/properties/name/pattern: breaks pattern"),
        ("CreateDataset.request.json", "/properties/name/minLength", 3, "minLength beside the $ref to Name does not combine: use allOf"),
        ("exception.error.json", "/x-evidence", None, "/x-evidence: the member is missing"),
        ("seed.json", "/example/method", None, "/example/method: the member is missing"),
        ("errors.json", "/envelope", "no.pe", "/envelope: breaks pattern"),
    ],
)  # fmt: skip
def test_a_broken_file_stops_the_start_with_file_pointer_and_fault(
    overlay: Path, name: str, pointer: str, value: Any, complaint: str
) -> None:
    change(overlay, name, pointer, value)
    with pytest.raises(ContractError) as caught:
        create_app(Settings(schemas=str(overlay)))
    assert name in str(caught.value)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_shape_of_errors_without_a_file_stops_the_start(overlay: Path) -> None:
    change(overlay, "errors.json", "/envelope", "nope")
    with pytest.raises(ContractError, match=r"^personalize/nope\.error\.json: /: the file is missing$"):  # fmt: skip
        create_app(Settings(schemas=str(overlay)))


def test_a_file_that_is_not_json_stops_the_start(overlay: Path) -> None:
    (overlay / PROVIDER / "errors.json").write_text("{")
    with pytest.raises(ContractError, match=r"errors\.json: /: Expecting property name"):
        Loader(overlay).load(PROVIDER, lambda: AwsJson.formats)


def test_an_operation_nobody_handles_stops_the_start(overlay: Path) -> None:
    operation = {
        "method": "POST",
        "path": "/x",
        "status": 200,
        "errors": [],
        "evidence": "inferred: x",
    }
    change(overlay, "service.json", "/operations/Invented", operation)
    for side in ("request", "response"):
        file = overlay / PROVIDER / f"Invented.{side}.json"
        file.write_text('{"x-evidence": "inferred: x"}')
    with pytest.raises(ContractError, match="/operations/Invented: nothing handles it"):
        create_app(Settings(schemas=str(overlay)))


def test_a_missing_file_stops_the_start(overlay: Path) -> None:
    operation = {
        "method": "POST",
        "path": "/x",
        "status": 200,
        "errors": [],
        "evidence": "inferred: x",
    }
    change(overlay, "service.json", "/operations/Invented", operation)
    with pytest.raises(ContractError, match=r"Invented\.request\.json: /: the file is missing"):
        create_app(Settings(schemas=str(overlay)))


def test_an_overlay_changes_one_file_and_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / PROVIDER).mkdir()
    quotas = {"schemas": {"limit": 1, "evidence": "inferred: a test"}}
    (tmp_path / PROVIDER / "quotas.json").write_text(json.dumps(quotas))
    contract = Loader(tmp_path).load(PROVIDER, lambda: AwsJson.formats)
    assert contract.quotas == quotas
    assert contract.service["title"] == "Amazon Personalize"
