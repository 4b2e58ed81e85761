"""What resources.json says of each kind of resource: its id, its members, what it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A member of a request that names another resource."""

    member: str
    kind: str
    phases: Sequence[str] = ()
    """The phases it may be in; empty for all."""
    waits: bool
    """Whether one that will be in one of the phases by itself is waited for."""
    everywhere: bool
    """Whether every request that names a resource of the kind names this one, too."""
    facts: Mapping[str, str]
    """Facts for templates, by name: members of the resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of resource; templates have `{placeholders}` for facts.

    Facts are the members of the request, account, region and caller, those of references, and
    `random` ones.
    """

    name: str
    identifier: str
    """The name that messages have for its id."""
    id: str
    parent: str | None
    """The id of the resource that it is under and is deleted with."""
    unique: Sequence[str]
    """Texts of which there may be one each, besides the id."""
    gives_way: bool
    """Whether one that is being deleted makes room for another."""
    stores: Sequence[str]
    """Operations, whose members are those of the resource; or `<operation>/<member>`, a list."""
    members: Mapping[str, Document]
    """Further members, each with its JSON Schema."""
    values: Mapping[str, str]
    """Members that are set when it is created: templates."""
    random: Mapping[str, Document]
    """Facts that are drawn when it is created, unless the request has them."""
    references: Sequence[Reference]
    waits: bool
    """Whether a new one may have to wait for any of them."""
    facets: Sequence[str]
    """Attributes that lists filter by, in full."""
    texts: Sequence[str]
    """Attributes that lists search for a part."""


def parse(name: str, entry: Document) -> Kind:
    """Make a kind from its entry in resources.json."""
    references = [
        Reference(
            member=each["member"],
            kind=each["kind"],
            phases=each.get("phases", ()),
            waits=each.get("waits", False),
            everywhere=each.get("everywhere", False),
            facts=each.get("facts", {}),
        )
        for each in entry.get("references", ())
    ]
    return Kind(
        name=name,
        identifier=entry["identifier"],
        id=entry["id"],
        parent=entry.get("parent"),
        unique=entry.get("unique", ()),
        gives_way=entry.get("givesWay", False),
        stores=entry.get("stores", ()),
        members=entry.get("members", {}),
        values=entry.get("values", {}),
        random=entry.get("random", {}),
        references=references,
        waits=any(each.waits for each in references),
        facets=entry.get("facets", ()),
        texts=entry.get("texts", ()),
    )
