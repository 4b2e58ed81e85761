"""The viewpoint of a caller: what they see of a dataset in a workspace."""

from __future__ import annotations

from dataclasses import dataclass

from emulator.api import Call, Document, Refused, Resource, clock
from emulator.providers.pai.resources import EVERYONE, Dataset, as_role, as_user
from emulator.providers.pai.workspaces.handlers import roles_of

_TO_SECONDS = len("2026-04-01T08:00:00")
"""Characters of a time to the second: requests have fractions of any length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """A caller in a workspace, with their roles there."""

    call: Call
    workspace_id: str
    roles: frozenset[str]
    administers: bool

    @property
    def keys(self) -> set[str]:
        """The audience keys of the caller."""
        return {EVERYONE, as_user(self.call.scope.caller), *map(as_role, self.roles)}

    def enter(self, action: str) -> Viewpoint:
        """Reject a caller without a role in the workspace."""
        if not (self.administers or self.roles):
            raise Refused("no-permission", action=action)
        return self

    def sees(self, dataset: Dataset) -> bool:
        """Return whether the caller can see a dataset of the workspace."""
        is_in_audience = not self.keys.isdisjoint(dataset.audience())
        return self.administers or (bool(self.roles) and is_in_audience)

    def mount_access(self, dataset: Dataset) -> str:
        """Return whether the caller may write to a mount."""
        writing = dataset.mount_access_read_write_role_id_list
        may_write = "*" in writing or not self.roles.isdisjoint(writing)
        return "RW" if may_write or self.call.scope.caller == dataset.user_id else "RO"

    def show(self, dataset: Dataset, newest: Resource) -> Document:
        """Return a dataset with its newest version."""
        shares = [self._with_status(share) for share in dataset.shared_to]
        version = self.show_version(dataset, newest)
        return {
            **vars(dataset),
            "mount_access": version["mount_access"],
            "sharing_config": {"shared_to": shares} if shares else None,
            "latest_version": version,
        }

    def show_version(self, dataset: Dataset, version: Resource) -> Document:
        """Return a version of a dataset."""
        access = self.mount_access(dataset)
        return {**vars(version), "mount_access": access, "dataset_id": dataset.id}

    def _with_status(self, share: Document) -> Document:
        expires_at, now = share.get("expires_at"), clock.to_iso(self.call.now)
        is_expired = expires_at is not None and expires_at[:_TO_SECONDS] <= now[:_TO_SECONDS]
        return {**share, "status": "EXPIRED" if is_expired else "ACTIVE"}


def viewpoint(call: Call, workspace_id: str) -> Viewpoint:
    """Return the viewpoint in a workspace; the main account administers all of them."""
    roles = roles_of(call, workspace_id)
    administering = call.contract.rules["administrators"]["roles"]
    is_main = call.scope.caller == call.scope.account
    return Viewpoint(
        call=call,
        workspace_id=workspace_id,
        roles=roles,
        administers=is_main or not roles.isdisjoint(administering),
    )


def visible_dataset(call: Call, dataset_id: str, action: str) -> tuple[Dataset, Viewpoint]:
    """Return a dataset that the caller can see, and their viewpoint.

    Raises `NotFound`, and `Refused` if the caller may not see it.
    """
    dataset = call.resources.get(Dataset, dataset_id)
    viewer = viewpoint(call, dataset.workspace_id)
    if not viewer.sees(dataset):
        raise Refused("no-permission", action=action)
    return dataset, viewer
