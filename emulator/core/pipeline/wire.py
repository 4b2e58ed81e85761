"""The base of wire schemas: names, absent members, times.

marshmallow only translates between documents and dataclasses; JSON Schema has validated before.
So no field is required and none validates. A field that still rejects a value is our defect.
"""

from __future__ import annotations

from dataclasses import fields as members
from typing import Any, ClassVar, Protocol

from marshmallow import EXCLUDE, Schema, fields, missing

from emulator.core.primitives import clock, json_text


class Spelling(Protocol):
    """Spells the name of a field as the wire does."""

    def __call__(self, name: str, /) -> str:
        """Return the wire name."""


def camel(name: str) -> str:
    """Spell `dataset_group_arn` as `datasetGroupArn`."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(name: str) -> str:
    """Spell `dataset_type` as `DatasetType`."""
    return "".join(word.capitalize() for word in name.split("_"))


def snake(name: str) -> str:
    """Spell `dataset_id` as it is."""
    return name


class Wire(Schema):
    """The wire form of a message.

    `naming` spells the names of fields without a `data_key`; `makes` is the dataclass that `record`
    returns; `omits_none` leaves out members without a value.
    """

    naming: ClassVar[Spelling] = camel
    makes: ClassVar[type | None] = None
    omits_none: ClassVar[bool] = True

    class Meta:
        unknown = EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Spell the wire name of a field."""
        if field_obj.data_key is None:
            field_obj.data_key = type(self).naming(field_name)
        field_obj.allow_none = True

    def record(self, document: Any) -> object:
        """Return the dataclass of a request."""
        makes = type(self).makes
        return makes(**self.load(document)) if makes else self.load(document)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return the value of a field; None is missing if nulls are omitted."""
        value = super().get_attribute(obj, attr, default)
        return missing if value is None and type(self).omits_none else value


def reads(record: type, naming: Spelling = camel) -> type[Wire]:
    """Make the wire schema of a request from its dataclass.

    Values pass unchanged, because JSON Schema has checked their types; a field that needs a
    translation has its own marshmallow field as `metadata={"wire": ...}`.
    """
    names = {member.name: member.metadata.get("wire") or fields.Raw() for member in members(record)}
    return type(record.__name__, (Wire,), {**names, "naming": naming, "makes": record})


class Text(fields.Field[str]):
    """A string; a number accepted by a lax service becomes its text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> str:
        return str(value)


class Time(fields.Field[int]):
    """An ISO 8601 time as microseconds, UTC by default."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> int:
        return clock.from_iso(value)


_FIRST_WITH_EXPONENT = 1e7
"""From this number on Java prints doubles with an exponent."""


class JavaSeconds(fields.Field[int]):
    """Microseconds as epoch seconds with milliseconds, printed as Java prints a double.

    `1620828853579000` is `1.620828853579E9`: observed on Amazon Personalize, confirmed by the
    content lengths of recorded responses.
    """

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> object:
        if value is None:
            return None
        seconds = value // 1000 / 1000
        if seconds < _FIRST_WITH_EXPONENT:
            return seconds
        digits = str(value // 1000).rstrip("0").ljust(2, "0")
        return json_text.Raw(f"{digits[0]}.{digits[1:]}E{len(str(int(seconds))) - 1}")


class IsoMillis(fields.Field[int]):
    """Microseconds as `2026-04-01T08:00:00.123Z`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else f"{clock.to_iso(value)[:23]}Z"


class IsoMicros(fields.Field[int]):
    """Microseconds as `2026-05-29T19:00:16.311121Z`, without a fraction that is zero."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else clock.to_iso(value).replace(".000000Z", "Z")
