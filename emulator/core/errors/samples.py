"""Violations that a request could have had, for an error that is ordered.

A violation is made from a member of the operation and a rule of its schema. Its value is the one
that was sent, so that the error is about the request at hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.core.contract.model import Operation
from emulator.core.contract.names import members_of
from emulator.core.contract.validation import ABSENT, Schema, Violation

_OF_VALUES = ("pattern", "format", "enum", "maximum", "minimum", "maxLength", "minLength", "type")
"""Keywords that the value of a member can break, those that say most first."""


NO_BODY = Violation(keyword="required", path=(), value=ABSENT, limit=True, schema={})
"""What a request could have broken whose operation has no rules."""


def samples(operation: Operation, document: object) -> Iterator[Violation]:
    """Iterate over possible violations, those of members that were sent first."""
    members = members_of(operation.request.schema)
    read = document if isinstance(document, Mapping) else {}
    sent = {
        name: read[name]
        for name, member in members.items()
        if name in read and read[name] != member.get("default", ABSENT)
    }
    for name, value in sent.items():
        yield from _broken(operation, name, members[name], value)
    # What is in the path cannot be missing.
    names = [name for name, member in members.items() if member.get("x-in") != "path"]
    required = [name for name in operation.request.schema.get("required", ()) if name in names]
    yield from (_missing(name, members[name]) for name in required)
    for name, member in members.items():
        if name not in sent:
            value = _value(member)
            text = str(value) if "x-in" in member else value
            yield from _broken(operation, name, member, text)
    # Some members are required by rules that say more than one word.
    yield from (_missing(name, members[name]) for name in names if name not in required)


def _broken(operation: Operation, name: str, member: Schema, value: Any) -> Iterator[Violation]:
    """Iterate over the rules of a member that a value could break."""
    for keyword in _OF_VALUES:
        limit = member.get(keyword)
        if keyword == "pattern":  # error texts have the vendor's own
            limit = member.get("x-vendor-pattern", limit)
        if keyword == "format" and limit is not None:
            yield from _of_format(operation, name, value)
        elif limit is not None and not _is_always_kept(keyword, member):
            yield _violation(keyword, name, member, value, limit=limit)


def _is_always_kept(keyword: str, member: Schema) -> bool:
    """Return whether a rule cannot be broken: outside the body, everything is a text."""
    return keyword == "type" and member[keyword] == "string" and "x-in" in member


def _of_format(operation: Operation, name: str, value: Any) -> Iterator[Violation]:
    """Iterate over the violations of a value without its end; its format has its own words."""
    found = operation.request.violations({name: str(value)[:-1]})
    yield from (each for each in found if each.keyword == "format" and each.path == (name,))


def _missing(name: str, member: Schema) -> Violation:
    return _violation("required", name, member, ABSENT, limit=True)


def _violation(
    keyword: str, name: str, member: Schema, value: object, *, limit: object
) -> Violation:
    return Violation(keyword=keyword, path=(name,), value=value, limit=limit, schema=member)


def _value(member: Schema) -> object:
    """Return a value that breaks a rule of a member that was not sent."""
    if "maximum" in member:
        return member["maximum"] + 1
    if "minimum" in member:
        return member["minimum"] - 1
    return "?"
