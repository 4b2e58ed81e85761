"""Converts between the rows of a world and the parts of a state document.

The same rows always give the same document: members and rows are sorted, and nothing depends on
when it was written. The members of a resource keep their inner order, as responses may repeat it.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from emulator.core.contract.lifecycle import NEVER
from emulator.core.contract.model import Contract, Document
from emulator.core.primitives.clock import to_iso
from emulator.core.storage.engine import IdCounters
from emulator.core.storage.keys import Claim, Key
from emulator.core.storage.objects import OWNER, StoredObject
from emulator.core.storage.repository import Repository
from emulator.core.storage.rows import LifecycleEntry, ResourceRow, body_json, lifecycle_of
from emulator.core.worlds.state_document import StateError, identity_of, micros

_PAIR = 2
"""Parts of the purpose of a request id, which names no world."""


def plant(repository: Repository, contract: Contract, kept: Document) -> None:
    """Store the state of a provider, through a repository of any scope; raises `StateError`."""
    held: dict[object, list[str]] = defaultdict(list)
    for claim in kept.get("claims", ()):
        held[identity_of(contract, claim)].append(claim["claim"])
    for index, entry in enumerate(kept.get("resources", ())):
        identity = identity_of(contract, entry)
        if not repository.plant(_row(repository, identity[0], entry), held[identity]):
            path = ("providers", contract.provider, "resources", index)
            raise StateError(path, "another resource has its id or one of its claims")


def plant_objects(repository: Repository, objects: Iterable[Document]) -> None:
    """Store S3 objects, through the repository of all of them; of two with one name, the first."""
    for each in objects:
        entry = {**each, "kind": StoredObject.kind, "id": f"{each['bucket']}/{each['key']}"}
        repository.plant(
            _row(repository, repository.scope, {**entry, "body": {"text": each["text"]}})
        )


def _row(repository: Repository, scope: str, entry: Document) -> ResourceRow:
    created_at = micros(entry.get("created_at"), repository.now)
    return ResourceRow.new(
        Key(repository.world, repository.provider, scope, entry["kind"], entry["id"]),
        _entered(repository, entry, created_at),
        parent=entry.get("parent"),
        created_at=created_at,
        updated_at=micros(entry.get("updated_at"), created_at),
        body=body_json(entry["body"]),
    )


def _entered(repository: Repository, entry: Document, created_at: int) -> LifecycleEntry:
    """Read the entry of a resource into its lifecycle."""
    name, scale = entry.get("lifecycle", "create"), entry.get("delay_scale", 0)
    scale, min_state = math.inf if scale is None else float(scale), entry.get("min_state", 0)
    lifecycle = lifecycle_of(repository.mapper.lifecycles, entry["kind"], name)
    entered_at = micros(entry.get("entered_at"), created_at)
    begun = entered_at + (lifecycle.begun(min_state, scale) if scale < math.inf else 0)
    return LifecycleEntry(
        name=name,
        lifecycle=lifecycle,
        scale=scale,
        entered_at=entered_at,
        began_at=micros(entry.get("began_at"), min(begun, NEVER)),
        min_state=min_state,
        reason=entry.get("reason"),
        stated_end=micros(entry["settles_at"], NEVER) if "settles_at" in entry else None,
    )


def providers_of(
    rows: Iterable[ResourceRow], claims: Iterable[Claim], scopes: Mapping[str, Sequence[str]]
) -> dict[str, object]:
    """Return the state of each provider, with the `scopes` that have its baseline."""
    found: dict[str, dict[str, Any]] = defaultdict(lambda: defaultdict(list))
    for claim in claims:
        found[claim.provider]["claims"].append(_claim(claim))
    for row in sorted(rows, key=_order):
        if row.provider != OWNER:
            found[row.provider]["resources"].append(_resource(row))
    for provider, planted in scopes.items():
        if planted:
            found[provider]["baseline_scopes"] = sorted(planted)
    for kept in found.values():
        kept["claims"].sort(key=lambda claim: (claim["scope"], claim["claim"]))
    whole: dict[str, object] = {"baseline_scopes": [], "claims": [], "resources": []}
    return {name: {**whole, **found[name]} for name in sorted(found)}


def objects_of(rows: Iterable[ResourceRow]) -> list[object]:
    """Return the S3 objects among the rows of a world."""
    return [_object(row) for row in sorted(rows, key=_order) if row.provider == OWNER]


def counters_document(drawn: IdCounters, world: str) -> list[object]:
    """Return the counts of the identifiers drawn in a world, without request ids."""
    mine = sorted(counters_of_world(drawn, world).items())
    return [{"count": times, "purpose": list(purpose)} for purpose, times in mine]


def counters_of_world(drawn: IdCounters, world: str) -> IdCounters:
    """Select the counters of a world, without request ids, and drop its name from the purposes."""
    return {p[1:]: times for p, times in drawn.items() if p[0] == world and len(p) > _PAIR}


def _order(row: ResourceRow) -> tuple[object, ...]:
    return row.scope, row.kind, row.created_at, row.number


def _resource(row: ResourceRow) -> dict[str, object]:
    body = json.loads(row.body)
    return {
        "began_at": time_json(row.began_at),
        "body": {name: body[name] for name in sorted(body)},
        "created_at": time_json(row.created_at),
        "delay_scale": None if row.delay_scale == math.inf else row.delay_scale,
        "entered_at": time_json(row.entered_at),
        "id": row.id,
        "kind": row.kind,
        "lifecycle": row.lifecycle,
        "min_state": row.min_state,
        "parent": row.parent,
        "reason": row.reason,
        "scope": row.scope,
        "settles_at": None if row.settles_at >= NEVER else time_json(row.settles_at),
        "updated_at": time_json(row.updated_at),
    }


def _claim(claim: Claim) -> dict[str, str]:
    return {"claim": claim.claim, "id": claim.id, "kind": claim.kind, "scope": claim.scope}


def _object(row: ResourceRow) -> dict[str, object]:
    bucket, _, key = row.id.partition("/")
    created_at, updated_at = time_json(row.created_at), time_json(row.updated_at)
    text = json.loads(row.body)["text"]
    return {
        "bucket": bucket,
        "created_at": created_at,
        "key": key,
        "text": text,
        "updated_at": updated_at,
    }


def time_json(time: int) -> str | int:
    """Format a time as ISO 8601, or as microseconds outside the years it can write."""
    try:
        return to_iso(time)
    except OverflowError:
        return time
