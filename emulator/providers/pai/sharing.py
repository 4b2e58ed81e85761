"""The tenants and workspaces that a dataset is shared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.api import Refused
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.viewpoint import Viewpoint

_LEVELS = ["RO"]
"""Default permissions of a share on a mount."""


def shares(
    here: Viewpoint, dataset: Dataset, wished: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the new shares of a dataset; a target that remains keeps its date.

    Only administrators may share. The last of two shares for the same workspace counts.
    """
    if not here.administers:
        raise Refused("no-permission", action="UpdateDataset")
    since = {_target(share): share["shared_at"] for share in dataset.shared_to}
    found = {}
    for number, share in enumerate(wished, start=1):
        if share["workspace_id"] == dataset.workspace_id:
            raise Refused("shared-with-itself", number=number)
        found[_target(share)] = {
            "allowed_mount_access_levels": _LEVELS,
            **share,
            "shared_at": since.get(_target(share), here.call.now),
            "source_tenant_id": dataset.owner_id,
            "source_workspace_id": dataset.workspace_id,
        }
    return list(found.values())


def _target(share: dict[str, Any]) -> tuple[str, str]:
    return share["tenant_id"], share["workspace_id"]
