"""How resources become rows and rows become resources.

A resource whose lifecycle has ended stays until its key or claim is wanted again, and is then
deleted. Index keys are written and deleted with the row.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from emulator.core.contract.lifecycle import ALWAYS_READY, NEVER, Lifecycle, State
from emulator.core.contract.policy import LifecyclePolicy
from emulator.core.storage.database import Cursor
from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.index import Index
from emulator.core.storage.index_statements import Queries
from emulator.core.storage.resource import Resource
from emulator.core.storage.tables import KEY, Row, Statements

R = TypeVar("R", bound=Resource)
Lifecycles = Mapping[str, Mapping[str, Lifecycle]]
"""Lifecycles by kind and name."""

_LONGEST_KEY = 200
"""Length of a claim that is stored as text; a longer one is stored as a digest."""


@dataclass(slots=True, kw_only=True)
class RowMapper:
    """One world, provider and scope, within one transaction.

    `now` is the time of the request in microseconds, `policy` that of lifecycles that begin now.
    `kinds` are the classes of resources.
    """

    cursor: Cursor
    statements: Statements
    queries: Queries
    lifecycles: Lifecycles
    world: str
    provider: str
    scope: str
    now: int
    policy: LifecyclePolicy = field(default_factory=LifecyclePolicy)
    kinds: Mapping[str, type[Resource]] = field(default_factory=dict)
    states_seen: set[tuple[str, str]] = field(default_factory=set)
    """Kinds and states of the resources read or written."""
    began_as_ordered: bool = False
    """Whether a lifecycle has begun that the outcome of the `policy` changes."""

    def _kind_key(self, kind: str) -> dict[str, object]:
        return {
            "world": self.world,
            "provider": self.provider,
            "scope": self.scope,
            "kind": kind,
        }

    def _key(self, resource: Resource) -> dict[str, object]:
        return {**self._kind_key(resource.kind), "id": key_of(resource.id)}

    def _insert(self, row: Row, claims: Iterable[str]) -> Row | None:
        """Insert a row of `resources` with its claims; return it if all were free.

        It gets a number among the resources of its kind with the same time of creation. If a
        claim is taken, nothing is stored.
        """
        numbered = self.statements.add.first(self.cursor, row)
        if numbered is None and self._sweep(self.statements.get.first(self.cursor, row)):
            numbered = self.statements.add.first(self.cursor, row)
        key = {name: row[name] for name in KEY}
        if numbered is None:
            return None
        # A caller may go on in this transaction after a conflict, so nothing may stay behind.
        if not all(self._claim(key, claim) for claim in claims):
            self._erase(key)
            return None
        return {**row, **numbered}

    def _claim(self, key: Row, claim: str) -> bool:
        """Store a claim of a resource, if it is free; return whether it was."""
        claim_row, insert = {**key, "claim": short(key_of(claim))}, self.statements.claim
        if insert.run(self.cursor, claim_row):
            return True
        was_expired = self._sweep(self.statements.holder.first(self.cursor, claim_row))
        return was_expired and bool(insert.run(self.cursor, claim_row))

    def _sweep(self, row: Row | None) -> bool:
        """Delete a resource that has expired; return whether it had."""
        if row is None or row["gone_at"] is None or row["gone_at"] > self.now:
            return False
        self._drop({name: row[name] for name in KEY})
        return True

    def _drop(self, key: Row) -> None:
        # Index keys are computed from the row, so they go first; only indexed kinds are read.
        row = self.statements.get.first(self.cursor, key) if self._indexed(key["kind"]) else None
        if row:
            self._reindex(row, self._index_keys(row), None)
        for child in self.statements.children_keys.all(self.cursor, key):
            self._drop(child)
        self._erase(key)

    def _erase(self, key: Row) -> None:
        self.statements.drop_claims.run(self.cursor, key)
        self.statements.drop.run(self.cursor, key)

    def _write(self, resource: Resource, lifecycle: str | None) -> None:
        key = self._key(resource)
        row = self.statements.get.first(self.cursor, key) if self._indexed(resource.kind) else None
        if row:
            self._reindex(row, self._index_keys(row), resource.index_keys())
        new: dict[str, object] = {"new_body": body_json(resource)}
        new["new_updated_at"] = resource.updated_at
        if lifecycle is None:
            self.statements.rewrite.run(self.cursor, {**key, **new})
            return
        entering = self._entry(resource.kind, lifecycle)
        current = self._lifecycle(resource.kind, entering["lifecycle"])
        is_update = current.states[0].touches_updated_at
        entering["updated_at"] = self.now if is_update else resource.updated_at
        new |= {f"new_{name}": value for name, value in entering.items()}
        self.statements.enter.run(self.cursor, {**key, **new})

    def _reindex(self, row: Row, old: IndexKeys | None, new: IndexKeys | None) -> None:
        if old or new:
            Index(self.cursor, self.queries).file(row, old, new)

    def _index_keys(self, row: Row) -> IndexKeys | None:
        kind = self._indexed(row["kind"])
        return self._resource(kind, row).index_keys() if kind else None

    def _indexed(self, kind: str) -> type[Resource] | None:
        """Return the class of a kind that is indexed, or None."""
        found = self.kinds.get(kind)
        return found if found and found.is_indexed() else None

    def _entry(self, kind: str, name: str) -> dict[str, Any]:
        """Return the columns of a resource that enters a lifecycle now."""
        lifecycle, outcome = self._lifecycle(kind, name), self.policy.outcome
        self.began_as_ordered |= outcome.changes(lifecycle)
        if outcome.fails and lifecycle.failure_lifecycle:
            name = lifecycle.failure_lifecycle
            lifecycle = self._lifecycle(kind, name)
        scale, entered_at = self.policy.scale(kind, lifecycle), self.now
        if outcome.hold is not None and len(lifecycle.begins) > 1:
            # The hold replaces the length of the first state; the later ones keep theirs. The
            # columns have no room for that, so the start moves instead: the second state begins
            # at `entered_at + begun(1)`, which becomes now + hold. Without delays (scale 0) or
            # without an end (inf) the later states take the vendor's time.
            scale = scale if 0 < scale < math.inf else 1 / self.policy.speed
            entered_at += outcome.hold - lifecycle.begun(1, scale)
        settles_at = min(entered_at + lifecycle.settles_after(scale), NEVER)
        return {
            "lifecycle": name,
            "delay_scale": scale,
            "min_state": 0,
            "reason": outcome.reason if outcome.fails else None,
            "entered_at": entered_at,
            "settles_at": settles_at,
            "gone_at": settles_at if lifecycle.ends else None,
        }

    def _lifecycle(self, kind: str, name: str) -> Lifecycle:
        return self.lifecycles.get(kind, {}).get(name, ALWAYS_READY)

    def _state(self, row: Row) -> tuple[State, int | None]:
        lifecycle = self._lifecycle(row["kind"], row["lifecycle"])
        return lifecycle.at(self.now - row["entered_at"], row["delay_scale"], row["min_state"])

    def _resource(self, kind: type[R], row: Row) -> R:
        return self._with_times(kind(**json.loads(row["body"]), id=plain(row["id"])), row)

    def _with_times(self, resource: R, row: Row) -> R:
        state, updated = self._state(row)
        # Reads write nothing: an update by the passing of time is computed, never stored.
        moved = 0 if updated is None else row["entered_at"] + updated
        resource.created_at = row["created_at"]
        resource.updated_at = max(row["updated_at"], moved)
        resource.state = state
        self.states_seen.add((resource.kind, state.name))
        resource.reason = row["reason"]
        vars(resource)[resource.identifier] = resource.id
        return resource


def body_json(resource: Resource) -> str:
    """Return the stored members as JSON text."""
    return json.dumps(resource.stored_fields(), separators=(",", ":"))


def key_of(text: str) -> str:
    """Encode a text so that every database can store it: no NUL, no surrogates; reversible."""
    if text.isascii() and "\\" not in text and "\0" not in text:
        return text
    # A backslash is encoded, too: otherwise the text `\x00` and a NUL would be one key.
    return text.encode("unicode_escape").decode("ascii")


def plain(key: str) -> str:
    """Decode the result of `key_of`."""
    return key.encode("ascii").decode("unicode_escape") if "\\" in key else key


def short(claim: str) -> str:
    """Return a claim, or the digest of one that is long."""
    if len(claim) <= _LONGEST_KEY:
        return claim
    # PostgreSQL rejects index entries of more than some 2,700 bytes.
    return hashlib.sha256(claim.encode("ascii")).hexdigest()
