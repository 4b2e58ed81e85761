from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.primitives.json_text import MAX_DEPTH, NotJson, Raw, quote, read, write

SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec=None))
DOCUMENTS = st.recursive(
    SCALARS | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(DOCUMENTS)
def test_whatever_can_be_read_can_be_written_and_read_again(document: object) -> None:
    assert read(write(document).decode("utf-8")) == document


def test_members_keep_their_order_and_nothing_is_added() -> None:
    assert write({"b": 1, "a": [True, None, "é"]}) == '{"b":1,"a":[true,null,"é"]}'.encode()


def test_a_lone_surrogate_is_written_as_its_escape() -> None:
    assert write("\ud800") == b'"\\ud800"'
    assert json.loads(write({"a": "x\udfff"})) == {"a": "x\udfff"}


def test_a_number_that_is_none_becomes_null() -> None:
    assert write([float("nan"), float("inf")]) == b"[null,null]"


def test_raw_text_is_written_as_it_stands() -> None:
    assert write({"t": Raw("1.620828853579E9")}) == b'{"t":1.620828853579E9}'


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a":-Infinity}'])
def test_constants_of_python_are_not_json_unless_let_in(text: str) -> None:
    with pytest.raises(NotJson):
        read(text)
    read(text, constants=True)


def test_a_syntax_error_has_a_position() -> None:
    with pytest.raises(NotJson) as caught:
        read('{"name": ')
    assert (caught.value.reason, caught.value.position) == ("Expecting value", 9)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_document_can_be_as_deep_as_the_limit_and_no_deeper(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    read(opening * (MAX_DEPTH - 1) + "[]" + closing * (MAX_DEPTH - 1))
    with pytest.raises(NotJson):
        read(opening * MAX_DEPTH + "[]" + closing * MAX_DEPTH)
    with pytest.raises(NotJson):
        read(opening * 100_000)


@pytest.mark.parametrize("beside", ["[]", '"[{[{"', "{}"])
def test_what_is_beside_the_deepest_part_does_not_count(beside: str) -> None:
    """Of a document with more brackets than levels, the levels are counted."""
    opening, closing = f"[{beside}," * (MAX_DEPTH - 1), "]" * (MAX_DEPTH - 1)
    read(f"{opening}[]{closing}")
    with pytest.raises(NotJson):
        read(f"[{opening}[]{closing}]")


def test_a_wide_document_is_not_a_deep_one() -> None:
    assert read("[" + "[]," * 1000 + "[]]") == [[]] * 1001


def test_an_absurd_integer_is_refused() -> None:
    assert read("9" * 40) == int("9" * 40)
    with pytest.raises(NotJson):
        read("9" * 5000)


def test_the_last_of_duplicate_keys_wins() -> None:
    assert read('{"a":1,"a":2}') == {"a": 2}


BRACKETS = ["[" * 300, '"{"{', "\\", '\\"]', "\ud800[", "{{\\\\"]
"""Texts with brackets, which nest nothing, quotes and backslashes."""


@pytest.mark.parametrize("text", BRACKETS)
def test_brackets_in_texts_of_a_wide_document_nest_nothing(text: str) -> None:
    wide = json.dumps([[text, {text: []}]] * 10_000)
    assert read(wide) == json.loads(wide)
    deep = f"[{wide},{'[' * MAX_DEPTH}{']' * MAX_DEPTH}]"
    with pytest.raises(NotJson, match="deeply"):
        read(deep)


def test_members_that_are_null_can_be_left_out_and_items_are_not() -> None:
    text = '{"a":null,"b":[null,{"c":null,"d":"null"}],"e":1,"e":null}'
    assert read(text, nulls=False) == {"b": [None, {"d": "null"}]}
    assert read("null", nulls=False) is None


@given(DOCUMENTS)
def test_a_quoted_part_is_written_as_it_would_be(part: object) -> None:
    assert write({"a": quote(part)}) == write({"a": part})


def test_what_has_no_json_of_its_own_is_written_as_ever() -> None:
    assert write({"a": quote([float("inf"), 1])}) == b'{"a":[null,1]}'
