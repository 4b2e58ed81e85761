"""Rules every provider's contract keeps, whichever providers there are."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from jsonschema import Draft202012Validator
from marshmallow import Schema, fields

from emulator.core.contract.model import Contract
from emulator.core.contract.validation import ABSENT, Violation
from emulator.core.errors import failures
from emulator.core.primitives.regex import whole_match
from emulator.core.storage.body_schema import schema_of
from tests.cases.runner import all_cases
from tests.contract import catalogue

NAMES = list(catalogue.contracts())
LAYERED = [contract for contract in catalogue.variants().values() if contract.layers]
ALL = [*catalogue.contracts().values(), catalogue.control(), *LAYERED]
EVERY_CONTRACT = pytest.mark.parametrize(
    "contract", ALL, ids=lambda contract: "-".join((contract.provider, *contract.layers))
)
EVERY_PROVIDER = pytest.mark.parametrize("name", NAMES)

ANNOTATIONS = {
    "$schema", "title", "description", "properties", "items", "x-evidence", "x-in", "x-name",
    "x-sensitive", "x-vendor-pattern", "x-kind", "x-error-message", "x-allowed-by", "x-attribute", "x-format", "x-stored", "if", "then", "else", "allOf", "deprecated", "default",
    "$defs", "additionalProperties",
}  # fmt: skip
"""Keywords that make no violation of their own."""

FACTS = {
    failures.Malformed: {"reason", "position"},
    failures.TooLarge: {"limit"},
    failures.WrongContentType: {"given"},
    failures.Invalid: {"count", "plural", "sentences"},
    failures.NoSuchRoute: {"path"},
    failures.WrongMethod: {"allow"},
    failures.NoSuchOperation: set(),
    failures.NotEmulated: {"operation", "page"},
    failures.Unauthenticated: {
        "reason",
        "said",
        "digest",
        "given",
        "signed",
        "limit",
        "now",
        "minutes",
        "stringToSign",
        "canonical",
    },
    failures.NotReady: {"id", "state"},
    failures.InUse: {"id"},
    failures.BadToken: {"token"},
    failures.QuotaExceeded: {"limit"},
    failures.TokenReused: {"token"},
    failures.Throttled: {"retryAfter", "retryAfterMs"},
    failures.Timeout: {"seconds"},
    # It is only ordered: permissions are not emulated.
    failures.Forbidden: {"account", "caller", "operation", "partition", "id", "project_arn"},
    failures.Unavailable: set(),
    failures.InternalError: set(),
}


def subschemas(schema: Any) -> Iterator[dict[str, Any]]:
    """Every schema inside a schema, itself included; property names are not taken for keywords."""
    if isinstance(schema, list):
        for item in schema:
            yield from subschemas(item)
    if isinstance(schema, dict):
        yield schema
        for keyword, value in schema.items():
            if keyword in ("properties", "$defs"):
                yield from subschemas(list(value.values()))
            elif keyword not in (
                "x-error-message",
                "x-allowed-by",
                "enum",
                "const",
                "contentSchema",
            ):
                yield from subschemas(value)


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from texts(child)


def placeholders(*nodes: Any) -> set[str]:
    return {
        name for node in nodes for text in texts(node) for name in re.findall(r"\{(\w+)\}", text)
    }


def files_of(provider: str) -> list[Path]:
    return sorted((catalogue.SCHEMAS / provider).rglob("*.json"))


def evidence_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("evidence", "x-evidence") and isinstance(value, str):
                yield value
            yield from evidence_in(value)
    elif isinstance(node, list):
        for item in node:
            yield from evidence_in(item)


@EVERY_PROVIDER
def test_every_emulated_operation_has_a_handler_or_is_a_verb(name: str) -> None:
    emulated = [op for op in catalogue.contracts()[name].operations.values() if op.emulated]
    handlers = catalogue.providers()[name].handlers
    assert handlers.keys() <= {op.name for op in emulated}
    assert all(op.does or op.name in handlers for op in emulated)


@EVERY_PROVIDER
def test_every_kind_is_stored_in_a_form_that_json_schema_describes(name: str) -> None:
    for made in catalogue.kinds(name).values():
        Draft202012Validator.check_schema(schema_of(made))


@EVERY_CONTRACT
def test_every_file_is_read_by_somebody(contract: Contract) -> None:
    fixed = {
        f"{n}.json"
        for n in (
            "service",
            "errors",
            "lifecycles",
            "quotas",
            "resources",
            "rules",
            "seed",
            "examples",
            "_shared",
        )
    }
    messages = {
        f"{op.name}.{side}.json"
        for op in contract.operations.values()
        if op.emulated
        for side in ("request", "response")
    } | {f"{name}.error.json" for name in contract.envelope_names}
    patches = {name.replace(".json", ".patch.json") for name in fixed | messages}
    folder = catalogue.SCHEMAS / contract.provider
    for file in files_of(contract.provider):
        if file.parent == folder and not contract.layers:
            assert file.name in fixed | messages
        if file.parent.name in contract.layers:
            assert file.name in fixed | messages | patches


@EVERY_CONTRACT
def test_evidence_names_sources_that_are_listed_and_every_listed_source_is_named(
    contract: Contract,
) -> None:
    sources = contract.service["sources"].keys()
    found = [
        text
        for file in files_of(contract.provider)
        for text in evidence_in(json.loads(file.read_text()))
    ]
    found += [
        case.document["evidence"] for case in all_cases() if case.provider == contract.provider
    ]
    keys = {key for text in found if not text.startswith("inferred:") for key in text.split()[1:]}
    reasons = " ".join(text for text in found if text.startswith("inferred:"))
    assert keys <= sources
    assert sources <= keys | set(re.findall(r"[A-Za-z0-9-]+", reasons))


@EVERY_CONTRACT
def test_every_keyword_of_a_request_schema_has_a_text(contract: Contract) -> None:
    rows = {row["keyword"] for row in contract.violations["rows"]}
    used = {
        keyword
        for op in contract.operations.values()
        if op.emulated
        for schema in subschemas(op.request.schema)
        for keyword in schema
    }
    assert "*" in rows or used - ANNOTATIONS <= rows


@EVERY_CONTRACT
def test_every_pattern_is_one_that_is_matched_in_linear_time(contract: Contract) -> None:
    for op in contract.operations.values():
        for schema in subschemas(op.request.schema) if op.emulated else ():
            if "pattern" in schema:
                whole_match(schema["pattern"])


@EVERY_CONTRACT
def test_texts_of_violations_use_facts_that_violations_have(contract: Contract) -> None:
    protocol = catalogue.protocol_of(contract)
    operation = next(op for op in contract.operations.values() if op.emulated)
    from emulator.core.http.exchange import Exchange, Request

    request = Request(
        method="POST",
        target="/",
        prefix="",
        path="/",
        query=(),
        headers={},
        parameters={},
        peer="",
        body=b"{}",
    )
    exchange = Exchange(
        contract=contract,
        operation=operation,
        request=request,
        request_id_for=lambda _: "x",
        arrived=0,
        world=Mock(),
    )
    violation = Violation(keyword="maxLength", path=("a",), value=ABSENT, limit=1, schema={})
    known = protocol.describe(exchange, violation).keys()
    own = [
        schema["x-error-message"]
        for op in contract.operations.values()
        if op.emulated
        for schema in subschemas(op.request.schema)
        if "x-error-message" in schema
    ]
    for row in contract.violations["rows"]:
        assert placeholders(row.get("code"), row.get("text"), row.get("members", {})) <= known, row
    assert placeholders(own) <= known


def folder_of(name: str) -> Path:
    return Path(inspect.getfile(import_module(f"emulator.providers.{name}"))).parent


def refusals_of(name: str) -> dict[str, set[str]]:
    """The subjects of `Refused` in a provider's code, with the facts each is raised with."""
    found: dict[str, set[str]] = {}
    for file in folder_of(name).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
                subject = node.args[0]
                assert isinstance(subject, ast.Constant), "the subject of a refusal is a literal"
                found[str(subject.value)] = {keyword.arg or "" for keyword in node.keywords}
    return found


