"""Paths, queries and changes of Coactive's datasets are judged as FastAPI and Pydantic judge them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.pydantic_oracle import DATASETS, ID, LOGIN, compare
from tests.contract.test_pydantic_oracle import (
    BODIES,
    BOOLEANS,
    CONTENT_TYPES,
    IDS,
    MEMBERS,
    NUMBERS,
    OTHERS,
    anything,
    config,
    digits,
    uuids,
    whole,
    words,
)

ONE = f"{DATASETS}/{ID}"
TIMES = [
    "yesterday", "", " ", "2026", "-1", "+1.5", "1e9", "nan", "1775030401.25", "253402300800000",
    "-62167219200001", "-62135596801000", "9" * 20, "2026-04-01", "2026-4-1", "2026/04/01",
    "2026-13-01", "2026-02-29", "2024-02-29", "0000-01-01", "0000-02-30", "0001-01-01",
    "2026-04-01T", "2026-04-01T08", "2026-04-01T08:00", "2026-04-01t08:00z", "2026-04-01_08:00:00",
    "2026-04-01T24:00", "2026-04-01T08:00:60", "2026-04-01T08:00:00.", "2026-04-01T08:00:00,1",
    "2026-04-01T08:00:00.123456789Z", "2026-04-01T08:00+01", "2026-04-01T08:00+0100",
    "2026-04-01T08:00−01:00", "2026-04-01T08:00+24:00", "2026-04-01T08:00 Z", "٢٠٢٦-04-01",
]  # fmt: skip
TEXTS = [text for text in [*NUMBERS, *BOOLEANS] if isinstance(text, str)]
WORDS = ["image", "video", "audio", "uniform", "random", "active", "deleted", "ACTIVE"]
PARAMETERS: Mapping[str, list[str]] = {
    "skip": [*TEXTS, "-1", "0"],
    "limit": [*TEXTS, "-1", "0"],
    "include_deleted": TEXTS,
    "dataset_ids": IDS,
    "status": [*WORDS, "", "inactive", "deleting"],
    "allowed_asset_types": [*WORDS, ""],
    "keyframe_sampling_method": [*WORDS, "", "intelligent"],
    "store_original": TEXTS,
    "store_preview": TEXTS,
    "created_before": TIMES,
    "created_after": TIMES,
    "last_updated_before": TIMES,
    "last_updated_after": TIMES,
    "name_pattern": ["", "a", "Größe 💩", "\0"],
    "new_video_data_model": TEXTS,
    "celebrity_detection_enabled": TEXTS,
    "context_studio_enabled": TEXTS,
    "unknown": ["", "x"],
}
CHANGES: Mapping[str, list[Any]] = {
    "name": MEMBERS["name"],
    "description": MEMBERS["description"],
    "status": ["active", "inactive", "deleting", "deleted", "ACTIVE", "active "],
    "store_original": BOOLEANS,
    "store_preview": BOOLEANS,
    "dataset_config": [{"embedding_id": {}, "encoder_name": {"a": "b"}}, {"embedding_id": 1}],
    "dataset_id": [],
    "unknown": [],
}


def assert_same_list(query: str) -> None:
    both = compare("GET", DATASETS, query=query)
    if both:
        said, wanted = both
        page = said["meta"]["page"]
        assert {name: page[name] for name in ("limit", "offset")} == wanted


def assert_same_change(body: bytes, content_type: str | None = "application/json") -> None:
    both = compare("PATCH", ONE, body, content_type)
    if both:
        said, wanted = both
        wanted = {name: value for name, value in wanted.items() if value is not None}
        shown = {name: said[name] for name in wanted}
        assert json.dumps(shown) == json.dumps(wanted)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_is_judged_alike(name: str) -> None:
    for text in dict.fromkeys(PARAMETERS[name]):
        assert_same_list(urlencode({name: text}))


@pytest.mark.parametrize(
    "query",
    [
        "skip", "skip=&skip=1", "skip=1&skip=", "status=active&status=bad&status=", "Skip=x",
        "limit=x&skip=x", "dataset_ids=a,b", "dataset_ids[]=a", "status=active,inactive", "&&=&x",
        "skip=%31", "skip=%", "skip=%zz", "skip=1;limit=x", "skip=1+", "skip=%FF", "%73kip=x",
    ],
)  # fmt: skip
def test_a_query_is_judged_alike(query: str) -> None:
    assert_same_list(query)


@pytest.mark.parametrize(
    "query", ["", "include_deleted=2", "include_deleted=", "include_deleted=YES&x=1"]
)
def test_an_id_in_the_path_is_judged_alike(query: str) -> None:
    for given_id in filter(None, IDS):
        compare("GET", f"{DATASETS}/{given_id}", query=query)


@pytest.mark.parametrize(
    ("method", "rest", "body"),
    [("DELETE", "", b""), ("DELETE", "", b"nope"), ("GET", "/config", b""), ("PATCH", "", b"[]")],
)
def test_an_id_is_judged_alike_everywhere(method: str, rest: str, body: bytes) -> None:
    for given_id in (text for text in IDS if text and text.lower() != ID):
        compare(method, f"{DATASETS}/{given_id}{rest}", body, "application/json")


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_judged_alike(name: str) -> None:
    for value in [*CHANGES[name], *OTHERS]:
        assert_same_change(json.dumps({name: value}).encode())


@pytest.mark.parametrize("given_id", [ID, "abc"])
def test_the_body_of_a_change_is_judged_alike(given_id: str) -> None:
    for body in BODIES.values():
        # a body may be right here that names no encoder: then only the outcome is the same
        compare("PATCH", f"{DATASETS}/{given_id}", body, "application/json")


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_the_content_type_of_a_change_is_judged_alike(content_type: str | None) -> None:
    for body in (b"{}", b'{"name":"b"}', b"null", b"", b"nope"):
        assert_same_change(body, content_type)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", DATASETS),
        ("PATCH", DATASETS),
        ("POST", ONE),
        ("DELETE", f"{ONE}/config"),
        ("POST", "/api/v1/encoders"),
        ("GET", LOGIN),
        ("GET", f"{ONE}/nope"),
    ],
)
def test_a_route_is_judged_alike(method: str, path: str) -> None:
    compare(method, path)


def test_encoders_are_listed_whatever_is_sent() -> None:
    assert compare("GET", "/api/v1/encoders", b"nope", "text/plain", query="limit=x")


@pytest.mark.parametrize("value", ["refresh_token", "client_credentials", "password", *OTHERS])
def test_a_grant_is_judged_alike(value: Any) -> None:
    compare("POST", LOGIN, json.dumps({"grant_type": value}).encode(), "application/json")


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_the_body_of_a_login_is_judged_alike(body: bytes) -> None:
    compare("POST", LOGIN, body, "application/json")


texts = st.text(st.characters(codec="utf-8"), max_size=6)
times = st.from_regex(
    r"(0000|0001|2[0-9]{3})[-x][01][0-9][-x][0-3][0-9]"
    r"([T _][0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.,][0-9]{0,7})?)?(Z|[+-][0-2][0-9]:?[0-6][0-9]?)?)?",
    fullmatch=True,
) | st.from_regex(r"[+-]?[0-9]{1,19}(\.[0-9]{0,7})?", fullmatch=True)
VALUES: Mapping[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(PARAMETERS, words),
    **dict.fromkeys(["skip", "limit"], whole | digits.filter(lambda text: text.find("-") <= 0)),
    **dict.fromkeys([name for name in PARAMETERS if TIMES is PARAMETERS[name]], times),
    "dataset_ids": uuids,
    **{
        name: st.sampled_from(PARAMETERS[name])
        for name in ("status", "allowed_asset_types", "keyframe_sampling_method")
    },
}
pairs = st.sampled_from(list(VALUES)).flatmap(
    lambda name: st.tuples(st.just(name), VALUES[name] | texts)
)


@given(st.lists(pairs, max_size=6))
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_any_query_is_judged_alike(query: list[tuple[str, str]]) -> None:
    assert_same_list(urlencode(query))


@given(st.text("=&;+%20skip-", max_size=12))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_any_text_after_the_question_mark_is_judged_alike(query: str) -> None:
    assert_same_list(query)


changes = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text("azAZ09_-\n é", max_size=4) | anything,
        "description": st.text() | anything,
        "status": st.sampled_from(["active", "inactive", "deleted"]) | anything,
        "store_original": words | anything,
        "store_preview": st.integers(-1, 2) | st.floats(-1, 2) | anything,
        "dataset_config": config | anything,
        "unknown": anything,
    },
)


@given(changes)
@settings(max_examples=200, deadline=None, derandomize=True, database=None)
def test_any_change_is_judged_alike(members: Mapping[str, Any]) -> None:
    assert_same_change(json.dumps(members).encode())


@given(uuids | texts.filter(lambda text: "/" not in text and text not in ("", ".", "..")))
@settings(max_examples=100, deadline=None, derandomize=True, database=None)
def test_any_id_is_judged_alike(given_id: str) -> None:
    compare("DELETE", f"{DATASETS}/{given_id}")
