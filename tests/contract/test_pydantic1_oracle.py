"""Bodies of Coactive's earlier generation are judged as models of Pydantic 1 judge them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic.v1 import BaseModel, Field, ValidationError, parse_obj_as
from werkzeug.test import Client

from tests.contract.pydantic_oracle import DATASETS, ID, application
from tests.contract.test_pydantic_oracle import NUMBERS, OTHERS, anything, digits

NAMES = [
    "multimodal", "multimodal-tx-small1", "multimodal-tx-small2",
    "multimodal-tx-large1", "multimodal-tx-large2", "multimodal-tx-large3",
]  # fmt: skip
if TYPE_CHECKING:

    class Encoder(StrEnum):
        """One of `NAMES`."""

else:
    Encoder = Enum("Encoder", {name: name for name in NAMES}, type=str)


class SamplingMethod(StrEnum):
    intelligent = "intelligent"
    uniform = "uniform"


class Settings(BaseModel):
    keyframeSamplingMethod: SamplingMethod | None = None  # noqa: N815
    keyframeUniformFpsSamplingRate: float | None = Field(None, ge=0.00001, le=5)  # noqa: N815


class CreateDataset(BaseModel):
    name: str
    description: str | None = None
    credentialsId: str | None = None  # noqa: N815
    encoder: Encoder | None = None
    settings: Settings | None = None


class UpdateDataset(BaseModel):
    name: str | None = None
    description: str | None = None


Judged = list[Any] | Mapping[str, Any]
"""The items of a body that is wrong, or the members of one that is right."""


def judged_by_pydantic(model: type[BaseModel], body: object) -> Judged:
    try:
        return parse_obj_as(model, body).dict()
    except ValidationError as error:
        items = [{**item, "loc": ["body", *item["loc"][1:]]} for item in error.errors()]
        judged: Judged = json.loads(json.dumps(items))
        return judged


def judged_by_the_emulator(method: str, path: str, body: object) -> Judged:
    application().world.reset("coactive")
    client, headers = Client(application()), {"X-Fern-SDK-Name": "coactive"}
    if method == "PATCH":
        params = {"name": "before", "encoder_name": "multimodal", "dataset_id": ID}
        assert client.post(f"/coactive{DATASETS}", json=params).status_code == 200
    answer = client.open(f"/coactive{path}", method=method, json=body, headers=headers)
    assert answer.status_code in (200, 422), answer.text
    judged: Judged = answer.get_json()["detail"] if answer.status_code == 422 else answer.get_json()
    return judged


def assert_same(model: type[BaseModel], body: object) -> None:
    place = ("POST", DATASETS) if model is CreateDataset else ("PATCH", f"{DATASETS}/{ID}")
    wanted, said = judged_by_pydantic(model, body), judged_by_the_emulator(*place, body)
    if isinstance(wanted, list) and wanted[0]["type"] == "type_error":
        return  # pairs whose first is no text break on Python, before Pydantic judges them
    if isinstance(wanted, list):
        assert json.dumps(said) == json.dumps(wanted), body
        return
    assert isinstance(said, dict), (body, said)
    for member in ("name", "description", "encoder"):
        if wanted.get(member) is not None:
            assert said[member] == wanted[member], body


VALUES: Mapping[str, list[Any]] = {
    "name": ["a b", "é", 1.5, 10**18, 1e300],
    "description": [1.0],
    "credentialsId": [1.0],
    "encoder": [*NAMES, "clip"],
    "settings": [[], [["keyframeSamplingMethod", "none"]], [[[], 1]], ["ab"], "ab"],
    "unknown": [],
}
RATES = [*NUMBERS, float("nan"), float("inf"), -float("inf")]


@pytest.mark.parametrize("name", VALUES)
def test_a_member_is_judged_alike(name: str) -> None:
    for value in [*VALUES[name], *OTHERS]:
        assert_same(CreateDataset, {"name": "a", name: value})
        assert_same(UpdateDataset, {name: value})


@pytest.mark.parametrize("name", ["keyframeSamplingMethod", "keyframeUniformFpsSamplingRate"])
def test_a_setting_is_judged_alike(name: str) -> None:
    for value in ["uniform", *RATES, *OTHERS]:
        assert_same(CreateDataset, {"name": "a", "settings": {name: value}})


@pytest.mark.parametrize("model", [CreateDataset, UpdateDataset])
def test_a_body_that_is_no_object_is_judged_alike(model: type[BaseModel]) -> None:
    for body in ["", "ab", [], ["ab"], [["name", "a"]], [["name", []]], [[{}, 1]], 0, 1.5, True]:
        assert_same(model, body)


@pytest.mark.parametrize(
    "body",
    [b'{"name": ', b'{"name":"x",}', b'{"a":1} x', b"nope", b'{\n "Gr\xc3\xb6\xc3\x9fe":1,\n x'],
)
def test_text_that_is_no_json_is_told_as_the_decoder_tells_it(body: bytes) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        json.loads(body)
    headers = {"X-Fern-SDK-Name": "coactive"}
    said = Client(application()).post(f"/coactive{DATASETS}", data=body, headers=headers)
    assert (said.status_code, said.get_json()) == (422, {"detail": [item_of(caught.value)]})


def item_of(error: json.JSONDecodeError) -> Mapping[str, Any]:
    return {
        "loc": ["body", error.pos],
        "msg": str(error),
        "type": "value_error.jsondecode",
        "ctx": {
            "msg": error.msg,
            "doc": error.doc,
            "pos": error.pos,
            "lineno": error.lineno,
            "colno": error.colno,
        },
    }


bodies = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text() | anything,
        "description": st.text() | anything,
        "credentialsId": st.text() | anything,
        "encoder": st.sampled_from(NAMES) | anything,
        "settings": st.fixed_dictionaries(
            {},
            optional={
                "keyframeSamplingMethod": st.sampled_from(["intelligent", "uniform"]) | anything,
                "keyframeUniformFpsSamplingRate": st.floats(0, 6) | digits | anything,
            },
        )
        | anything,
        "unknown": anything,
    },
)


@given(bodies | anything.filter(lambda body: body is not None))
@settings(max_examples=150, deadline=None, derandomize=True, database=None)
def test_any_body_is_judged_alike(body: object) -> None:
    assert_same(CreateDataset, body)
    assert_same(UpdateDataset, body)
