"""How Pydantic reads and writes values."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from emulator.core.pipeline.formats import IsoMicros
from emulator.core.pipeline.messages import Formats
from emulator.core.primitives import datetimes


class DateTime(fields.Field[int]):
    """A date-time in any form that Pydantic accepts, as microseconds."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> int:
        return datetimes.parse(value)


class LocalMicros(IsoMicros):
    """Microseconds as `2018-09-11T15:11:45.456777`: UTC, without a zone."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: object) -> str | None:
        text = super()._serialize(value, attr, obj, **options)
        return text and text.removesuffix("Z")


FORMATS: Formats = {"date-time": DateTime, "iso-microseconds-local": LocalMicros}
