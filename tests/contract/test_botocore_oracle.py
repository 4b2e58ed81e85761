"""botocore's own models of the two AWS services as the judge of our schemas.

Every emulated operation is compared member by member; a difference has to be listed here
with its reason, and a reason that no difference needs any more is a failure, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.session import get_session

from emulator.core.contract.model import Operation
from tests.contract import catalogue

SERVICES = ("personalize", "lookoutvision")
TYPES = {
    "structure": "object",
    "map": "object",
    "list": "array",
    "string": "string",
    "blob": "string",
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
}
LOCATIONS = {"uri": "path", "querystring": "query", "header": "header", None: "body"}

Difference = tuple[str, object, object]
"""Where, what the model has, what we have."""

REASONS: Mapping[str, str] = {
    r"personalize \w+ request\.datasetType pattern": "the pattern is in newer models only",
    r"\w+ \w+ request\.[tT]ags sensitive": "a list of sensitive members is not printed either",
    r"personalize UntagResource request\.tagKeys.*": "the rules of the keys stand under `if`: they are reported together",
    r"personalize CreateDatasetImportJob request required": "newer models do not require the role",
    r"lookoutvision ListDatasetEntries request\.\w+ type": "a time in a query is a text",
    r"lookoutvision UpdateDatasetEntries request\.Changes (min|max)": "limits of bytes, checked when decoded",
}
"""A regular expression over `<provider> <operation> <where>`, and why that differs."""


@cache
def model(service: str) -> ServiceModel:
    return get_session().get_service_model(service)


def emulated() -> list[tuple[str, Operation]]:
    return [(name, op) for name, op in catalogue.operations() if name in SERVICES and op.emulated]


def differences(name: str, operation: Operation) -> Iterator[Difference]:
    theirs = model(name).operation_model(operation.name)
    yield from same("method", theirs.http["method"], operation.method)
    yield from same("path", theirs.http["requestUri"].replace("+", ""), operation.path.replace("+", ""))  # fmt: skip
    yield from same("status", theirs.http.get("responseCode", 200), operation.status)
    errors = sorted(error.name for error in theirs.error_shapes)
    yield from same("errors", errors, sorted(operation.errors))
    assert operation.response is not None
    yield from of_input(theirs, operation.request.schema)
    yield from of_output(theirs.output_shape, operation.response.schema, "response")


def same(where: str, theirs: object, ours: object) -> Iterator[Difference]:
    if theirs != ours:
        yield where, theirs, ours


def of_input(theirs: OperationModel, ours: Mapping[str, Any]) -> Iterator[Difference]:
    shape = theirs.input_shape
    members = shape.members if shape else {}
    for name, member in members.items():
        mine = ours["properties"].get(name, {})
        place = member.serialization.get("location")
        yield from same(f"request.{name} place", LOCATIONS[place], mine.get("x-in", "body"))
        if place:
            wire_name = member.serialization.get("name", name)
            yield from same(f"request.{name} wire name", wire_name, mine.get("x-name", name))
    if shape:
        yield from of_shape(shape, ours, "request")


def of_shape(shape: Shape, ours: Mapping[str, Any], where: str) -> Iterator[Difference]:
    """Compare everything a request has to satisfy."""
    yield from same(f"{where} type", TYPES.get(shape.type_name, shape.type_name), ours.get("type"))
    limits = shape.metadata
    size = {"list": "Items", "integer": None}.get(shape.type_name, "Length")
    low, high = (f"min{size}", f"max{size}") if size else ("minimum", "maximum")
    yield from same(f"{where} min", limits.get("min"), ours.get(low))
    yield from same(f"{where} max", limits.get("max"), ours.get(high))
    yield from same(
        f"{where} pattern", limits.get("pattern"), ours.get("x-vendor-pattern", ours.get("pattern"))
    )
    yield from same(f"{where} enum", limits.get("enum"), ours.get("enum"))
    yield from same(f"{where} sensitive", limits.get("sensitive", False), ours.get("x-sensitive", False))  # fmt: skip
    if isinstance(shape, StructureShape):
        mine = ours.get("properties", {})
        yield from same(f"{where} members", sorted(shape.members), sorted(mine))
        yield from same(f"{where} required", sorted(shape.required_members), sorted(ours.get("required", ())))  # fmt: skip
        for name, member in shape.members.items():
            yield from of_shape(member, mine.get(name, {}), f"{where}.{name}")
    if isinstance(shape, ListShape):
        yield from of_shape(shape.member, ours.get("items", {}), f"{where}[]")


def of_output(shape: Shape | None, ours: Mapping[str, Any], where: str) -> Iterator[Difference]:
    """Compare the names and types of what is answered; the model promises no more."""
    if isinstance(shape, StructureShape):
        mine = ours.get("properties", {})
        yield from same(f"{where} members", sorted(shape.members), sorted(mine))
        for name in shape.members.keys() & mine.keys():
            yield from of_output(shape.members[name], mine[name], f"{where}.{name}")
    elif isinstance(shape, ListShape):
        yield from of_output(shape.member, ours.get("items", {}), f"{where}[]")
    elif shape and "const" not in ours and "enum" not in ours:
        kind = "number" if shape.type_name == "timestamp" else TYPES[shape.type_name]
        yield from same(f"{where} type", kind, ours.get("type"))


@pytest.mark.parametrize(("name", "operation"), emulated(), ids=lambda v: getattr(v, "name", v))
def test_an_operation_is_as_botocore_models_it(name: str, operation: Operation) -> None:
    unexplained = [
        difference
        for difference in differences(name, operation)
        if not any(re.fullmatch(known, f"{name} {operation.name} {difference[0]}") for known in REASONS)
    ]  # fmt: skip
    assert unexplained == []


def test_every_reason_is_still_needed() -> None:
    found = {f"{name} {op.name} {where}" for name, op in emulated() for where, _, _ in differences(name, op)}  # fmt: skip
    unused = [known for known in REASONS if not any(re.fullmatch(known, text) for text in found)]
    assert unused == []


SISTERS: Mapping[str, tuple[str, ...]] = {
    "personalize": ("personalize-runtime", "personalize-events"),
    "lookoutvision": (),
}
"""Services that sign as another one and are answered for by it."""


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_of_the_service_is_known_at_its_route(service: str) -> None:
    theirs = {
        op.name: (op.http["method"], op.http["requestUri"].replace("+", ""))
        for each in map(model, (service, *SISTERS[service]))
        for op in map(each.operation_model, each.operation_names)
    }
    ours = {op.name: (op.method, op.path.replace("+", "")) for op in catalogue.contracts()[service].operations.values()}  # fmt: skip
    assert ours == theirs
