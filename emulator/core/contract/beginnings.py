"""Which lifecycles an operation begins, and whether the vendor shows why one failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulator.core.contract.lifecycle import Lifecycle
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.names import attribute_of, members_of

_REASONS = ("failure_reason", "status_message")
"""The attributes of a resource that say why it failed."""

_RESOURCES = (".", "items")
"""The attributes under which a response shows a resource in an envelope, or a list of them."""


def begun_by(contract: Contract, operation: Operation) -> Sequence[Lifecycle]:
    """List the lifecycles that an operation can begin, in the good case."""
    does = operation.does
    verb, lives = does.get("verb"), contract.lifecycles.get(does.get("kind", ""), {})
    names = {"create": ["create"], "delete": ["delete"]}.get(verb or "", [])
    names += [does["lifecycle"]] if "lifecycle" in does else []
    return [lives[name] for name in (*names, *does.get("begins", ())) if name in lives]


def shows_reason(contract: Contract, operation: Operation) -> bool:
    """Return whether a response shows why what the operation began has failed.

    Of a creation the resource shows it; of anything else, what is inside the resource may, too.
    """
    does = operation.does
    of_kind = [
        each
        for each in contract.operations.values()
        if each.emulated and each.does.get("kind") == does.get("kind")
    ]
    inside = does.get("verb") != "create"
    return any(
        name in _REASONS
        for each in of_kind
        for name in _attributes(contract, each.response.schema, inside=inside)
    )


def _attributes(contract: Contract, schema: Mapping[str, Any], *, inside: bool) -> Iterator[str]:
    """Iterate over the attributes of a resource in a response; `inside`, of its objects as well."""
    for name, member in members_of(schema).items():
        attribute = attribute_of(name, member, contract.service.get("attributes", {}))
        yield attribute
        items = member.get("items")
        if inside or attribute in _RESOURCES:
            for part in (member, items if isinstance(items, dict) else {}):
                yield from _attributes(contract, part, inside=inside)
