"""JSON text: one reader and one writer for everything on the wire.

The reader rejects what cannot be stored or sent safely (too deep); beyond that the protocol
decides what is JSON (`NaN`, for example). The writer is compact, keeps the order of keys, and can
write whatever was read.
"""

from __future__ import annotations

import json
from typing import NoReturn

import simplejson

MAX_DEPTH = 200

Raw = simplejson.RawJSON
"""JSON text that is written unchanged: numbers in a notation Python does not use."""


class NotJson(ValueError):
    """The text is not a valid JSON document.

    `position` is the offset in characters of a syntax error, or None.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(f"{name} is not JSON")


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)
_LENIENT = json.JSONDecoder()


def read(text: str, *, constants: bool = False) -> object:
    """Parse a JSON document; the last of duplicate keys wins.

    `constants` allows `NaN` and `Infinity`. Raises `NotJson`.
    """
    try:
        document: object = (_LENIENT if constants else _STRICT).decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from None
    except NotJson:
        raise
    except (ValueError, RecursionError):  # an integer of thousands of digits; deep nesting
        raise NotJson("the document is too large to read") from None
    # Counting brackets is cheap; only a document that has enough of them is measured.
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(document) > MAX_DEPTH:
        raise NotJson("the document is nested too deeply")
    return document


_ENCODER = simplejson.JSONEncoder(ensure_ascii=False, separators=(",", ":"), ignore_nan=True)


def write(document: object) -> bytes:
    """Write compact UTF-8 JSON; `NaN` becomes null, a lone surrogate its escape."""
    # backslashreplace writes an unpaired surrogate as \ud800, which is JSON's own escape for it
    return _ENCODER.encode(document).encode("utf-8", "backslashreplace")


def _depth(document: object) -> int:
    depth, level = 0, [document]
    while level:
        depth += 1
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return depth


def is_storable(text: str | None) -> bool:
    """Return whether every database can store a text unchanged."""
    try:
        (text or "").encode()
    except UnicodeEncodeError:  # a surrogate without its other half
        return False
    return "\0" not in (text or "")
