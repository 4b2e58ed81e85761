"""A message is accepted exactly when the full validation finds nothing wrong with it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core.contract.acceptance import UnknownKeyword, compile_check
from emulator.core.contract.validation import Rules
from tests.cases.runner import all_cases
from tests.contract import catalogue

MESSAGES = {
    f"{contract.provider}{'/'.join(('', *contract.layers))} {op.name} {side}": getattr(op, side)
    for contract in [
        *catalogue.contracts().values(),
        *catalogue.variants().values(),
        catalogue.control(),
    ]
    for op in contract.operations.values()
    if op.emulated
    for side in ("request", "response")
} | {
    f"_meta/{file.name}": Rules(json.loads(file.read_text()))
    for file in sorted(catalogue.SCHEMAS.glob("_meta/*.json"))
}
EXTREMES = [
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    0.5,
    1e400,
    2**63,
    10**30,
    "",
    "a",
    "é",
    "\0",
    "a" * 3000,
    [],
    {},
    [None],
    {"": None},
    [1, 1.0, True],
]
"""Values that rules are about: of every type, at the bounds, equal to each other or nearly."""

DEEPEST = 2
"""How deep the examples of a schema are nested."""

LONGEST = 5000
"""The longest limit of a text that is tried."""


def agrees(rules: Rules, document: object) -> None:
    assert rules.accepts(document) == (not rules.violations(document)), document


def examples(schema: Mapping[str, Any], depth: int = 0) -> Iterator[object]:
    """Values near the rules of a schema: its choices, and lengths and numbers around its limits."""
    yield from near(schema)
    for keyword in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(keyword, ()):
            yield from examples(branch, depth + 1)
    if depth < DEEPEST and isinstance(schema.get("items"), dict):
        found = list(examples(schema["items"], depth + 1))[:4]
        yield from ([], found, *([each] for each in found), found[:1] * 2)
    if depth < DEEPEST and "properties" in schema:
        yield from objects(schema["properties"], depth)


def near(schema: Mapping[str, Any]) -> Iterator[object]:
    """Values at the bounds of the rules of one schema object."""
    yield from schema.get("enum", ())
    yield from (schema[name] for name in ("const", "default") if name in schema)
    for name in ("minLength", "maxLength"):
        if name in schema and schema[name] <= LONGEST:
            yield from ("a" * max(0, schema[name] + step) for step in (-1, 0, 1))
    for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if name in schema:
            yield from (schema[name] + step for step in (-1, -0.5, 0, 0.5, 1))


def objects(members: Mapping[str, Any], depth: int) -> Iterator[dict[str, object]]:
    """Objects with all members, with one more, and with one that is changed or missing."""
    values = {name: list(examples(each, depth + 1))[:6] or ["a"] for name, each in members.items()}
    first = {name: those[0] for name, those in values.items()}
    yield from ({}, first, {**first, "unknown": 1})
    for name, those in values.items():
        yield from ({**first, name: value} for value in those[1:])
        yield {key: value for key, value in first.items() if key != name}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_document_is_accepted_exactly_if_nothing_is_wrong_with_it(message: str) -> None:
    rules = MESSAGES[message]
    documents = list(examples(rules.schema))
    for document in [*EXTREMES, *documents]:
        agrees(rules, document)
    whole = next((each for each in documents if isinstance(each, dict) and each), {})
    for name in whole:
        for value in EXTREMES:
            agrees(rules, {**whole, name: value})


CASES = [(case.provider, step) for case in all_cases() for step in case.document["steps"] if "call" in step.get("request", {})]  # fmt: skip


def test_the_documents_of_all_cases_are_judged_alike() -> None:
    seen = 0
    for provider, step in CASES:
        operation = catalogue.contracts()[provider].operations.get(step["request"]["call"])
        document = step["request"].get("json")
        if operation is not None and operation.emulated and document is not None:
            agrees(operation.request, document)
            seen += 1
    assert seen > 1000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    message=st.sampled_from(sorted(MESSAGES)), seed=st.randoms(use_true_random=False), value=JSON
)
def test_any_change_of_a_document_is_judged_alike(message: str, seed: Any, value: object) -> None:
    rules = MESSAGES[message]
    documents = [each for each in examples(rules.schema) if isinstance(each, dict) and each]
    document: Any = copy.deepcopy(seed.choice(documents)) if documents else value
    place = document
    while isinstance(place, (dict, list)) and place:  # anywhere in the document
        key = seed.choice(list(place) if isinstance(place, dict) else range(len(place)))
        if not isinstance(place[key], (dict, list)) or not place[key] or seed.random() < 0.5:
            place[key] = value
            break
        place = place[key]
    agrees(rules, document)


SCHEMAS: list[Mapping[str, Any]] = [
        {"type": "integer"}, {"type": ["integer", "null"]}, {"type": "number"}, {"type": ["integer", "number"]},
        {"enum": [1, "a", None]}, {"enum": [True]}, {"enum": [[1, {"a": 1.0}]]}, {"const": 0}, {"const": {"a": [True]}},
        {"uniqueItems": True}, {"uniqueItems": False}, {"minProperties": 1}, {"maxProperties": 0}, {"not": {"type": "string"}},
        {"propertyNames": {"pattern": "^a*$"}}, {"propertyNames": {"enum": ["a", "b"]}}, {"propertyNames": False},
        {"oneOf": [{"type": "integer"}, {"minimum": 1}]}, {"anyOf": [{"type": "string"}, {"maximum": 0}]},
        {"if": {"type": "integer"}, "then": {"minimum": 1}, "else": {"type": "string"}}, {"if": {"type": "integer"}, "else": False},
        {"properties": {"a": False, "b": True}, "required": ["b", "c"]}, {"required": [""]},
        {"properties": {"a": {}}, "additionalProperties": {"type": "integer"}}, {"items": {"type": ["integer", "null"]}},
        {"contentSchema": {"type": "array"}}, {"$defs": {"t": {"type": ["array", "null"], "items": {"$ref": "#/$defs/t"}}}, "$ref": "#/$defs/t"},
        {"pattern": "^a*$", "minLength": 1}, {"exclusiveMinimum": 0, "exclusiveMaximum": 1}, {"format": "unknown"}, {},
]  # fmt: skip

VALUES: list[object] = [*EXTREMES, [True, 1], [1, 1.0], [{"a": 1}, {"a": 1.0}], [1, {"a": 1}], {"a": [True]}, {"a": [1]}, {"b": 1}, {"b": 1, "c": 2}, {"a": 1, "b": 1, "c": 1}, {"x": "y"}, "[]", "[", "{}", [[[]]], [[0]], "aaa", "b"]  # fmt: skip


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda each: json.dumps(each)[:60])
def test_each_keyword_is_judged_alike(schema: Mapping[str, Any]) -> None:
    for value in VALUES:
        agrees(Rules(schema), value)


def test_a_keyword_without_a_check_is_not_passed_over() -> None:
    with pytest.raises(UnknownKeyword, match="dependentRequired"):
        compile_check({"dependentRequired": {}}, {})
