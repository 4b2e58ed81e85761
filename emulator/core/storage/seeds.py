"""Plants what a world starts with: the rows of a provider's seed.json.

The baseline is what every account has from the start, in every region; the demo rows
are there for the newcomer, who does not say who he is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from emulator.core.contract.model import Contract
from emulator.core.storage.repository import Repository


def default_scope(contract: Contract) -> str:
    """Give the scope of callers who do not say who they are; the demo rows are planted there."""
    identity = contract.service["identity"]
    return f"{identity['account']}/{identity['region']}"


def plant(repository: Repository, contract: Contract, part: str) -> None:
    """Plant the rows of a `part` of the seeds, `baseline` or `demo`; what exists stays."""
    for entry in contract.seed.get(part, ()):
        repository.plant(_row(repository, entry), entry.get("claims", ()))


def _row(repository: Repository, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make the row of a resource that has been in its last state from the start."""
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
