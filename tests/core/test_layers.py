"""Layers, patches and overlays: which file has the last word, and for which requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from emulator import Settings, create_app
from emulator.core.contract.files import ContractError
from emulator.core.contract.loader import Loader
from emulator.core.contract.model import Contract
from emulator.dialects.aws import AwsJson
from emulator.dialects.fastapi import FastApi

PROVIDER = "personalize"
TONE = {
    "description": "How the service speaks.",
    "default": "usual",
    "evidence": "inferred: a test",
    "choices": {
        "usual": {"description": "As ever."},
        "loud": {"description": "Loudly.", "layer": "loud"},
        "asked": {
            "description": "Loudly to those who ask for it.",
            "matchers": {"loud": [{"header": "X-Tone", "matches": "loud"}]},
        },
    },
}


def speaking(text: str) -> Mapping[str, Any]:
    """A patch on errors.json that changes what is said of a dataset that is not there."""
    return {"failures": {"NotFound:dataset": {"text": text}}}


def lay(overlay: Path, name: str, document: object) -> None:
    file = overlay / PROVIDER / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document))


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    """A folder that patches a provider: it gets a switch, and the layer that goes with it."""
    lay(tmp_path, "service.patch.json", {"switches": {"tone": TONE}})
    lay(tmp_path, "loud/errors.patch.json", speaking("NO DATASET!"))
    return tmp_path


FORMATS = {**AwsJson.formats, **FastApi.formats}


def load(overlay: Path, *layers: str, provider: str = PROVIDER) -> Contract:
    return Loader(overlay).under(layers).load(provider, lambda: FORMATS)


def said(contract: Contract) -> str:
    return str(contract.failures["NotFound:dataset"]["text"])


def test_an_overlay_patches_a_file_and_a_layer_what_that_leaves(overlay: Path) -> None:
    usual = said(load(overlay))
    lay(overlay, "errors.patch.json", speaking("Patched."))
    assert said(load(overlay)) == "Patched."
    assert said(load(overlay, "loud")) == "NO DATASET!"
    assert load(overlay).failures.keys() == load(overlay, "loud").failures.keys()
    assert usual not in ("Patched.", "NO DATASET!")


def test_null_in_a_patch_takes_a_member_away(overlay: Path) -> None:
    lay(overlay, "loud/errors.patch.json", {"failures": {"NotFound:dataset": None}})
    gone = load(overlay).failures.keys() - load(overlay, "loud").failures.keys()
    assert gone == {"NotFound:dataset"}


def test_the_later_layer_is_laid_over_the_earlier(overlay: Path) -> None:
    lay(overlay, "soft/errors.patch.json", speaking("(nothing)"))
    assert said(load(overlay, "loud", "soft")) == "(nothing)"
    assert said(load(overlay, "soft", "loud")) == "NO DATASET!"


def test_an_overlay_patches_a_file_of_a_built_in_layer(tmp_path: Path) -> None:
    patch = tmp_path / "coactive" / "old" / "CreateDataset.request.patch.json"
    patch.parent.mkdir(parents=True)
    patch.write_text('{"properties": {"extra": {"type": "string"}}}')
    before, after = (
        Loader(folder).under(["old"]).load("coactive", lambda: FORMATS).operations["CreateDataset"]
        for folder in (None, tmp_path)
    )
    assert before.request is not None
    assert after.request is not None
    added = after.request.schema["properties"].keys() - before.request.schema["properties"].keys()
    assert added == {"extra"}


def test_a_file_or_a_patch_of_an_overlay_replaces_the_built_in_patch(tmp_path: Path) -> None:
    file = tmp_path / "aitems" / "strict-deletes" / "rules.patch.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"own": {"value": 1, "evidence": "inferred: a test"}}')
    plain, patched = (load(tmp_path, *layers, provider="aitems").rules for layers in ((), ("strict-deletes",)))  # fmt: skip
    assert patched == {**plain, "own": {"value": 1, "evidence": "inferred: a test"}}
    file.rename(file.with_name("rules.json"))
    replaced = load(tmp_path, "strict-deletes", provider="aitems").rules
    assert replaced == {"own": {"value": 1, "evidence": "inferred: a test"}}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", r"loud/errors\.patch\.json: /: Expecting property name"),
        ("[]", r"loud/errors\.patch\.json: /: breaks type"),
        (
            '{"failures": {"NotFound": {"text": 1}}}',
            r"loud/errors\.patch\.json: /failures/NotFound/text: ",
        ),
    ],
)
def test_a_patch_that_breaks_a_file_stops_the_start(
    overlay: Path, text: str, complaint: str
) -> None:
    (overlay / PROVIDER / "loud" / "errors.patch.json").write_text(text)
    with pytest.raises(ContractError, match=complaint):
        create_app(Settings(schemas=str(overlay), switches={"personalize-tone": "loud"}))


def test_a_layer_that_is_not_there_stops_the_start(overlay: Path) -> None:
    (overlay / PROVIDER / "loud" / "errors.patch.json").unlink()
    (overlay / PROVIDER / "loud").rmdir()
    for choice in ("loud", "asked"):
        with pytest.raises(ContractError, match="personalize/loud: /: the folder is missing"):
            create_app(Settings(schemas=str(overlay), switches={"personalize-tone": choice}))


@pytest.mark.parametrize(
    ("choice", "tone", "loud"),
    [
        ("usual", "loud", False),
        ("loud", "", True),
        ("asked", "loud", True),
        ("asked", "louder", False),
    ],
)
def test_a_switch_decides_at_the_start_or_by_the_marks_of_each_request(
    overlay: Path, choice: str, tone: str, loud: bool
) -> None:
    app = create_app(
        Settings(auth="off", schemas=str(overlay), switches={"personalize-tone": choice})
    )
    answer = Client(app).post(
        "/personalize/",
        headers={"X-Amz-Target": "AmazonPersonalize.DescribeDataset", "X-Tone": tone},
        data='{"datasetArn": "arn:aws:personalize:us-east-1:000000000000:dataset/a/USERS"}',
        content_type="application/x-amz-json-1.1",
    )
    assert answer.status_code == 400
    assert ("NO DATASET!" in answer.text) == loud


def test_an_overlay_may_change_what_is_chosen_by_default(overlay: Path) -> None:
    lay(overlay, "service.patch.json", {"switches": {"tone": {**TONE, "default": "loud"}}})
    app = create_app(Settings(schemas=str(overlay)))
    assert said(app.contracts[PROVIDER]) == "NO DATASET!"
