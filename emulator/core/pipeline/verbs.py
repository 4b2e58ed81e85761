"""The plain verbs: what an operation does if `does` in service.json says no more than one of them.

create    look up the references, draw the id, store, check the quotas
describe  get the resource that the request names
list      one page of a kind, of a parent or of all
update    set the members that were sent
delete    start the lifecycle `delete`, or drop
enter     start another lifecycle

A handler that does more calls the verb and adds its part.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.core.contract.kinds import Kind
from emulator.core.contract.model import Document
from emulator.core.errors.failures import InUse, NotReady
from emulator.core.pipeline.call import Call
from emulator.core.pipeline.messages import Params
from emulator.core.primitives.templates import PLACEHOLDER, fill
from emulator.core.storage.pagination import Page
from emulator.core.storage.resource import Resource

Found = Mapping[str, Resource]
"""The resources that a request refers to, by its members."""


def create(
    call: Call,
    params: Params,
    found: Found | None = None,
    *,
    lifecycle: str = "create",
    **members: Any,
) -> Resource:
    """Store a new resource of the operation's kind and return it.

    `found` are its references, if the handler has looked them up. Its members are those of the
    request, and `members`, which may also be facts of its id. Raises what `references` raises,
    `AlreadyExists` for its id or a unique text, and `QuotaExceeded`.
    """
    kind = call.contract.kinds[call.does["kind"]]
    if found is None:
        found = references(call, params)
    facts = {**call.facts, **vars(params), **_facts_of(kind, found), **members}
    facts |= {name: _draw(call, name, spec, facts) for name, spec in kind.random.items()}
    facts |= {name: fill(template, facts) for name, template in kind.values.items()}
    made = call.kinds[kind.name]
    resource = made(
        id=fill(kind.id, facts),
        **{name: facts[name] for name in made.stored_names() if name in facts},
    )
    parent = kind.parent and fill(kind.parent, facts)
    stored = call.resources.add(
        resource,
        lifecycle=lifecycle,
        parent=parent,
        claims=[fill(template, facts) for template in kind.unique],
    )
    call.check("after", params)
    # After the insert, which decides about uniqueness; a full quota rolls it back.
    for name, quota in call.contract.quotas.items():
        counts = quota.get("counts", {})
        if counts.get("kind") == kind.name:
            call.check_quota(name, parent=parent if "perParent" in counts else None)
    return stored


def references(call: Call, params: Params, kind: Kind | None = None) -> Mapping[str, Resource]:
    """Return the resources that a request refers to, by its members.

    The checks of the operation come first. Raises what they raise, `NotFound`, and `NotReady` for
    one in another phase than the contract allows.
    """
    kind = call.contract.kinds[call.does["kind"]]
    call.check("before", params)
    found = {}
    for each in kind.references:
        id_ = getattr(params, each.member)
        if id_ is not None:
            found[each.member] = call.get(each.kind, id_)
    for each in kind.references:
        if each.member in found:
            _check_phase(found[each.member], each.phases)
    return found


def named(call: Call, params: Params) -> Resource:
    """Return the resource that a request names, checked as the operation says.

    Raises `NotFound`, `NotReady` for one in another phase than those in `phases`, and `InUse` for
    one that has any of the kinds in `unless` under it.
    """
    does = call.does
    kind = call.contract.kinds[does["kind"]]
    call.check("before", params)
    resource = call.get(kind.name, getattr(params, kind.identifier))
    _check_phase(resource, does.get("phases", ()))
    if any(call.resources.has(call.kinds[other], resource.id) for other in does.get("unless", ())):
        raise InUse(kind.name, id=resource.id)
    return resource


def list_(call: Call, params: Params) -> Page[Resource]:
    """Return a page of a kind: those of a parent, if the request names one, or all."""
    does = call.does
    kind = call.contract.kinds[does["kind"]]
    return call.resources.page(
        call.kinds[kind.name],
        parent=_parent(kind, params),
        most=params.most,
        token=params.token,
        newest_first=does.get("newestFirst", False),
    )


def update(call: Call, params: Params, **members: Any) -> Resource:
    """Set the members of a resource that were sent, and `members`, and return it."""
    resource = named(call, params)
    sent = {name: value for name, value in vars(params).items() if value is not None}
    for name in type(resource).stored_names():
        if name in sent:
            setattr(resource, name, sent[name])
    return call.resources.change(resource, lifecycle=call.does.get("lifecycle"))


def delete(call: Call, params: Params) -> None:
    """Delete a resource, through the lifecycle `delete` of its kind if it has one."""
    call.resources.remove(named(call, params))


def enter(call: Call, params: Params) -> Resource:
    """Start a lifecycle of a resource and return it."""
    return call.resources.change(named(call, params), lifecycle=call.does["lifecycle"])


VERBS: Mapping[str, Callable[[Call, Params], object]] = {
    "create": create,
    "describe": named,
    "list": list_,
    "update": update,
    "delete": delete,
    "enter": enter,
}


def _check_phase(resource: Resource, phases: Any) -> None:
    if phases and resource.state.phase not in phases:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def _facts_of(kind: Kind, found: Mapping[str, Resource]) -> dict[str, Any]:
    """Return the facts that templates take from references."""
    return {
        fact: getattr(found[each.member], attribute)
        for each in kind.references
        if each.member in found
        for fact, attribute in each.facts.items()
    }


def _draw(call: Call, name: str, spec: Document, facts: Mapping[str, Any]) -> str:
    """Draw a random fact; with --id-seed, the same text gives the same draw."""
    purpose = call.purpose(name, fill(spec["for"], facts))
    if spec["form"] == "uuid":
        return str(call.identifiers.uuid(*purpose))
    if spec["form"] == "hex":
        return call.identifiers.hex(spec["length"], *purpose)
    return call.identifiers.text(spec["characters"], spec["length"], *purpose)


def _parent(kind: Kind, params: Params) -> str | None:
    """Return the parent whose resources are listed; None for all, if the request names none."""
    if kind.parent is None:
        return None
    facts = vars(params)
    needed = PLACEHOLDER.findall(kind.parent)
    named_here = all(facts.get(name) is not None for name in needed)
    return str(fill(kind.parent, facts)) if named_here else None
