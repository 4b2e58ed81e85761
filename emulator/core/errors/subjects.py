"""What an operation can naturally fail with, and at which kind of resource.

It follows from what service.json says the operation does, from the references of its kind, and
from the members of its request that are the identifier of a kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from emulator.core.contract.kinds import Kind
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.names import attribute_of, members_of
from emulator.core.primitives.templates import PLACEHOLDER

NaturalFailure = tuple[str, str]
"""The name of a class of failure and its subject; the subject is empty if it has none."""

_ANYWHERE = ("Refused", "InternalError", "Throttled", "Forbidden", "Unavailable")
"""Failures that any operation may have."""

_OF_RESOURCES = ("NotFound", "InUse", "AlreadyExists", "NotReady")
"""Failures that are about a resource."""


def plain(name: str) -> str:
    """Return a name without separators and capitals: `dataset-group` and `DatasetGroup` alike."""
    return name.replace("_", "").replace("-", "").lower()


def attributes_of(contract: Contract, operation: Operation) -> Mapping[str, str]:
    """Return the attribute of each member of a request, by the name of the member."""
    if not operation.emulated:
        return {}
    renamed = contract.service.get("attributes", {})
    members = members_of(operation.request.schema).items()
    return {name: attribute_of(name, member, renamed) for name, member in members}


def kind_of(contract: Contract, operation: Operation, document: object = None) -> Kind | None:
    """Return the kind that an operation is about, or None.

    It is the one that service.json says, or else the one in the name of the operation, or the one
    whose id or other name is a value of the request.
    """
    named = operation.does.get("kind")
    if named is not None:
        return contract.kinds.get(named)
    inside = plain(operation.name)
    candidates = [kind for kind in contract.kinds.values() if plain(kind.name) in inside]
    if candidates:
        return max(candidates, key=lambda kind: len(kind.name))
    values = document.values() if isinstance(document, Mapping) else ()
    texts = [value for value in values if isinstance(value, str)]
    kinds = contract.kinds.values()
    return next((kind for kind in kinds if parts_of(kind, *texts)), None)


def parts_of(kind: Kind, *texts: object) -> Mapping[str, str]:
    """Return the facts of a kind's id, or other name, that is among texts; empty if none is."""
    shapes = [shape for shape in map(_shape, (kind.id, *kind.values.values())) if shape]
    words = [text for text in texts if isinstance(text, str)]
    found = (shape.fullmatch(text) for shape in shapes for text in words)
    return next((match.groupdict() for match in found if match), {})


def id_in(about: Kind, own: Kind | None, known: Mapping[str, object]) -> object:
    """Return the id of a kind among the facts of a request, or None.

    It is a member that refers to the kind, or its identifier, or a value of that form.
    """
    members = [each.member for each in own.references if each.kind == about.name] if own else []
    given = (known.get(name) for name in (*members, about.identifier))
    found = next((each for each in given if each is not None), None)
    if found is not None:
        return found
    several = known.get(f"{about.identifier}s")
    if isinstance(several, list) and several:
        return several[0]
    texts = (each for each in known.values() if isinstance(each, str))
    shape = _shape(about.id)
    return next((each for each in texts if shape and shape.fullmatch(each)), None)


def natural_failures(
    contract: Contract, operation: Operation, document: object
) -> Iterator[NaturalFailure]:
    """Iterate over what an operation can fail with, the likeliest first."""
    kind, verb = kind_of(contract, operation, document), operation.does.get("verb")
    own = kind.name if kind else ""
    yield "Invalid", ""
    if verb == "list":
        yield "BadToken", own
    if kind and verb == "create" and _can_be_taken(contract, operation, kind):
        yield "AlreadyExists", own
    if verb == "delete" and _can_be_in_use(contract, operation, own):
        yield "InUse", own
    if verb in ("create", None):
        yield from (("QuotaExceeded", name) for name in quotas_of(contract, operation, own))
    yield from (("NotFound", each) for each in _sought(contract, operation, kind))
    awaited = (each for each in _awaited(kind, verb) if each in contract.lifecycles)
    yield from (("NotReady", each) for each in awaited)
    if operation.idempotency:
        yield "TokenReused", operation.name
    if verb == "update" and kind and kind.unique:
        yield "AlreadyExists", own
    yield "Unauthenticated", ""
    yield from ((name, own) for name in _OF_RESOURCES if f"{name}:{own}" in contract.failures)
    yield from ((name, "") for name in _ANYWHERE)


def _can_be_taken(contract: Contract, operation: Operation, kind: Kind) -> bool:
    """Return whether a new resource of a kind may be one too many: what the caller names may."""
    if kind.unique or f"AlreadyExists:{kind.name}" in contract.failures:
        return True
    *_, last = ("", *PLACEHOLDER.findall(kind.id))  # the parts before it are of what it is under
    return last in attributes_of(contract, operation).values()


def _can_be_in_use(contract: Contract, operation: Operation, kind: str) -> bool:
    """Return whether what others need cannot be deleted: by service.json, or by a row for it."""
    does = operation.does
    return "unless" in does or "unlessBeside" in does or f"InUse:{kind}" in contract.failures


def quotas_of(contract: Contract, operation: Operation, kind: str) -> list[str]:
    """List the quotas that a creation of a kind can reach, or those in an operation's name."""
    if operation.does.get("verb") == "create":
        quotas = contract.quotas.items()
        return [name for name, quota in quotas if quota.get("counts", {}).get("kind") == kind]
    inside = plain(operation.name)
    return [name for name in contract.quotas if plain(name).removesuffix("s") in inside]


def _sought(contract: Contract, operation: Operation, kind: Kind | None) -> list[str]:
    """List the kinds that an operation looks for, in order: what it names, then what it is under.

    What is created is not looked for, and neither is what is listed.
    """
    references = kind.references if kind else ()
    others = [each.kind for each in references]
    attributes = attributes_of(contract, operation).values()
    others += [
        each.name
        for attribute in attributes
        for each in contract.kinds.values()
        if each.identifier == attribute and each.identifier != "id"
    ]
    is_named = operation.does.get("verb") in ("describe", "update", "delete", "enter")
    own = [kind.name] if kind else []
    if is_named:
        return list(dict.fromkeys([*own, *others]))
    found = [each for each in others if each not in own]
    return list(dict.fromkeys(found if found or "verb" in operation.does else own))


def _awaited(kind: Kind | None, verb: str | None) -> list[str]:
    """List the kinds of the resources that have to be in some phase."""
    if kind is None or verb == "list":
        return []
    if verb == "create":
        return [each.kind for each in kind.references if each.phases]
    return [kind.name]


@cache
def _shape(template: str) -> re.Pattern[str] | None:
    """Return the pattern of a template; None for one of placeholders alone, which fits anything."""
    fixed = PLACEHOLDER.split(template)[::2]
    if not any(re.search(r"\w", part) for part in fixed):
        return None
    names = dict.fromkeys(PLACEHOLDER.findall(template))
    pattern = re.escape(template)
    for name in names:
        placeholder = re.escape(f"{{{name}}}")
        pattern = pattern.replace(placeholder, f"(?P<{name}>[^/]+)", 1)
        pattern = pattern.replace(placeholder, "[^/]+")
    return re.compile(pattern)
