"""How services of AWS write values."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from emulator.core.pipeline.messages import Formats
from emulator.core.primitives import json_text

_FIRST_WITH_EXPONENT = 1e7
"""From this number on Java prints doubles with an exponent."""


class EpochSeconds(fields.Field[int]):
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


FORMATS: Formats = {"epoch-seconds": EpochSeconds}
