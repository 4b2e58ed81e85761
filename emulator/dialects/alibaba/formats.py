"""How services of Alibaba Cloud write values in parameters and bodies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from marshmallow import fields

from emulator.core.pipeline.messages import Formats
from emulator.core.primitives import json_text


class CommaSeparated(fields.Field[list[str]]):
    """Texts separated by commas; empty ones are ignored."""

    absent: ClassVar[Sequence[str]] = ()
    stores: ClassVar[Mapping[str, Any]] = {"type": "array", "items": {"type": "string"}}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> list[str]:
        return [text for text in value.split(",") if text]


class KeyValues(fields.Field[dict[str, str]]):
    """A mapping as `[{"Key": ..., "Value": ...}]`; of two values with one key the last wins."""

    absent: ClassVar[Mapping[str, str]] = {}
    stores: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": {"type": "string"},
    }

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> object:
        return [{"Key": key, "Value": text} for key, text in value.items()]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> dict[str, str]:
        return {pair["Key"]: pair["Value"] for pair in value}


class JsonText(fields.Field[Any]):
    """A JSON value in a text."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str:
        return json_text.write(value).decode()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> object:
        return json_text.read(value)


FORMATS: Formats = {
    "comma-separated": CommaSeparated,
    "key-values": KeyValues,
    "json-text": JsonText,
}
