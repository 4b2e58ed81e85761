"""How services of NAVER Cloud write values."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, missing

from emulator.core.pipeline.messages import Formats
from emulator.core.primitives import clock

_KOREA = 9 * 3600 * clock.SECOND
"""How far Korean time is ahead of UTC, all year."""


def korean_time(micros: int) -> str:
    """Format a time as `2026-04-01T17:00:00.123`, Korean time without a zone."""
    return clock.to_iso(micros + _KOREA)[:23]


class KoreanMillis(fields.Field[int]):
    """Microseconds in the form of `korean_time`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else korean_time(value)


class OnlyTrue(fields.Field[bool]):
    """A flag that is left out if false."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> Any:
        return value or missing


FORMATS: Formats = {"korean-milliseconds": KoreanMillis, "only-true": OnlyTrue}
