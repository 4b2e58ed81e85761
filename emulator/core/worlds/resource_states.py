"""Lists resources of all providers in one form, and sets their state."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.core.contract.lifecycle import ALWAYS_READY, GONE, NEVER, Lifecycle, State
from emulator.core.contract.model import Contract
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.database import Cursor
from emulator.core.storage.idempotency import Token
from emulator.core.storage.objects import StoredObject
from emulator.core.storage.row_mapping import key_of, plain
from emulator.core.storage.tables import KEY, Row, Statements

_OWN = {Token.kind, StoredObject.kind}
"""Kinds that the emulator stores for itself, and does not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceView:
    """A resource in the form of all providers; times in microseconds UTC."""

    row: Row
    lifecycle: Lifecycle
    index: int
    next_at: int | None
    """When it enters its next state by itself; None if it does not."""

    @property
    def state(self) -> State:
        """The state it is in."""
        return self.lifecycle.states[self.index]

    @property
    def is_settled(self) -> bool:
        """Whether no other state comes after this one."""
        return self.index + 1 == len(self.lifecycle.begins)

    @property
    def name(self) -> str | None:
        """Its name, if it has one: the member `name`, or one that ends so."""
        body: Mapping[str, Any] = json.loads(self.row["body"])
        named = (value for member, value in body.items() if member.endswith("name") and value)
        return body.get("name") or next(named, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRef:
    """Identifies a resource; without a `scope`, its id must be unique among all scopes."""

    provider: str
    kind: str
    id: str
    scope: str | None = None


class NoSuchState(ValueError):
    """No lifecycle of the kind has the state."""


class Ambiguous(ValueError):
    """Several scopes have a resource with the id."""


def resource_views(
    cursor: Cursor, statements: Statements, contracts: Mapping[str, Contract], world: str, now: int
) -> Iterator[ResourceView]:
    """Yield the resources of a world, by provider, scope and age."""
    for row in statements.everything.all(cursor, {"world": world}):
        contract = contracts.get(row["provider"])
        if contract and row["kind"] not in _OWN:
            seen = _view(contract, row, now)
            if seen.state is not GONE:
                yield seen


def set_state(
    cursor: Cursor,
    statements: Statements,
    seen: ResourceView,
    *,
    contract: Contract,
    now: int,
    change: StateChange,
) -> ResourceView:
    """Put a resource in a state and return it; raises `NoSuchState`.

    It continues from there after the delay of the state, or after the `seconds` of the change. If
    it has no delays, or is held, it stays.
    """
    row = seen.row
    name, lifecycle, index = _find(contract, row, change.state)
    # With a scale of 0 all states but the last are over at once, so the new one would not last:
    # it is held instead, unless `seconds` says how long it lasts.
    scale = row["delay_scale"] or (1 if change.seconds is not None else float("inf"))
    # A state is worked out from the age in the lifecycle. Moving the time of entry back by the age
    # at which the state begins makes it begin now, and the later ones follow after their delays.
    begun = lifecycle.begun(index, scale) if scale < float("inf") else 0
    entered_at = now - begun
    if change.seconds is not None and index + 1 < len(lifecycle.begins):
        # The next state is to begin `seconds` from now. `min_state` keeps this one until then,
        # also if its own delay is shorter and the age would still be that of an earlier state.
        scale = scale if scale < float("inf") else 1
        entered_at = now + int(change.seconds * SECOND) - lifecycle.begun(index + 1, scale)
    ends = index + 1 == len(lifecycle.begins)
    settles_at = now if ends else min(entered_at + lifecycle.settles_after(scale), NEVER)
    new = {
        "lifecycle": name,
        "delay_scale": scale,
        "min_state": index,
        "reason": change.reason,
        "entered_at": entered_at,
        "settles_at": settles_at,
        "gone_at": settles_at if lifecycle.ends else None,
        "body": row["body"],
        "updated_at": now if lifecycle.states[index].touches_updated_at else _updated_at(seen, now),
    }
    place = {column: row[column] for column in KEY}
    statements.enter.run(cursor, {**place, **{f"new_{n}": value for n, value in new.items()}})
    next_at = NEVER if ends else entered_at + lifecycle.begun(index + 1, scale)
    return replace(
        seen, lifecycle=lifecycle, index=index, next_at=next_at if next_at < NEVER else None
    )


def _updated_at(seen: ResourceView, now: int) -> int:
    """Return when a resource was last updated, by a call or by entering a state that counts."""
    row = seen.row
    _, age = seen.lifecycle.at(now - row["entered_at"], row["delay_scale"], row["min_state"])
    updates = [row["updated_at"]] if age is None else [row["updated_at"], row["entered_at"] + age]
    return int(max(updates))


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """The state to set, for how many seconds if not as usual, and the reason of a failure."""

    state: str
    seconds: float | None = None
    reason: str | None = None


def id_of(seen: ResourceView) -> str:
    """Return the id of a resource."""
    return plain(seen.row["id"])


def find_view(seen: Iterable[ResourceView], one: ResourceRef) -> ResourceView | None:
    """Find a resource; raises `Ambiguous` if several scopes have its id."""
    named = (one.provider, one.kind, key_of(one.id))
    fitting = [
        each
        for each in seen
        if (each.row["provider"], each.row["kind"], each.row["id"]) == named
        and one.scope in (None, each.row["scope"])
    ]
    if len(fitting) > 1:
        raise Ambiguous(", ".join(each.row["scope"] for each in fitting))
    return fitting[0] if fitting else None


def _view(contract: Contract, row: Row, now: int) -> ResourceView:
    lifecycle = contract.lifecycles.get(row["kind"], {}).get(row["lifecycle"], ALWAYS_READY)
    scale, age = row["delay_scale"], now - row["entered_at"]
    index = lifecycle.index_at(age, scale, row["min_state"])
    following = index + 1
    ends = following == len(lifecycle.begins)
    begins = NEVER if ends else row["entered_at"] + lifecycle.begun(following, scale)
    return ResourceView(
        row=row, lifecycle=lifecycle, index=index, next_at=begins if begins < NEVER else None
    )


def _find(contract: Contract, row: Row, state: str) -> tuple[str, Lifecycle, int]:
    """Find a state in the lifecycle of a resource, or else in another one of its kind."""
    known = contract.lifecycles.get(row["kind"], {})
    for name in sorted(known, key=lambda each: each != row["lifecycle"]):
        for index, candidate in enumerate(known[name].states):
            if candidate.name == state and candidate is not GONE:
                return name, known[name], index
    states = {each.name for each in (s for life in known.values() for s in life.states)}
    raise NoSuchState(", ".join(sorted(states - {""})))
