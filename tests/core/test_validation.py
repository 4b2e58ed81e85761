from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from emulator.core.contract.validation import ABSENT, Rules
from emulator.core.primitives.regex import PatternError, whole_match

TAG = {"type": "object", "required": ["key"], "properties": {"key": {"type": "string"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "pattern": "[a-z]+", "maxLength": 3},
        "kind": {"enum": ["a", "b"]},
        "size": {"type": ["integer", "null"], "minimum": 0},
        "tags": {"type": "array", "items": TAG},
        "options": {"type": "string", "contentSchema": {"type": "object"}},
        "map": {"type": "object", "additionalProperties": {"type": "number"}},
        "closed": {"type": "object", "additionalProperties": False, "properties": {"a": {}}},
    },
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": "b"}}, "required": ["kind"]},
            "then": {"properties": {"size": {"type": "null"}}},
        }
    ],
}
RULES = Rules(SCHEMA)
VALID = {"name": "abc", "kind": "a"}


def broken(document: object) -> list[tuple[str, tuple[object, ...]]]:
    return [(violation.keyword, violation.path) for violation in RULES.violations(document)]


def test_a_good_document_breaks_nothing() -> None:
    assert broken({**VALID, "size": 1.0, "tags": [{"key": "k"}], "map": {"x": 1}}) == []


def test_missing_members_are_reported_one_by_one_in_the_order_of_the_schema() -> None:
    assert broken({"size": -1}) == [
        ("required", ("name",)),
        ("required", ("kind",)),
        ("minimum", ("size",)),
    ]
    assert RULES.violations({})[0].value is ABSENT


def test_a_value_can_break_several_rules_in_the_order_they_are_written() -> None:
    assert broken({**VALID, "name": "ABCD"}) == [("pattern", ("name",)), ("maxLength", ("name",))]


@pytest.mark.parametrize("name", ["ab\n", "\nab", "1ab", "ab1", ""])
def test_a_pattern_means_the_whole_text(name: str) -> None:
    assert broken({**VALID, "name": name}) == [("pattern", ("name",))]


def test_paths_lead_through_lists_and_objects() -> None:
    assert broken({**VALID, "tags": [{"key": "k"}, {}, {"key": 1}]}) == [
        ("required", ("tags", 1, "key")),
        ("type", ("tags", 2, "key")),
    ]


def test_a_map_checks_every_value_and_a_closed_object_refuses_strangers() -> None:
    assert broken({**VALID, "map": {"x": "1"}}) == [("type", ("map", "x"))]
    assert broken({**VALID, "closed": {"a": 1, "b": 2}}) == [
        ("additionalProperties", ("closed", "b"))
    ]


@pytest.mark.parametrize("text", ["{", "[]", "1", "null", ""])
def test_a_text_that_must_hold_json_holds_it(text: str) -> None:
    assert broken({**VALID, "options": "{}"}) == []
    assert broken({**VALID, "options": text}) == [("contentSchema", ("options",))]


def test_a_condition_reports_at_the_member_it_is_about() -> None:
    assert broken({"name": "abc", "kind": "b", "size": 3}) == [("type", ("size",))]


def test_booleans_are_no_numbers_and_whole_floats_are_integers() -> None:
    assert broken({**VALID, "size": True}) == [("type", ("size",))]
    assert broken({**VALID, "size": 2.0}) == []
    assert broken({**VALID, "size": 2.5}) == [("type", ("size",))]


def test_expected_and_given_name_types_as_errors_speak_of_them() -> None:
    found = RULES.violations({**VALID, "map": [], "size": "x", "closed": 1.5})
    assert [(v.expected, v.given) for v in found] == [
        ("integer", "string"),
        ("map", "array"),
        ("object", "number"),
    ]


def test_a_format_gives_its_reason() -> None:
    def is_even(value: object) -> bool:
        if isinstance(value, str) and len(value) % 2:
            raise ValueError("it is odd")
        return True

    rules = Rules({"format": "even"}, {"even": is_even})
    assert rules.violations("ab") == []
    assert rules.violations("abc")[0].reason == "it is odd"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["a", "b", "abc", "{}", "9"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SCHEMA["properties"], "key", "a"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON)
def test_it_accepts_what_jsonschema_itself_accepts(document: Any) -> None:
    plain: dict[str, Any] = {
        **SCHEMA,
        "properties": {k: v for k, v in SCHEMA["properties"].items() if k != "options"},
    }
    anchored = {
        **plain["properties"],
        "name": {**SCHEMA["properties"]["name"], "pattern": "^[a-z]+$"},
    }
    oracle = Draft202012Validator({**plain, "properties": anchored})
    ours = Rules(plain)
    assert (ours.violations(document) == []) == oracle.is_valid(document)


def test_a_pattern_that_takes_others_forever_takes_no_time() -> None:
    fits = whole_match(r"arn:([a-z\d-]+):personalize:.*:.*:.+")
    assert not fits("arn:a:personalize:" + ":" * 1_000_000 + "\n")


def test_a_pattern_of_unicode_classes_matches_them() -> None:
    fits = whole_match(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$")
    assert fits("키 値 é1")
    assert not fits("a#b")
    assert not fits("\ud800")


def test_a_pattern_that_is_not_linear_is_refused() -> None:
    with pytest.raises(PatternError):
        whole_match(r"(a)\1")
