"""The resources that a request refers to: whether they exist, are ready, or are waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.core.contract.kinds import Kind, Reference
from emulator.core.errors.failures import NotReady
from emulator.core.pipeline.call import Call
from emulator.core.pipeline.plans import Params
from emulator.core.storage.resource import Resource

Found = Mapping[str, Resource]
"""The resources that a request refers to, by its members."""


def run_checks(call: Call, moment: str, params: Params) -> None:
    """Run the checks of the operation that come `before` or `after`; each may reject."""
    for name in call.operation.does.get(moment, ()):
        call.checks[name](call, params)


def references(call: Call, params: Params) -> Found:
    """Return the resources that a request refers to, by its members.

    The checks of the operation come first. Raises what they raise, `NotFound`, and `NotReady` for
    one in another phase than the contract allows, unless the contract says that it is waited for.
    """
    kind = call.contract.kinds[call.operation.does["kind"]]
    run_checks(call, "before", params)
    found = {}
    for each in kind.references:
        id_ = getattr(params, each.member)
        if id_ is not None:
            found[each.member] = call.get(each.kind, id_)
    for each in kind.references:
        if each.member in found and not _is_awaited(call, each, found[each.member]):
            check_phase(found[each.member], each.phases)
    return found


def check_everywhere(call: Call, kind: Kind, params: Params) -> None:
    """Check that what every request of a kind has to name exists; raises `NotFound`."""
    for each in kind.references:
        id_ = getattr(params, each.member, None) if each.everywhere else None
        if id_ is not None:
            call.get(each.kind, id_)


def check_phase(resource: Resource, phases: Any) -> None:
    """Check that a resource is in one of the phases, if there are any; raises `NotReady`."""
    if phases and resource.state.phase not in phases:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def _is_awaited(call: Call, reference: Reference, resource: Resource) -> bool:
    """Return whether a resource is not ready yet, but will be by itself and is waited for."""
    if not reference.waits or resource.state.phase not in ("pending", "running"):
        return False
    end, _ = call.resources.end_of(resource)
    return end.phase in reference.phases


def begins_at(call: Call, kind: Kind, found: Found) -> int | None:
    """Return when the last of the resources that are waited for is ready; None if none is."""
    awaited = [
        call.resources.end_of(found[each.member])[1]
        for each in kind.references
        if each.waits and each.member in found
        if found[each.member].state.phase not in each.phases
    ]
    return max(awaited, default=None)
