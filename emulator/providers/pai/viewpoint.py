"""From where a dataset is looked at: what a caller sees of it in a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.api import Call, Document, Refused, Resource, clock
from emulator.providers.pai.resources import EVERYONE, Dataset, as_role, as_user
from emulator.providers.pai.workspaces.handlers import roles_of

_TO_SECONDS = len("2026-04-01T08:00:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """The caller of a call, in a workspace, with the roles he has there."""

    call: Call
    workspace_id: str
    roles: frozenset[str]
    administers: bool

    @property
    def keys(self) -> set[str]:
        """What an audience must have one of for the caller to be part of it."""
        return {EVERYONE, as_user(self.call.scope.caller), *map(as_role, self.roles)}

    def enter(self, action: str) -> Viewpoint:
        """Refuse a caller who has nothing to do with the workspace."""
        if not (self.administers or self.roles):
            raise Refused("no-permission", action=action)
        return self

    def sees(self, dataset: Dataset) -> bool:
        """Tell whether the caller sees one of the datasets of the workspace."""
        is_meant = not self.keys.isdisjoint(dataset.audience())
        return self.administers or (bool(self.roles) and is_meant)

    def mount_access(self, dataset: Dataset) -> str:
        """Tell whether the caller may write what he mounts."""
        writing = dataset.mount_access_read_write_role_id_list
        may_write = "*" in writing or not self.roles.isdisjoint(writing)
        return "RW" if may_write or self.call.scope.caller == dataset.user_id else "RO"

    def show(self, dataset: Dataset, newest: Resource) -> Document:
        """Show a dataset with its newest version."""
        shares = [self._with_status(share) for share in dataset.shared_to]
        version = self.show_version(dataset, newest)
        return {
            **vars(dataset),
            "mount_access": version["mount_access"],
            "sharing_config": {"shared_to": shares} if shares else None,
            "latest_version": version,
        }

    def show_version(self, dataset: Dataset, version: Resource) -> Document:
        """Show a version of a dataset."""
        access = self.mount_access(dataset)
        return {**vars(version), "mount_access": access, "dataset_id": dataset.id}

    def _with_status(self, share: Document) -> Document:
        ends, now = share.get("expires_at"), clock.to_iso(self.call.now)
        is_over = ends is not None and ends[:_TO_SECONDS] <= now[:_TO_SECONDS]
        return {**share, "status": "EXPIRED" if is_over else "ACTIVE"}


def viewpoint(call: Call, workspace_id: str) -> Viewpoint:
    """Stand in a workspace; the main account administers all of them."""
    roles = roles_of(call, workspace_id)
    administering = call.contract.rules["administrators"]["roles"]
    is_main = call.scope.caller == call.scope.account
    return Viewpoint(
        call=call,
        workspace_id=workspace_id,
        roles=roles,
        administers=is_main or not roles.isdisjoint(administering),
    )


def dataset_seen(call: Call, dataset_id: str, action: str) -> tuple[Dataset, Viewpoint]:
    """Find a dataset that the caller sees, and from where he sees it.

    Raises `NotFound`, and `Refused` where it is not for him.
    """
    dataset = call.resources.get(Dataset, dataset_id)
    here = viewpoint(call, dataset.workspace_id)
    if not here.sees(dataset):
        raise Refused("no-permission", action=action)
    return dataset, here
