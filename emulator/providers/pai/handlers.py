"""What happens in PAI AIWorkSpace: one short function per operation.

The order of the checks is inferred: the request by itself, the workspace, the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from emulator.core.call import Call
from emulator.core.provider import Handler
from emulator.core.resources import Resource
from emulator.providers.pai import wire
from emulator.providers.pai.resources import (
    DATASET_ID_ALPHABET,
    DATASET_ID_LENGTH,
    FIRST_VERSION,
    THE_DEFAULT,
    Dataset,
    DatasetVersion,
    DefaultWorkspace,
    Member,
    Workspace,
    member_id,
)

Shown = Mapping[str, Any]
"""What is shown of a resource: its members, and what follows from them for the caller."""


def create_dataset(call: Call, wish: wire.CreateDataset) -> Dataset | Shown:
    """Make a dataset and its first version; they can be used at once.

    A dry run makes them, too, so that the store checks the name, and takes them away.
    """
    workspace_id = _workspace(call, wish.workspace_id).id
    dataset = call.store.add(
        _dataset(call, wish, workspace_id),
        parent=workspace_id,
        claims=[f"dataset-name/{workspace_id}/{wish.name}"],
    )
    version = call.store.add(_first_version(dataset, wish), parent=dataset.id)
    if wish.dry_run:
        call.store.drop(version)
        call.store.drop(dataset)
        return {}
    return dataset


def get_dataset(call: Call, wish: wire.GetDataset) -> Shown:
    """Show a dataset with its latest version."""
    dataset = call.store.get(Dataset, wish.dataset_id)
    latest = call.store.children(DatasetVersion, dataset.id)[-1]
    access = {"mount_access": _mount_access(call, dataset)}
    return {**vars(dataset), **access, "latest_version": {**vars(latest), **access}}


def get_workspace(call: Call, wish: wire.GetWorkspace) -> Shown:
    """Show a workspace; who owns and administers it only to those who ask."""
    workspace = call.store.get(Workspace, wish.workspace_id)
    default = call.store.find(DefaultWorkspace, THE_DEFAULT)
    is_default = default is not None and default.workspace_id == workspace.id
    shown = {**vars(workspace), "is_default": is_default}
    return shown if wish.verbose else {**shown, "admin_names": None, "owner": None}


def get_default_workspace(call: Call, wish: wire.GetDefaultWorkspace) -> Shown:
    """Show the default workspace; how its creation went only to those who ask."""
    default = call.store.get(DefaultWorkspace, THE_DEFAULT)
    workspace = call.store.get(Workspace, default.workspace_id)
    return {**vars(workspace), "conditions": default.conditions if wish.verbose else None}


def _workspace(call: Call, workspace_id: str | None) -> Workspace:
    """Find the workspace that is meant; raises `NotFound`, also where there is no default."""
    wanted = workspace_id or call.store.get(DefaultWorkspace, THE_DEFAULT).workspace_id
    return call.store.get(Workspace, wanted)


def _dataset(call: Call, wish: wire.CreateDataset, workspace_id: str) -> Dataset:
    purpose = call.purpose(Dataset.kind, f"{workspace_id}/{wish.name}")
    tail = call.identifiers.text(DATASET_ID_ALPHABET, DATASET_ID_LENGTH, *purpose)
    # The roles have an effect with ROLE_PUBLIC only (modelled, service.json `sdk`).
    roles = wish.accessible_role_id_list if wish.accessibility == "ROLE_PUBLIC" else None
    members = {
        **_shared(Dataset, wish),
        "id": f"d-{tail}",
        "workspace_id": workspace_id,
        "owner_id": call.scope.account,
        "user_id": _owner(call, workspace_id, wish.user_id),
        "accessible_role_id_list": roles,
    }
    return Dataset(**members)


def _first_version(dataset: Dataset, wish: wire.CreateDataset) -> DatasetVersion:
    members = {
        **_shared(DatasetVersion, wish),
        "id": f"{dataset.id}/{FIRST_VERSION}",
        "version_name": FIRST_VERSION,
        "description": wish.version_description,
        "labels": wish.version_labels,
    }
    return DatasetVersion(**members)


def _shared(kind: type[Resource], wish: object) -> dict[str, Any]:
    """Give the members a resource has under the same names as the wish for it."""
    wished = vars(wish)
    return {member.name: wished[member.name] for member in fields(kind) if member.name in wished}


def _owner(call: Call, workspace_id: str, wanted: str | None) -> str:
    """Tell whose dataset it becomes: who does not administer the workspace makes only his own."""
    administering = call.contract.rules["administrators"]["roles"]
    administers = not _roles(call, workspace_id).isdisjoint(administering)
    return wanted if wanted and administers else call.scope.caller


def _mount_access(call: Call, dataset: Dataset) -> str:
    writing = dataset.mount_access_read_write_role_id_list
    roles = _roles(call, dataset.workspace_id)
    may_write = "*" in writing or not roles.isdisjoint(writing)
    return "RW" if may_write or call.scope.caller == dataset.user_id else "RO"


def _roles(call: Call, workspace_id: str) -> frozenset[str]:
    member = call.store.find(Member, member_id(workspace_id, call.scope.caller))
    return frozenset(member.roles if member else ())


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDataset": get_dataset,
    "GetWorkspace": get_workspace,
    "GetDefaultWorkspace": get_default_workspace,
}
