"""Adds the resources a world starts with: the rows of seed.json.

The baseline exists in every account and region from the start; demo rows belong to the default
account and region.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.core.contract.model import Contract
from emulator.core.storage.keys import Key
from emulator.core.storage.repository import Repository
from emulator.core.storage.rows import LifecycleEntry, ResourceRow, body_json, lifecycle_of


def default_scope(contract: Contract) -> str:
    """Return the default scope, which has the demo rows."""
    identity = contract.service["identity"]
    return f"{identity['account']}/{identity['region']}"


def plant(repository: Repository, contract: Contract, part: str) -> None:
    """Add the rows of a `part`, `baseline` or `demo`; existing ones stay."""
    for entry in contract.seed.get(part, ()):
        repository.plant(_row(repository, entry), entry.get("claims", ()))


def _row(repository: Repository, entry: Mapping[str, Any]) -> ResourceRow:
    """Make the row of a resource in its last state."""
    now, kind = repository.now, entry["kind"]
    lifecycle = lifecycle_of(repository.mapper.lifecycles, kind, "create")
    return ResourceRow.new(
        Key(repository.world, repository.provider, repository.scope, kind, entry["id"]),
        LifecycleEntry(name="create", lifecycle=lifecycle, scale=0, entered_at=now, began_at=now),
        parent=entry.get("parent"),
        created_at=now,
        body=body_json(entry["body"]),
    )
