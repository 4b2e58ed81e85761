"""The wire form of messages, made from their schemas.

A message schema says how each member is called, in which order and how it is nested. A member is
the attribute of its own name in snake case, unless `attributes` in service.json or its annotation
`x-attribute` says otherwise. `x-format` is how its value is written, if not as JSON.

marshmallow only translates; JSON Schema has validated before. So no field is required and none
validates. A field that still rejects a value is our defect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import EXCLUDE, Schema, fields, missing

from emulator.core.contract.model import Document

Formats = Mapping[str, type[fields.Field[Any]]]
"""The fields of values that are not written as JSON, by the value of `x-format`."""

WHOLE = "."
"""The `x-attribute` of a member that shows the whole object, in an envelope of its own."""

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
"""Where a word of a name in camel case ends."""


class Params:
    """The members of a request by their names in snake case; one that was not sent is None.

    A member that the schema does not have is an `AttributeError`.
    """

    def __init__(self, members: Mapping[str, Any]) -> None:
        """Take every member that the request can have."""
        vars(self).update(members)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...


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


def snake(name: str) -> str:
    """Spell `datasetGroupArn` or `DatasetGroupArn` as `dataset_group_arn`."""
    return _WORD.sub("_", name).lower()


class Messages:
    """Makes readers and writers from the schemas of one contract."""

    def __init__(self, formats: Formats, attributes: Mapping[str, str]) -> None:
        """Use formats by the values of `x-format`, and attributes by the names of members."""
        self._formats = formats
        self._attributes = attributes

    def reader(self, schema: Document) -> Callable[[Any], Params]:
        """Make the reader of a request: a valid document in, its parameters out."""
        members = _members(schema)
        made = {name: self._field(each, reading=True) for name, each in members.items()}
        wire = self._wire(members, made)()
        absent = {
            self._attribute(name, each): getattr(made[name], "absent", each.get("default"))
            for name, each in members.items()
        }

        def read(document: Any) -> Params:
            return Params({**absent, **wire.load(document)})

        return read

    def writer(self, schema: Document) -> Callable[[Any], Any] | None:
        """Make the writer of a response: the result of an operation in, a document out.

        Returns None for a response without a body. What the schema does not have is left out.
        """
        if schema.get("type") == "null":
            return None
        many = schema.get("type") == "array"
        members = _members(schema["items"] if many else schema)
        made = {name: self._field(each) for name, each in members.items()}
        wire = self._wire(members, made)(many=many)

        def write(result: Any) -> Any:
            return wire.dump(result)

        return write

    def _wire(
        self, members: Mapping[str, Document], made: Mapping[str, fields.Field[Any]]
    ) -> type[Wire]:
        """Make the class of an object with these members, in this order."""
        for name, field in made.items():
            field.data_key, field.attribute = name, self._attribute(name, members[name])
            field.allow_none = True
        nullable = frozenset(
            self._attribute(name, each) for name, each in members.items() if _allows_null(each)
        )
        return type("Message", (Wire,), {**made, "nullable": nullable})

    def _field(self, schema: Document, *, reading: bool = False) -> fields.Field[Any]:
        """Make the field of one member."""
        if "x-format" in schema:
            return self._formats[schema["x-format"]]()
        if not reading and "const" in schema:
            return fields.Constant(schema["const"])
        members = _members(schema)
        if members:
            made = {name: self._field(each, reading=reading) for name, each in members.items()}
            return fields.Nested(self._wire(members, made))
        if isinstance(schema.get("items"), Mapping):
            items = self._field(schema["items"], reading=reading)
            return fields.Raw() if type(items) is fields.Raw else fields.List(items)
        # JSON Schema takes 1.0 for an integer, too.
        is_integer = reading and schema.get("type") == "integer"
        return fields.Integer() if is_integer else fields.Raw()

    def _attribute(self, name: str, member: Document) -> str:
        own = member.get("x-attribute") or self._attributes.get(name)
        return own or snake(name)


def _members(schema: Document) -> Mapping[str, Document]:
    """Return the members of an object, those of its alternatives included.

    An alternative may have more rules for a member of the object itself, but it does not say how
    that member is written.
    """
    own = schema.get("properties", {})
    found = dict(own)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(keyword, ()):
            found = {**found, **(_members(branch) if branch is not True else {})}
    return {**found, **own}


def _allows_null(schema: Document) -> bool:
    types = schema.get("type", ())
    branches = (branch for keyword in ("anyOf", "oneOf") for branch in schema.get(keyword, ()))
    return "null" in (types, *types) or any(map(_allows_null, branches))
