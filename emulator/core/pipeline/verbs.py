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

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from emulator.core.contract.kinds import Kind
from emulator.core.contract.model import Document
from emulator.core.errors.failures import InUse, NotFound
from emulator.core.pipeline.call import Call
from emulator.core.pipeline.plans import Params
from emulator.core.pipeline.references import (
    Found,
    begins_at,
    check_everywhere,
    check_phase,
    references,
    run_checks,
)
from emulator.core.primitives.templates import PLACEHOLDER, filler
from emulator.core.storage.filters import AnyOf, Contains, Filter
from emulator.core.storage.resource import Resource, stored_names

Keep = Callable[[Resource], bool]
"""Whether a list has a resource."""


def create(
    call: Call,
    params: Params,
    found: Found | None = None,
    *,
    beside: str | None = None,
    lifecycle: str = "create",
    **members: Any,
) -> Resource:
    """Store a new resource of the operation's kind and return it.

    `found` are its references, if the handler has looked them up. Its members are those of the
    request, and `members`, which may also be facts of its id. `beside` is another kind, one of
    which the operation makes besides its own. Raises what `references` raises, `AlreadyExists` for
    its id or a unique text, and `QuotaExceeded`.
    """
    kind = call.contract.kinds[beside or call.operation.does["kind"]]
    if found is None:
        found = references(call, params)
    facts = {**call.facts, **vars(params), **_facts_of(kind, found), **members}
    drawn = {name: spec for name, spec in kind.random.items() if facts.get(name) is None}
    facts |= {name: _draw(call, name, spec, facts) for name, spec in drawn.items()}
    facts |= {name: filler(template)(facts) for name, template in kind.values.items()}
    made = call.kinds[kind.name]
    resource = made(
        id=filler(kind.id)(facts),
        **{name: facts[name] for name in stored_names(made) if name in facts},
    )
    parent = kind.parent and filler(kind.parent)(facts)
    stored = call.resources.add(
        resource,
        lifecycle=lifecycle,
        parent=parent,
        claims=[filler(template)(facts) for template in kind.unique],
        begins_at=begins_at(call, kind, found) if kind.waits else None,
    )
    if beside is None:
        for name in call.operation.does.get("after", ()):
            call.checks[name](call, params)
    # After the insert, which decides about uniqueness; a full quota rolls it back.
    for name, quota in call.contract.quotas.items():
        counts = quota.get("counts", {})
        if counts.get("kind") == kind.name:
            call.check_quota(name, parent=parent if "perParent" in counts else None)
    return stored


def named(call: Call, params: Params) -> Resource:
    """Return the resource that a request names, checked as the operation says.

    Raises `NotFound`, also for a reference that every such request names, and for a resource that
    does not pass the `filters`; `NotReady` for one in another phase than those in `phases`; `InUse`
    for one that has any of the kinds in `unless` under it, or of those in `unlessBeside` under its
    own parent.
    """
    does = call.operation.does
    kind = call.contract.kinds[does["kind"]]
    run_checks(call, "before", params)
    check_everywhere(call, kind, params)
    resource = _get(call, kind, params)
    sent = vars(params)
    for name, attribute in does.get("filters", {}).items():
        if sent[name] and not _has(attribute, [sent[name]], resource):
            raise NotFound(kind.name, id=resource.id)
    check_phase(resource, does.get("phases", ()))
    parent = kind.parent and filler(kind.parent)({**call.facts, **vars(resource)})
    users = [(other, resource.id) for other in does.get("unless", ())]
    users += [(other, str(parent)) for other in does.get("unlessBeside", ())]
    if any(_stand_in_the_way(call, other, place) for other, place in users):
        raise InUse(kind.name, id=resource.id)
    return resource


def list_(
    call: Call,
    params: Params,
    *,
    where: Sequence[Filter] = (),
    keep: Keep | None = None,
    **search: Any,
) -> SimpleNamespace:
    """Return a page of a kind: those of a parent, if the request names one, or all.

    `where` and `keep` are filters besides those of the request. The page follows a `token`, or
    starts at the resource `skip`, or is the page with the number `page`; it has up to `most`.
    It has `items`, `token`, `total` where that is known, and what the request said.
    `search` has what the repository is to take in place of what the request says. Raises
    `NotFound` for a reference that every request names, and `BadToken`.
    """
    does, sent = call.operation.does, vars(params)
    kind = call.contract.kinds[does["kind"]]
    run_checks(call, "before", params)
    check_everywhere(call, kind, params)
    is_indexed = call.kinds[kind.name].is_indexed
    filters, tests = _filters(does, kind, sent)
    tests += [keep] if keep else []
    parent = _parent(kind, params)
    order = does.get("listOrder", {}).get("all" if parent is None else "parent", "created_at")
    query: dict[str, Any] = {
        "parent": parent,
        "where": [*filters, *where],
        "keep": (lambda each: all(test(each) for test in tests)) if tests else None,
        "newest_first": does.get("newestFirst", False) or sent.get("order") == "DESC",
        "order": does.get("orders", {}).get(sent.get("sort_by"), order),
        "token": sent.get("token"),
        "skip": (sent["page"] - 1) * sent["most"] if "page" in sent else sent.get("skip", 0),
        "most": sent["most"],
        "counted": is_indexed,
    }
    page = call.list(kind.name, **{**query, **search})
    return SimpleNamespace(**{**sent, **vars(page)})


