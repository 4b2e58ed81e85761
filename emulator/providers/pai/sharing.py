"""Sharing of datasets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.api import Refused
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.viewpoint import Viewpoint

_LEVELS = ["RO"]
"""The default permission on a mount for parties a dataset is shared with."""


def shares(
    viewer: Viewpoint, dataset: Dataset, requested: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the parties a dataset is shared with from now on; existing ones keep their date.

    Only administrators may share. Of two entries for one workspace the last wins.
    """
    if not viewer.administers:
        raise Refused("no-permission", action="UpdateDataset")
    since = {_target(share): share["shared_at"] for share in dataset.shared_to}
    result = {}
    for number, share in enumerate(requested, start=1):
        if share["workspace_id"] == dataset.workspace_id:
            raise Refused("shared-with-itself", number=number)
        result[_target(share)] = {
            "allowed_mount_access_levels": _LEVELS,
            **share,
            "shared_at": since.get(_target(share), viewer.call.now),
            "source_tenant_id": dataset.owner_id,
            "source_workspace_id": dataset.workspace_id,
        }
    return list(result.values())


def _target(share: dict[str, Any]) -> tuple[str, str]:
    return share["tenant_id"], share["workspace_id"]
