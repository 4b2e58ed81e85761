"""Schemathesis knows JSON by its usual media types; this is the one of AWS JSON 1.1."""

from __future__ import annotations

import json
from typing import Any

import schemathesis  # type: ignore[import-not-found]

MEDIA_TYPE = "application/x-amz-json-1.1"


@schemathesis.serializer(MEDIA_TYPE)  # type: ignore[untyped-decorator, unused-ignore]
def write(_: Any, value: Any) -> bytes:
    """Write a request, whose text may be given instead."""
    return (value if isinstance(value, str) else json.dumps(value)).encode()


@schemathesis.deserializer(MEDIA_TYPE)  # type: ignore[untyped-decorator, unused-ignore]
def read(_: Any, response: Any) -> Any:
    """Read a response."""
    return response.json()