def update(
    call: Call, params: Params, resource: Resource | None = None, **members: Any
) -> Resource:
    """Set the members of a resource that were sent, and `members`, and return it.

    What the `filters` compare says which resource is meant, and is not set. `resource` is the one
    that the request names, if the handler has looked it up. Raises what `named` raises, and
    `AlreadyExists` for a unique text.
    """
    resource = resource or named(call, params)
    before = _unique(call, resource)
    filters = call.operation.does.get("filters", {})
    sent = {
        name: value
        for name, value in vars(params).items()
        if value is not None and name not in filters
    }
    for name, value in {**sent, **members}.items():
        if name in resource.stored_names():
            setattr(resource, name, value)
    for old, new in zip(before, _unique(call, resource), strict=True):
        if old != new:
            call.resources.claim(resource, new)
            call.resources.release(resource, old)
    if call.operation.does.get("touches"):
        resource.updated_at = call.now
    return call.resources.change(resource, lifecycle=call.operation.does.get("lifecycle"))


def delete(call: Call, params: Params) -> Resource:
    """Delete a resource, through the lifecycle `delete` of its kind if it has one.

    Returns it as it was.
    """
    resource = named(call, params)
    call.resources.remove(resource)
    return resource


def enter(call: Call, params: Params) -> Resource:
    """Start a lifecycle of a resource and return it."""
    return call.resources.change(named(call, params), lifecycle=call.operation.does["lifecycle"])


VERBS: Mapping[str, Callable[[Call, Params], object]] = {
    "create": create,
    "describe": named,
    "list": list_,
    "update": update,
    "delete": delete,
    "enter": enter,
}


def _get(call: Call, kind: Kind, params: Params) -> Resource:
    """Return the resource that a request names by its id, or by the parts of its id."""
    sent = vars(params)
    if kind.identifier in sent:
        return call.get(kind.name, sent[kind.identifier])
    parts = {name: sent[name] for name in PLACEHOLDER.findall(kind.id)}
    return call.get(kind.name, filler(kind.id)(parts), **parts)


def _filters(
    does: Document, kind: Kind, sent: Mapping[str, Any]
) -> tuple[list[Filter], list[Keep]]:
    """Return the filters of a request, those of the index first; empty ones do not filter."""
    filters: list[Filter] = []
    tests: list[Keep] = []
    for name, attribute in does.get("filters", {}).items():
        value = sent[name]
        values = value if isinstance(value, list) else [value]
        if value is None or not any(values):
            continue
        if attribute in kind.facets:
            filters.append(AnyOf(attribute, values))
        elif attribute in kind.texts:
            filters.append(Contains(attribute, value))
        else:
            tests.append(partial(_has, attribute, values))
    return filters, tests


def _has(attribute: str, values: Sequence[object], resource: Resource) -> bool:
    return getattr(resource, attribute) in values


def _unique(call: Call, resource: Resource) -> list[str]:
    """Return the unique texts of a resource as it is now."""
    facts = {**call.facts, **vars(resource)}
    return [filler(template)(facts) for template in call.contract.kinds[resource.kind].unique]


def _stand_in_the_way(call: Call, kind: str, parent: str) -> bool:
    """Return whether resources of a kind exist under a parent that do not give way."""
    if not call.contract.kinds[kind].gives_way:
        return call.has(kind, parent)
    page = call.list(kind, parent=parent, most=1, keep=lambda each: each.state.phase != "deleting")
    return bool(page.items)


def _draw(call: Call, name: str, spec: Document, facts: Mapping[str, Any]) -> str:
    """Draw a random fact; with --id-seed, the same text gives the same draw."""
    purpose = call.purpose(name, filler(spec["for"])(facts))
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
    return str(filler(kind.parent)(facts)) if named_here else None


def _facts_of(kind: Kind, found: Found) -> dict[str, Any]:
    """Return the facts that templates take from references."""
    return {
        fact: getattr(found[each.member], attribute)
        for each in kind.references
        if each.member in found
        for fact, attribute in each.facts.items()
    }
