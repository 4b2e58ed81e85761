"""Alibaba Cloud's own SDK as the judge of our schemas of PAI AIWorkSpace.

Its client is called with every member filled in and nothing sent; what it would have sent,
and the names and types its models read from an answer, are compared with our schemas. A
difference has to be listed here with its reason, and a reason that no difference needs any
more is a failure, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from inspect import signature
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import unquote

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.utils_models import Config
from darabonba.model import DaraModel

from emulator.core.contract.model import Operation
from tests.contract import catalogue

SAMPLES: Mapping[type, object] = {str: "text", int: 1, bool: True, float: 0.5}
TYPES = {str: "string", int: "integer", bool: "boolean", float: "number", list: "array", dict: "object"}  # fmt: skip

Difference = tuple[str, object, object]
"""Where, what the SDK has, what we have."""

NUMBERS_TOO = "clients in use send numbers, too, and the field takes both"
REASONS: Mapping[str, str] = {
    r"\w+ body\.WorkspaceId type": NUMBERS_TOO,
    r"UpdateDataset body\.SharingConfig\.SharedTo\[\] members": "the others are the service's own",
    r"DeleteMembers response members": "a failure is an answer of its own, with code and message",
    r"(Get|List)Datasets? response(\.Datasets\[\])? members": "TagTemplateType is that of a labelling tool, which is not there",
    r"ListDatasetFileMetas response\.DatasetFileMetas\[\] members": "there is nothing to download, to look at, or to score",
}
"""A regular expression over `<operation> <where>`, and why that differs."""


def filled(kind: Any) -> Any:
    """A value of a type of the SDK, with every member of its models."""
    if isinstance(kind, type) and issubclass(kind, DaraModel):
        hints = {k: v for k, v in get_type_hints(vars(kind)["__init__"]).items() if k != "return"}
        return kind(**{name: filled(hint) for name, hint in hints.items()})
    if get_origin(kind) is list:
        return [filled(get_args(kind)[0])]
    return SAMPLES.get(kind, {})


class _Captured(Exception):
    """What the client would have sent."""


class Recorder(Client):
    """The SDK's client, which sends nothing."""

    def call_api(self, params: Any, request: Any, runtime: Any) -> Any:
        raise _Captured(params, request)


@cache
def sent() -> Mapping[str, tuple[Any, Any]]:
    """What the SDK would send for each of its operations: its parameters, and its request."""
    client = Recorder(Config(access_key_id="a", access_key_secret="b", region_id="cn-hangzhou"))
    calls = [getattr(client, name) for name in dir(Client) if name.endswith("_with_options")]
    return {params.action: (params, request) for params, request in map(captured, calls)}


def pascal(name: str) -> str:
    """Spell `dataset_id` as `DatasetId`."""
    return "".join(word.capitalize() for word in name.split("_"))


def captured(call: Callable[..., Any]) -> tuple[Any, Any]:
    *path, asked, _, _ = signature(call).parameters
    request = filled(get_type_hints(call)[asked])
    with pytest.raises(_Captured) as caught:
        call(*(f"{{{pascal(member)}}}" for member in path), request, {}, None)
    params, sending = caught.value.args
    return params, sending


def emulated() -> list[Operation]:
    """The emulated operations that the SDK has: of earlier clients it left some out."""
    ours = [op for name, op in catalogue.operations() if name == "pai" and op.emulated]
    return [op for op in ours if op.name in sent()]


def differences(operation: Operation) -> Iterator[Difference]:
    params, request = sent()[operation.name]
    yield from same("method", params.method, operation.method)
    yield from same("path", unquote(params.pathname), operation.path)
    assert operation.response is not None
    properties = operation.request.schema.get("properties", {})
    query = [name for name, schema in properties.items() if schema.get("x-in") == "query"]
    yield from same("query members", sorted(request.query or {}), sorted(query))
    body = {name: schema for name, schema in properties.items() if "x-in" not in schema}
    yield from of_value(request.body or {}, {"type": "object", "properties": body}, "body")
    answer = filled(getattr(models, f"{operation.name}ResponseBody")).to_map()
    yield from of_value(answer, operation.response.schema, "response")


def same(where: str, theirs: object, ours: object) -> Iterator[Difference]:
    if theirs != ours:
        yield where, theirs, ours


def of_value(value: Any, ours: Mapping[str, Any], where: str) -> Iterator[Difference]:
    """Compare names and types of a value that the SDK filled with a schema of ours."""
    yield from same(f"{where} type", TYPES[type(value)], ours.get("type"))
    if isinstance(value, dict) and value:
        mine = ours.get("properties", {})
        yield from same(f"{where} members", sorted(value), sorted(mine))
        for name in value.keys() & mine.keys():
            yield from of_value(value[name], mine[name], f"{where}.{name}")
    if isinstance(value, list):
        yield from of_value(value[0], ours.get("items", {}), f"{where}[]")


@pytest.mark.parametrize("operation", emulated(), ids=lambda op: op.name)
def test_an_operation_is_as_the_sdk_models_it(operation: Operation) -> None:
    unexplained = [
        difference
        for difference in differences(operation)
        if not any(re.fullmatch(known, f"{operation.name} {difference[0]}") for known in REASONS)
    ]
    assert unexplained == []


def test_every_reason_is_still_needed() -> None:
    found = {f"{op.name} {where}" for op in emulated() for where, _, _ in differences(op)}
    unused = [known for known in REASONS if not any(re.fullmatch(known, text) for text in found)]
    assert unused == []


def test_every_operation_of_the_sdk_is_known_at_its_route() -> None:
    theirs = {name: (params.method, unquote(params.pathname)) for name, (params, _) in sent().items()}  # fmt: skip
    ours = {op.name: (op.method, op.path) for n, op in catalogue.operations() if n == "pai"}
    assert {name: ours.get(name) for name in theirs} == theirs


def test_what_this_sdk_does_not_have_is_of_another_client() -> None:
    others = {"pysdk", "sdk3", "sdk1"}
    ours = {op.name: op.evidence for n, op in catalogue.operations() if n == "pai"}
    sources = {name: {*ours[name].split()[1:]} for name in ours.keys() - sent().keys()}
    assert [name for name, each in sources.items() if not each & others] == []
    assert set().union(*sources.values()) == others
