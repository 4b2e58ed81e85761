"""How values are written that are not plain JSON: the formats that `x-format` names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from emulator.core.primitives import clock


class Text(fields.Field[str]):
    """A string; a number accepted by a lax service becomes its text."""

    stores: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> str:
        return str(value)


class Time(fields.Field[int]):
    """An ISO 8601 time as microseconds, UTC by default."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> int:
        return clock.from_iso(value)


class IsoSeconds(fields.Field[int]):
    """Microseconds as `2026-04-01T08:00:00Z`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else f"{clock.to_iso(value)[:19]}Z"


class IsoMillis(fields.Field[int]):
    """Microseconds as `2026-04-01T08:00:00.123Z`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else f"{clock.to_iso(value)[:23]}Z"


class IsoMicros(fields.Field[int]):
    """Microseconds as `2026-05-29T19:00:16.311121Z`, without a fraction that is zero."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else clock.to_iso(value).replace(".000000Z", "Z")


FORMATS: Mapping[str, type[fields.Field[Any]]] = {
    "as-is": fields.Raw,
    "text": Text,
    "time": Time,
    "iso-seconds": IsoSeconds,
    "iso-milliseconds": IsoMillis,
    "iso-microseconds": IsoMicros,
}
"""The formats of every provider; a dialect or a provider has more."""
