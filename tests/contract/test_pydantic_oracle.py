"""What Coactive's datasets are created from is judged as FastAPI and Pydantic judge it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.errors.failures import InternalError
from emulator.core.errors.rendering import render
from tests.contract import catalogue
from tests.contract.pydantic_oracle import (
    DATASETS,
    ENCODERS,
    ID,
    Said,
    ask_emulator,
    ask_oracle,
    compare,
)


def assert_same(method: str, path: str, *request: Any, **more: Any) -> None:
    both = compare(method, path, *request, **more)
    if both:
        assert_shows(*both)


def assert_shows(dataset: Mapping[str, Any], model: Mapping[str, Any]) -> None:
    """What was understood is what the dataset shows, its notation and order included."""
    shown = {name: value for name, value in model.items() if name in dataset}
    assert shown.keys() == model.keys() - {"encoder_name", "dataset_id", "add_to_permit"}
    for name, value in shown.items():
        assert json.dumps(dataset[name]) == json.dumps(value), name
    assert dataset["encoders"][0]["name"] == model["encoder_name"]
    assert model["dataset_id"] in (None, dataset["id"])


def create(members: Mapping[str, Any]) -> bytes:
    return json.dumps({"name": "a", "encoder_name": "multimodal", **members}).encode()


NUMBERS = [
    0, 1, 2, -1, 5, 6, 5.0, 5.1, 0.00001, 0.000009, 1.5, 2.0, 1e15, 10**18, 10**25, True, False,
    "", " ", "0", "1", "2", " 2 ", "2\n", "+2", "-2", "--2", "+-2", "2.", ".5", "2.0", "2.00",
    "2.5", "1e0", "1E-3", "0x1", "1_0", "1__0", "_1", "1_", "1_0.0", "1.0_0", "1_.0", "007", "-0",
    "inf", "-Infinity", "nan", "infinit", "1e400", "٣", "２", "\u00a02", "1 0", "1\u0000", "9" * 400,
]  # fmt: skip
BOOLEANS = [
    *("true", "T", "yes", "Y", "on", "oN", "1", "false", "F", "no", "N", "OFF", "0"),
    *(
        "maybe",
        "",
        " true",
        "enabled",
        "1.0",
        "tr",
        "ſ",
        0,
        1,
        2,
        -1,
        0.0,
        1.0,
        2.0,
        1.5,
        -0.0,
        1e19,
    ),
]
IDS = [
    ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"urn:uuid:{ID}", f"URN:UUID:{ID}", f" {ID}",
    "", "abc", "z", "é", "12345678€", "{}", "{", "{abc}", "urn:uuid:", "urn:uuid:abc", "urn:uuid",
    f"{{{ID.replace('-', '')}}}", f"urn:uuid:{ID.replace('-', '')}", ID[:-1], f"{ID}0", ID[:23],
    f"{{{ID[:-1]}}}", f"urn:uuid:{ID}0", f"{ID}-", f"-{ID}", "-" * 36, "----", "-", "0" * 31, "0" * 33,
    ID.replace("-", "", 1), ID.replace("4372-a", "437-2a"), ID.replace("f47", "g47"), f"{ID[:-1]}\u0000",
]  # fmt: skip
OTHERS = [None, True, 5, 1.5, "x", "", [], {}, [None], ["x", 1], {"x": None}, {"x": "y"}]

MEMBERS: Mapping[str, list[Any]] = {
    "name": ["a", "", "a-b", "a b", "é", "ab\n", "\nab", "a\u0000", "_9", "٣", "x" * 5000],
    "encoder_name": [*ENCODERS, "clip", "audio", "text-llm", "Multimodal", "multimodal "],
    "dataset_id": IDS,
    "add_to_permit": BOOLEANS,
    "description": ["d", "Größe 💩", "a\u0000b"],
    "allowed_asset_types": [
        ["image"],
        ["video", "video"],
        "image",
        ["image", "audio"],
        [1, None, []],
    ],
    "keyframe_sampling_method": ["uniform", "random", "Uniform"],
    "keyframe_uniform_fps_sampling_rate": NUMBERS,
    "store_original": BOOLEANS,
    "store_preview": BOOLEANS,
    "metadata_fields_to_index": [["t"], ["t", ""], "t", [1, "t", []]],
    "metadata_fields_to_embed": [["t"], ["t", ""], "t", [1, "t", []]],
    "dataset_config": [],
    "unknown": [],
}
CONFIG: Mapping[str, list[Any]] = {
    "embedding_id": [{"a": text} for text in IDS],
    "encoder_name": [{"a": "b", "": ""}, {"a": 1}],
    "extra_config": [
        {"composite_settings": {}},
        {"composite_settings": []},
        {"composite_settings": {"a": {}, "b": 1, "c": None}},
        *(
            {"composite_settings": {"a": {"maximum_slice_duration_seconds": n}}}
            for n in NUMBERS + OTHERS
        ),
    ],
    "hybrid_search": [{"weights": 1}, *({"weights": {"a": number}} for number in NUMBERS + OTHERS)],
    "context_studio_enabled": BOOLEANS,
    "metadata_fields_to_embed": [["t"], "t"],
    "metadata_fields_to_index": [["t"], "t"],
    "celebrity_detection_enabled": BOOLEANS,
    "agentic_search_metadata_description": [{"a": "b"}],
    "asset_identifier_key": ["key"],
    "context_studio_export_json_connection_name": ["name"],
    "unknown": [],
}
BODIES: Mapping[str, bytes] = {
    "nothing": b"",
    "blank": b" \n ",
    "null": b"null",
    "a list": b"[]",
    "a list of objects": b'[{"name":"a"}]',
    "a text": b'"text"',
    "an empty text": b'""',
    "zero": b"0",
    "false": b"false",
    "an empty object": b"{}",
    "a configuration without its maps": create({"dataset_config": {}}),
    "unknown members only": b'{"foo":1,"bar":{"baz":[]}}',
    "duplicate keys": b'{"name":5,"name":"a","encoder_name":"multimodal"}',
    "unfinished": b'{"name": ',
    "a trailing comma": b'{"name":"x",}',
    "trailing text": b'{"a":1} x',
    "no JSON": b"nope",
    "umlauts before the mistake": '{"Größe":1, "x"'.encode(),
    "a control character": b'{"name":"a\x00b"}',
    "single quotes": b"{'name':'a'}",
    "an open text": b'{"name":"a',
    "a bad escape": b'{"name":"\\x"}',
    "a byte order mark": b'\xef\xbb\xbf{"name":"a"}',
    "UTF-16": '{"name":"a"}'.encode("utf-16"),
    "UTF-32": '{"name":"a"}'.encode("utf-32-be"),
    "no Unicode": b'{"name":"\xff\xfe"}',
    "Latin-1": '{"name":"é"}'.encode("latin-1"),
    "too deep": b'{"name":' + b"[" * 20000 + b"]" * 20000 + b"}",
    "an absurd integer": b'{"name":' + b"9" * 5000 + b"}",
    "several at once": b'{"name":"a-b","keyframe_uniform_fps_sampling_rate":9,"store_original":"x"}',
}
CONTENT_TYPES = [
    None, "", "application/json", "application/json; charset=utf-8", "APPLICATION/JSON ;a=b",
    "application/vnd.x+json", "application/+json", "text/plain", "application/x-www-form-urlencoded",
    "application/jsonp", "json", "text/json", "a;;b", "application/octet-stream",
]  # fmt: skip


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_is_judged_alike(name: str) -> None:
    for value in [*MEMBERS[name], *OTHERS]:
        assert_same("POST", DATASETS, create({name: value}), "application/json")


@pytest.mark.parametrize("name", CONFIG)
def test_a_member_of_the_configuration_is_judged_alike(name: str) -> None:
    for value in [*CONFIG[name], *OTHERS]:
        config = {"embedding_id": {}, "encoder_name": {}, name: value}
        assert_same("POST", DATASETS, create({"dataset_config": config}), "application/json")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_is_judged_alike(body: bytes) -> None:
    assert_same("POST", DATASETS, body, "application/json")


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_a_content_type_is_judged_alike(content_type: str | None) -> None:
    for body in (create({}), b"null", b"", b"nope", "Größe".encode()):
        assert_same("POST", DATASETS, body, content_type)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/nope"),
        ("PUT", DATASETS),
        ("OPTIONS", DATASETS),
        ("PUT", f"{DATASETS}/{ID}"),
    ],
)
def test_a_route_is_judged_alike(method: str, path: str) -> None:
    assert_same(method, path)


@pytest.mark.parametrize(
    "body",
    [
        b'{"keyframe_uniform_fps_sampling_rate":NaN}',
        b'{"keyframe_uniform_fps_sampling_rate":-Infinity}',
        b'{"name":NaN}',
        b'{"name":"\\ud800"}',
        b'{"name":"a","encoder_name":"multimodal","description":"\\udfff"}',
        b'{"name":"a","encoder_name":"multimodal","dataset_config":{"embedding_id":{},"encoder_name":{},"hybrid_search":{"weights":{"a":NaN}}}}',
    ],
)
def test_where_the_framework_crashes_the_emulator_refuses(body: bytes) -> None:
    assert ask_oracle("POST", DATASETS, body, "application/json").status == 500
    assert ask_emulator("POST", DATASETS, body, "application/json").status == 422


def test_a_crash_is_told_alike() -> None:
    contract = catalogue.contracts()["coactive"]
    spoken = render(InternalError(), contract, lambda _: {})
    answer = catalogue.protocol_of(contract).failure(None, spoken)  # type: ignore[arg-type]
    wanted = ask_oracle("GET", "/crash")
    assert Said(answer.status, dict(answer.headers)["Content-Type"], answer.body) == wanted


# Numbers stay within what JSON and 64 bits hold, and texts within Unicode: beyond, the framework
# crashes, or tells apart how an absurd number is too large.
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
digits = st.text("0123456789+-._eE \n", max_size=8) | st.text("infaty+-", max_size=9)
# Not beginning with a zero: Pydantic reads "0-1" as -1.
whole = st.from_regex(r"[ \n]?[+-]?[1-9][0-9_]{0,5}(\.[05]{0,2})?[ \n]?", fullmatch=True)
words = st.sampled_from(["true", "FALSE", "Yes", "no", "on", "OFF", "t", "f", "y", "n", "0", "1"])
uuids = (
    st.uuids().map(str)
    | st.from_regex(r"(urn:uuid:|\{)?[0-9a-fA-F-]{30,38}\}?", fullmatch=True)
    | st.from_regex(
        r"\{?[0-9a-f]{7,8}-[0-9a-f]{4}-[0-9a-f]{4,5}-[0-9a-f]{4}-[0-9a-fg]{11,13}\}?",
        fullmatch=True,
    )
)
STRATEGIES: Mapping[str, st.SearchStrategy[Any]] = {
    "name": st.text("azAZ09_-\n é", max_size=4),
    "encoder_name": st.sampled_from(ENCODERS),
    "dataset_id": uuids,
    "add_to_permit": words,
    "description": st.text(),
    "allowed_asset_types": st.lists(
        st.sampled_from(["image", "video", "audio"]) | anything, max_size=3
    ),
    "keyframe_sampling_method": st.sampled_from(["intelligent", "uniform", "none"]),
    "keyframe_uniform_fps_sampling_rate": st.floats(0, 6) | digits,
    "store_original": words,
    "store_preview": st.integers(-1, 2) | st.floats(-1, 2),
    "metadata_fields_to_index": st.lists(st.text() | anything, max_size=3),
    "metadata_fields_to_embed": st.lists(st.text(), max_size=3),
}
config = st.fixed_dictionaries(
    {},
    optional={
        "embedding_id": st.dictionaries(st.text(), uuids | anything, max_size=2) | anything,
        "encoder_name": st.dictionaries(st.text(), st.text(), max_size=2) | anything,
        "extra_config": st.fixed_dictionaries(
            {"composite_settings": st.dictionaries(
                st.text(),
                st.fixed_dictionaries({}, optional={"maximum_slice_duration_seconds": whole | anything}),
                max_size=2,
            )}
        ) | anything,
        "hybrid_search": st.fixed_dictionaries(
            {}, optional={"weights": st.dictionaries(st.text(), st.floats(-1e9, 1e9) | anything, max_size=2)}
        ) | anything,
        "context_studio_enabled": words | anything,
        "agentic_search_metadata_description": st.dictionaries(st.text(), st.text(), max_size=2) | anything,
        "asset_identifier_key": st.text() | anything,
        "unknown": anything,
    },
)  # fmt: skip
bodies = st.fixed_dictionaries(
    {},
    optional={
        **{name: strategy | anything for name, strategy in STRATEGIES.items()},
        "dataset_config": config | anything,
        "unknown": anything,
    },
)


@given(bodies)
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_any_body_is_judged_alike(members: Mapping[str, Any]) -> None:
    assert_same("POST", DATASETS, json.dumps(members).encode(), "application/json")
