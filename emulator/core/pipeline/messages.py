"""The wire form of messages, made from their schemas.

A message schema says how each member is called, in which order and how it is nested. A member is
the attribute of its own name in snake case, unless `attributes` in service.json or its annotation
`x-attribute` says otherwise. `x-format` is how its value is written, if not as JSON.

marshmallow only translates; JSON Schema has validated before. So no field is required and none
validates. A field that still rejects a value is our defect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, missing

from emulator.core.contract.model import Document
from emulator.core.contract.names import allows_null, attribute_of, members_of
from emulator.core.contract.validation import json_type
from emulator.core.pipeline.plans import Params, params_plan, write_plan

Formats = Mapping[str, type[fields.Field[Any]]]
"""The fields of values that are not written as JSON, by the value of `x-format`."""

WHOLE = "."
"""The `x-attribute` of a member that shows the whole object, in an envelope of its own."""


class Wire(Schema):
    """The fields of an object; `nullable` are those that are written as null, not left out."""

    nullable: frozenset[str] = frozenset()

    class Meta:
        unknown = EXCLUDE

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return the value of a field; None is missing, unless the schema allows null."""
        if attr == WHOLE:
            return obj
        value = super().get_attribute(obj, attr, default)
        return missing if value is None and attr not in self.nullable else value


class Messages:
    """Makes readers and writers from the schemas of one contract."""

    def __init__(self, formats: Formats, attributes: Mapping[str, str]) -> None:
        """Use formats by the values of `x-format`, and attributes by the names of members."""
        self._formats = formats
        self._attributes = attributes

    def reader(self, schema: Document) -> Callable[[Any], Params]:
        """Make the reader of a request: a valid document in, its parameters out."""
        wire = self.wire(schema, reading=True)()
        absent = {
            str(wire.fields[name].attribute): getattr(
                wire.fields[name], "absent", each.get("default")
            )
            for name, each in members_of(schema).items()
        }
        return params_plan(wire, absent)

    def writer(self, schema: Document) -> Callable[[Any], Any] | None:
        """Make the writer of a response: the result of an operation in, a document out.

        Returns None for a response without a body. What the schema does not have is left out.
        """
        if schema.get("type") == "null":
            return None
        if schema.get("type") == "array":
            write = write_plan(self.wire(schema["items"])())
            return lambda results: [write(result) for result in results]
        return write_plan(self.wire(schema)())

    def wire(self, schema: Document, *, reading: bool = False) -> type[Wire]:
        """Make the marshmallow class of an object, with the members in the order of its schema."""
        members = members_of(schema)
        made: dict[str, Any] = {}
        nullable = set()
        for name, each in members.items():
            field = made[name] = self._field(each, reading=reading)
            field.data_key, field.attribute = name, self._attribute(name, each)
            field.allow_none = True
            # two members may show one attribute, which marshmallow forbids where it reads
            field.dump_only = not reading
            if allows_null(each):
                nullable.add(field.attribute)
        return type("Message", (Wire,), {**made, "nullable": frozenset(nullable)})

    def _field(self, schema: Document, *, reading: bool) -> fields.Field[Any]:
        """Make the field of one member."""
        if "x-format" in schema:
            return self._formats[schema["x-format"]]()
        if not reading and "const" in schema:
            return fields.Constant(schema["const"])
        if members_of(schema):
            return fields.Nested(self.wire(schema, reading=reading))
        if isinstance(schema.get("items"), Mapping):
            items = self._field(schema["items"], reading=reading)
            return fields.Raw() if type(items) is fields.Raw else fields.List(items)
        # JSON Schema takes 1.0 for an integer, too.
        is_integer = reading and schema.get("type") == "integer"
        return fields.Integer() if is_integer else fields.Raw()

    def stored(self, schema: Document) -> Mapping[str, Document]:
        """Return the members of a request as a resource stores them, each with its JSON Schema.

        Only the shape is left of the rules: a resource may have come by a value in another way.
        """
        required = schema.get("required", ())
        return {
            self._attribute(name, member): self._stored(member, optional=name not in required)
            for name, member in members_of(schema).items()
            if member.get("x-stored", True)
        }

    def _stored(self, schema: Document, *, optional: bool = False) -> Document:
        default = {"default": schema["default"]} if "default" in schema else {}
        if "x-format" in schema:
            found = _stored_by(self._formats[schema["x-format"]])
            default = {"default": found["absent"]} if "absent" in found else default
            shape: dict[str, Any] = dict(found["shape"])
        else:
            shape = self._shape(schema)
        if (optional and not default) or allows_null(schema) or default.get("default", 0) is None:
            shape = _or_null(shape)
            default = default or ({"default": None} if optional else {})
        return {**shape, **default}

    def _shape(self, schema: Document) -> dict[str, Any]:
        members = members_of(schema)
        if members:
            required = schema.get("required", ())
            return {
                "type": "object",
                "properties": {
                    self._attribute(name, each): self._stored(each, optional=name not in required)
                    for name, each in members.items()
                },
                "required": [self._attribute(name, members[name]) for name in required],
            }
        if isinstance(schema.get("items"), Mapping):
            return {"type": "array", "items": self._stored(schema["items"])}
        if "type" not in schema and "enum" in schema:
            return {"type": sorted({json_type(value) for value in schema["enum"]})}
        return {"type": schema["type"]} if "type" in schema else {}

    def _attribute(self, name: str, member: Document) -> str:
        return attribute_of(name, member, self._attributes)


def _stored_by(field: type[fields.Field[Any]]) -> Document:
    """Return the shape of what a format stores, and its value for an absent member."""
    absent = {"absent": field.absent} if hasattr(field, "absent") else {}
    return {"shape": getattr(field, "stores", {}), **absent}


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    types = shape.get("type")
    if types is None:
        return shape
    listed = [types] if isinstance(types, str) else types
    return {**shape, "type": list(dict.fromkeys([*listed, "null"]))}