def kinds_of(name: str) -> dict[str, set[str]]:
    """The kinds of a provider's resources, with the facts each can tell."""
    return {
        kind: {*made.stored_names(), made.identifier, "id", "state"}
        for kind, made in catalogue.kinds(name).items()
    }


@EVERY_PROVIDER
def test_texts_of_failures_use_facts_that_failures_carry(name: str) -> None:
    contract, refusals, kinds = catalogue.contracts()[name], refusals_of(name), kinds_of(name)
    for key, row in contract.failures.items():
        cls, _, subject = key.partition(":")
        used = placeholders(row["text"], row.get("members", {}), row.get("headers", {}))
        if cls == "Refused" and subject:
            assert subject in refusals, f"{key}: nobody refuses so"
            assert used <= refusals[subject], key
        elif cls in ("AlreadyExists", "NotFound"):
            facts = kinds[subject] if subject else set.intersection(*kinds.values())
            assert used <= facts | {"action"}, key  # which a provider gives with what it looks up
        elif cls != "Refused":
            assert used <= FACTS[getattr(failures, cls)], key
    assert {f"Refused:{subject}" for subject in refusals} <= contract.failures.keys()


@EVERY_PROVIDER
def test_lifecycles_and_seeds_are_of_kinds_that_exist(name: str) -> None:
    contract, kinds = catalogue.contracts()[name], kinds_of(name)
    planted = [row["kind"] for part in ("baseline", "demo") for row in contract.seed.get(part, ())]
    assert {*contract.lifecycles, *planted} <= kinds.keys()


@EVERY_PROVIDER
def test_marshmallow_only_translates(name: str) -> None:
    def walk(wire: type[Schema]) -> Iterator[fields.Field[Any]]:
        for field in wire().fields.values():
            yield field
            if isinstance(field, fields.Nested):
                yield from walk(type(field.schema))

    contract = catalogue.contracts()[name]
    messages = catalogue.providers()[name].messages(contract)
    for operation in contract.operations.values():
        if operation.emulated:
            request = messages.wire(operation.request.schema, reading=True)
            for field in [*walk(request), *walk(messages.wire(operation.response.schema))]:
                assert not field.required
                assert not field.validators


@EVERY_PROVIDER
def test_there_is_a_case_for_every_emulated_operation(name: str) -> None:
    emulated = {op.name for op in catalogue.contracts()[name].operations.values() if op.emulated}
    called = {
        step["request"].get("call")
        for case in all_cases()
        if case.provider == name
        for step in case.document["steps"]
        if "request" in step
    }
    assert emulated <= called


def test_every_class_of_failure_is_listed_here() -> None:
    classes = {cls for cls in vars(failures).values() if isinstance(cls, type)}
    concrete = classes - {
        failures.Failure,
        failures.Refused,
        failures.AlreadyExists,
        failures.NotFound,
        failures.Ordered,
    }
    assert {cls for cls in concrete if issubclass(cls, failures.Failure)} == FACTS.keys()
