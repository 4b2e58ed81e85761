"""Closes a schema: no object may have members that the schema does not know.

Vendors ignore members that they do not know, and so do their schemas here. Closed, the same schema
finds a client's mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_LISTS = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("if", "then", "else")


def only_known(schema: Schema) -> Schema:
    """Return the schema of a request with `additionalProperties: false` at every depth.

    Objects without known members stay maps with free names, but for the request itself. What the
    schema says about other members stays. JSON inside texts is not looked at.
    """
    closed = _closed([schema])
    return {"properties": {}, "additionalProperties": False, **closed}


def _closed(views: Sequence[Any]) -> dict[str, Any]:
    """Close the first of several schemas of one value; members of the others are known, too."""
    every = [view for each in views for view in _with_branches(each)]
    closed = dict(views[0]) if isinstance(views[0], Mapping) else {}
    members = [view["properties"] for view in every if "properties" in view]
    if members:
        names = dict.fromkeys(name for each in members for name in each)
        own = closed.get("properties", {})
        closed["properties"] = {
            name: own[name] if own.get(name) is False else _of_member(own, members, name)
            for name in names
        }
        if not any("additionalProperties" in view for view in every):
            closed["additionalProperties"] = False
    for keyword in ("items", "additionalProperties"):
        described = [view[keyword] for view in every if isinstance(view.get(keyword), Mapping)]
        if described and closed.get(keyword) is not False:
            closed[keyword] = _closed([closed.get(keyword, {}), *described])
    return closed


def _of_member(own: Schema, members: Sequence[Schema], name: str) -> Schema:
    return _closed([own.get(name, {}), *(each[name] for each in members if name in each)])


def _with_branches(schema: Any) -> Iterator[Schema]:
    """Yield a schema and those that it applies to the same value."""
    if not isinstance(schema, Mapping):
        return
    yield schema
    for keyword in _LISTS:
        for branch in schema.get(keyword, ()):
            yield from _with_branches(branch)
    for keyword in _BRANCHES:
        yield from _with_branches(schema.get(keyword))
