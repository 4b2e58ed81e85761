"""Plans: what a marshmallow class would do to a message, worked out once.

marshmallow decides for every message again what the class has decided: which fields there are, what
each is called, who converts it. A plan is the list of these decisions. Fields with a conversion of
their own are asked; those that only pass a value on are not. A contract test compares the plans
with marshmallow on the messages of every case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, missing

Convert = Callable[[Any], Any]

Read = tuple[str, str, Convert | None]
"""Name of a member, its attribute, and what converts its value; None passes it on."""

Write = tuple[str, Callable[[Any], Any], Convert | None, bool]
"""Name of a member, what gets its value, what converts it, and whether null is written."""


class Params(SimpleNamespace):
    """The members of a request by their names in snake case; one that was not sent is None.

    A member that the schema does not have is an `AttributeError`.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


def params_plan(wire: Schema, absent: Mapping[str, Any]) -> Callable[[Any], Params]:
    """Return what makes parameters of a valid document; `absent` are those of no member."""
    load = read_plan(wire)
    return lambda document: Params(**{**absent, **load(document)})


def read_plan(wire: Schema) -> Convert:
    """Return what `wire.load` does to a valid document: the attributes that were sent."""
    steps: Sequence[Read] = [
        (str(field.data_key), str(field.attribute), _loader(field))
        for field in wire.fields.values()
    ]

    def load(document: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, attribute, convert in steps:
            if name in document:
                value = document[name]
                if convert is not None and value is not None:
                    value = convert(value)
                found[attribute] = value
        return found

    return load


def write_plan(wire: Schema) -> Convert:
    """Return what `wire.dump` does to a result: the members of a document, in order.

    `wire.nullable` are the attributes that are written as null, and not left out.
    """
    nullable: frozenset[str] = getattr(wire, "nullable", frozenset())
    steps: Sequence[Write] = [
        (
            str(field.data_key),
            _getter(field),
            _dumper(field),
            field.attribute in nullable,
        )
        for field in wire.fields.values()
    ]

    def dump(result: Any) -> dict[str, Any]:
        written: dict[str, Any] = {}
        for name, get, convert, is_nullable in steps:
            value = get(result)
            if value is None:
                if is_nullable:
                    written[name] = None
                continue
            if value is not missing and convert is not None:
                value = convert(value)
            if value is not missing:
                written[name] = value
        return written

    return dump


def _loader(field: fields.Field[Any]) -> Convert | None:
    match field:
        case fields.Raw():
            return None
        case fields.Integer():
            return int
        case fields.Nested():
            return read_plan(field.schema)
        case fields.List():
            convert = _loader(field.inner)
            return convert and (lambda values: [convert(value) for value in values])
    return field.deserialize


def _dumper(field: fields.Field[Any]) -> Convert | None:
    match field:
        case fields.Constant() | fields.Raw():
            return None
        case fields.Nested():
            return write_plan(field.schema)
        case fields.List():
            convert = _dumper(field.inner)
            return convert and (lambda values: [convert(value) for value in values])
    return lambda value: field.serialize("", None, accessor=lambda *_: value)


def _getter(field: fields.Field[Any]) -> Convert:
    """Return what gets the value of a field: of a mapping by its key, else by its attribute."""
    if isinstance(field, fields.Constant):
        constant = field.constant
        return lambda _: constant
    steps = str(field.attribute).split(".")
    if steps == ["", ""]:  # the whole object
        return lambda result: result
    if len(steps) == 1:
        (name,) = steps
        return lambda result: _get(result, name)

    def get(result: Any) -> Any:
        for step in steps:
            result = _get(result, step)
        return result

    return get


def _get(result: Any, name: str) -> Any:
    if isinstance(result, Mapping):
        return result.get(name, missing)
    return getattr(result, name, missing)
