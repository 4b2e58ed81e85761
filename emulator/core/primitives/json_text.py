"""JSON text: one reader and one writer for everything on the wire.

The reader rejects what cannot be stored or sent safely (too deep); beyond that the protocol
decides what is JSON (`NaN`, for example). The writer is compact, keeps the order of keys, and can
write whatever was read.
"""

from __future__ import annotations

import gc
import json
from array import array
from itertools import accumulate
from typing import NoReturn

import simplejson

MAX_DEPTH = 200

_MANY = 10_000
"""Number of lists and objects from which it is faster to count the brackets of their text."""

_LONG = 100_000
"""Length in characters of a text that is worth a pause of the garbage collection."""

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


def _without_nulls(members: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value is not None}


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)
_STRICT_WITHOUT_NULLS = json.JSONDecoder(
    parse_constant=_refuse_constant, object_hook=_without_nulls
)
_LENIENT = json.JSONDecoder()


def read(text: str, *, constants: bool = False, nulls: bool = True) -> object:
    """Parse a JSON document; the last of duplicate keys wins.

    `constants` allows `NaN` and `Infinity`. Without `nulls` the members of objects that are null
    are left out, and items of lists stay. Raises `NotJson`.
    """
    decoder = _LENIENT if constants else _STRICT
    if not nulls and "null" in text:
        decoder = _STRICT_WITHOUT_NULLS
    try:
        document = _decoded(decoder, text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from None
    except NotJson:
        raise
    except (ValueError, RecursionError):  # an integer of thousands of digits; deep nesting
        raise NotJson("the document is too large to read") from None
    # Counting brackets is cheap; only a document that has enough of them is measured.
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deeper(document, text, MAX_DEPTH):
        raise NotJson("the document is nested too deeply")
    return document


def _decoded(decoder: json.JSONDecoder, text: str) -> object:
    if len(text) < _LONG or not gc.isenabled():
        document: object = decoder.decode(text)
        return document
    # Nothing of it is garbage yet. Looking for some again and again, among ever more objects,
    # would take longer than reading.
    gc.disable()
    try:
        document = decoder.decode(text)
    finally:
        gc.enable()
    return document


_ENCODER = simplejson.JSONEncoder(ensure_ascii=False, separators=(",", ":"), ignore_nan=True)
_QUOTER = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
)
"""Writes the same, several times as fast, for what has only the types of JSON."""


def write(document: object) -> bytes:
    """Write compact UTF-8 JSON; `NaN` becomes null, a lone surrogate its escape."""
    # backslashreplace writes an unpaired surrogate as \ud800, which is JSON's own escape for it
    return _ENCODER.encode(document).encode("utf-8", "backslashreplace")


def quote(part: object) -> object:
    """Return a part of a document that was read so that `write` need not look into it."""
    try:
        return Raw(_QUOTER.encode(part)) if isinstance(part, list | dict) else part
    except (TypeError, ValueError):  # bytes, which stand for half of a surrogate pair; NaN
        return part


_STEPS = bytes.maketrans(b"[{]}", b"\1\1\xff\xff")
_OTHERS = bytes(set(range(256)) - set(b"[{]}"))


def _is_deeper(document: object, text: str, limit: int) -> bool:
    """Return whether lists and objects are nested deeper than a limit."""
    depth, level, seen = 0, [document], 0
    while level and seen < _MANY and depth <= limit:
        depth, seen = depth + 1, seen + len(level)
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return depth > limit if seen < _MANY else _depth(text) > limit


def _depth(text: str) -> int:
    """Return how deep lists and objects are nested in a JSON text, from its brackets."""
    if "\\" in text:  # a quote that belongs to a string
        text = text.replace("\\\\", "").replace('\\"', "")
    outside = "".join(text.split('"')[::2]).encode("utf-8", "surrogatepass")
    steps = array("b", outside.translate(_STEPS, _OTHERS))  # 255 is -1
    return max(accumulate(steps), default=0)


def equal(one: object, other: object) -> bool:
    """Compare as JSON does: true is not 1, and 1.0 is."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)


def is_storable(text: str | None) -> bool:
    """Return whether every database can store a text unchanged."""
    try:
        (text or "").encode()
    except UnicodeEncodeError:  # a surrogate without its other half
        return False
    return "\0" not in (text or "")
