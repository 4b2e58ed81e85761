"""Adds the resources a world starts with: the rows of seed.json.

The baseline exists in every account and region from the start; demo rows belong to the default
account and region.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulator.core.contract.model import Contract
from emulator.core.storage.repository import Repository


def default_scope(contract: Contract) -> str:
    """Return the default scope, which has the demo rows."""
    identity = contract.service["identity"]
    return f"{identity['account']}/{identity['region']}"


def plant(repository: Repository, contract: Contract, part: str) -> None:
    """Add the rows of a `part`, `baseline` or `demo`; existing ones stay."""
    for entry in contract.seed.get(part, ()):
        repository.plant(_row(repository, entry), entry.get("claims", ()))


def _row(repository: Repository, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the row of a resource in its last state."""
    return {
        "world": repository.world,
        "provider": repository.provider,
        "scope": repository.scope,
        "kind": entry["kind"],
        "id": entry["id"],
        "parent": entry.get("parent"),
        "lifecycle": "create",
        "delay_scale": 0,
        "min_state": 0,
        "reason": None,
        "entered_at": repository.now,
        "settles_at": repository.now,
        "gone_at": None,
        "created_at": repository.now,
        "updated_at": repository.now,
        "version": 1,
        "body": json.dumps(entry["body"]),
    }
