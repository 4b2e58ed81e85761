"""State documents: a whole world as one JSON document, checked completely before it is used.

`schemas/_meta/state.json` is its schema. In addition, the providers, kinds, lifecycles, states and
quotas that a document names must exist. `state_rows` converts between documents and rows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from emulator.core.contract.lifecycle import ALWAYS_READY, GONE
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Contract, Document
from emulator.core.contract.validation import Rules, Violation
from emulator.core.primitives.clock import from_iso
from emulator.core.primitives.json_pointer import Step, pointer
from emulator.core.primitives.json_text import is_storable
from emulator.core.storage.body_schema import schema_of
from emulator.core.storage.idempotency import Token
from emulator.core.storage.objects import StoredObject
from emulator.core.storage.resource import Resource
from emulator.core.storage.seeds import default_scope

VERSION = 1

Kinds = Mapping[str, Mapping[str, type[Resource]]]
"""The kinds of resources, by provider and name."""

_EVERYWHERE = {kind.kind: kind for kind in (Token, StoredObject)}
"""Kinds that any provider may have."""


class StateError(ValueError):
    """A state document is invalid: `fault` says what is wrong at `pointer`."""

    def __init__(self, path: Sequence[Step], fault: str) -> None:
        self.pointer = pointer(path)
        self.fault = fault
        super().__init__(f"{self.pointer or '/'}: {fault}")


class UnsupportedVersion(StateError):
    """A state document has a later version than this emulator reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldState:
    """A valid state document; `WorldState()` is an empty one."""

    clock: Document = field(default_factory=dict)
    """`mode`, `now` and `offset`; times in microseconds."""
    speed: float | None = None
    limits: Document = field(default_factory=dict)
    lifecycles: Document = field(default_factory=dict)
    drawn: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    providers: Document = field(default_factory=dict)
    objects: Sequence[Document] = ()


class StateReader:
    """Reads state documents for the providers of an emulator."""

    def __init__(self, contracts: Mapping[str, Contract], kinds: Kinds) -> None:
        """Accept documents that name only these providers and kinds."""
        self._contracts = contracts
        self._kinds = kinds
        self._bodies: dict[type[Resource], Rules] = {}

    def read(self, document: Any) -> WorldState:
        """Check and read a document; raises `StateError`, or its subclass `UnsupportedVersion`."""
        version = document.get("version") if isinstance(document, dict) else None
        if isinstance(version, int) and version > VERSION:
            fault = f"version {version}; this emulator reads version {VERSION}"
            raise UnsupportedVersion(["version"], fault)
        _fit(_rules(), document, ())
        lifecycles, clock = document.get("lifecycles", {}), document.get("clock", {})
        self._check_names(document.get("quotas", {}), lifecycles.get("providers", {}))
        for name, kept in document.get("providers", {}).items():
            self._check_kept(self._known(name, ("providers", name)), kept)
        for index, stored in enumerate(document.get("objects", ())):
            _check_times(stored, ("objects", index))
        _check_times(clock, ("clock",))
        return WorldState(
            clock={**clock, **({"now": micros(clock["now"], 0)} if "now" in clock else {})},
            speed=clock.get("speed"),
            limits=document.get("quotas", {}),
            lifecycles=lifecycles,
            drawn={tuple(d["purpose"]): d["count"] for d in document.get("identifiers", ())},
            providers=document.get("providers", {}),
            objects=document.get("objects", ()),
        )

    def _known(self, provider: str, path: Sequence[Step]) -> Contract:
        if provider not in self._contracts:
            raise StateError(path, f"there is no provider {provider}")
        return self._contracts[provider]

    def _check_names(self, quotas: Document, modes: Document) -> None:
        for provider, limits in quotas.items():
            contract = self._known(provider, ("quotas", provider))
            for quota in limits.keys() - contract.quotas.keys():
                raise StateError(("quotas", provider, quota), f"there is no quota {quota}")
        for provider, by_kind in modes.items():
            path = ("lifecycles", "providers", provider)
            contract = self._known(provider, path)
            for kind in by_kind.keys() - {"*", *contract.lifecycles}:
                raise StateError((*path, kind), f"there is no kind {kind} with lifecycles")

    def _check_kept(self, contract: Contract, kept: Document) -> None:
        """Check the state of a provider: each resource, and that ids and claims are unique."""
        at: tuple[Step, ...] = ("providers", contract.provider)
        there = set()
        for index, row in enumerate(kept.get("resources", ())):
            path = (*at, "resources", index)
            self._check_resource(contract, row, path)
            if identity_of(contract, row) in there:
                raise StateError(path, f"there is another {row['kind']} with this id")
            there.add(identity_of(contract, row))
        held = set()
        for index, claim in enumerate(kept.get("claims", ())):
            path, name = (*at, "claims", index), (identity_of(contract, claim)[0], claim["claim"])
            if identity_of(contract, claim) not in there:
                raise StateError(path, f"there is no {claim['kind']} with this id")
            if name in held:
                raise StateError(path, "another resource holds the claim")
            held.add(name)

    def _check_resource(self, contract: Contract, row: Document, path: Sequence[Step]) -> None:
        own = self._kinds.get(contract.provider, {})
        kind = own.get(row["kind"]) or _EVERYWHERE.get(row["kind"])
        if kind is None:
            raise StateError((*path, "kind"), f"there is no kind {row['kind']}")
        known, name = contract.lifecycles.get(row["kind"], {}), row.get("lifecycle", "create")
        if name not in (known or ("create",)):
            raise StateError((*path, "lifecycle"), f"{row['kind']} has no lifecycle {name}")
        states = [each for each in known.get(name, ALWAYS_READY).states if each is not GONE]
        if row.get("min_state", 0) >= len(states):
            raise StateError((*path, "min_state"), f"{name} has {len(states)} states")
        _check_times(row, path)
        for name in ("scope", "reason"):
            if not is_storable(row.get(name)):
                raise StateError((*path, name), "contains a NUL character or an unpaired surrogate")
        if kind not in self._bodies:
            self._bodies[kind] = Rules(schema_of(kind))
        _fit(self._bodies[kind], row["body"], (*path, "body"))


@cache
def _rules() -> Rules:
    file = built_in_folder() / "_meta" / "state.json"
    return Rules(json.loads(file.read_text(encoding="utf-8")))


def _fit(rules: Rules, document: object, path: Sequence[Step]) -> None:
    for broken in () if rules.accepts(document) else rules.violations(document):
        raise StateError((*path, *broken.path), _fault(broken))


def _fault(broken: Violation) -> str:
    if broken.keyword == "required":
        return "is missing"
    return f"breaks {broken.keyword} {json.dumps(broken.limit)[:200]}"


def _check_times(row: Document, path: Sequence[Step]) -> None:
    for name in ("now", "created_at", "updated_at", "entered_at", "began_at", "settles_at"):
        try:
            micros(row.get(name), 0)
        except ValueError as error:
            raise StateError((*path, name), str(error)) from None


def identity_of(contract: Contract, entry: Document) -> tuple[str, str, str]:
    """Return scope, kind and id of a resource, or of the holder of a claim."""
    return entry.get("scope", default_scope(contract)), entry["kind"], entry["id"]


def micros(time: str | int | None, default: int) -> int:
    """Read a time in microseconds; an absent one is the default. Raises `ValueError`."""
    if time is None:
        return default
    return from_iso(time) if isinstance(time, str) else time
