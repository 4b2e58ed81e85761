"""What a caller sees: the workspace they are in, its datasets, and what is under these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emulator.api import (
    AnyOf,
    Call,
    Check,
    Document,
    Filter,
    NotFound,
    Params,
    Refused,
    Resource,
    clock,
)

THE_DEFAULT = "default"
"""The id of the one `default-workspace` of a region."""

FIRST = 1
"""The number of the version that is created and deleted with its dataset."""

ANYTHING = "any"
"""In the table of roles: every resource."""

EVERYONE = "everyone"
"""In an audience: everyone with a role in the workspace."""

_TO_SECONDS = len("2026-04-01T08:00:00")
"""Characters of a time to the second: requests have fractions of any length."""


class Dataset(Resource):
    """A dataset; the members it shares with versions are those of the first version."""

    kind = "dataset"

    @property
    def audience(self) -> list[str]:
        """Who sees it in its workspace, besides administrators."""
        if self.accessibility == "PUBLIC":
            return [EVERYONE]
        return [_as_user(self.user_id), *map(_as_role, self.accessible_role_id_list or ())]

    @property
    def share_scope(self) -> str | None:
        """Whether it is shared by its workspace, as a filter names that."""
        return "BY_ME" if self.shared_to else None

    @property
    def label_texts(self) -> list[str]:
        """The keys and the values of its labels."""
        return [*self.labels, *self.labels.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """A caller in a workspace, with their roles there."""

    call: Call
    workspace_id: str
    roles: frozenset[str]
    administers: bool

    @property
    def keys(self) -> set[str]:
        """The parts of an audience that the caller is."""
        return {EVERYONE, _as_user(self.call.scope.caller), *map(_as_role, self.roles)}

    def may(self, resource: str = ANYTHING) -> bool:
        """Return whether the roles have the grant of the operation on a resource.

        `resource` is a cell of the table: whose it is and whether it is public; by default none of
        the vendor's cells, but the workspace itself.
        """
        table = self.call.contract.rules["permissions"]
        grant = table["grants"][table["operations"][self.call.operation.name]]
        custom = grant.get(table["customRoles"], ())
        cells = {cell for role in self.roles for cell in grant.get(role, _custom(role, custom))}
        return self.administers or not cells.isdisjoint((ANYTHING, resource))

    def cell(self, dataset: Resource) -> str:
        """Return the cell of the table that a dataset is in for the caller."""
        is_own = self.call.scope.caller == dataset.user_id
        roles = dataset.accessible_role_id_list or ()
        is_public = dataset.accessibility == "PUBLIC" or (
            not is_own and not self.roles.isdisjoint(roles)
        )
        return cell(is_own=is_own, is_public=is_public)

    @property
    def filters(self) -> list[Filter]:
        """The filters for the datasets that the caller sees."""
        if self.administers:
            return []
        return [AnyOf("audience", sorted(self.keys), overlapping=True)]

    def enter(self) -> Viewpoint:
        """Reject a caller without a role in the workspace."""
        if not (self.administers or self.roles):
            raise refused(self.call)
        return self

    def show(self, dataset: Resource, newest: Resource) -> Resource:
        """Return a dataset with its newest version."""
        shares = [self._with_status(share) for share in dataset.shared_to]
        version = self.show_version(dataset, newest)
        return dataset.showing(
            mount_access=version.mount_access,
            sharing_config={"shared_to": shares} if shares else None,
            latest_version=version,
        )

    def show_version(self, dataset: Resource, version: Resource) -> Resource:
        """Return a version of a dataset, with whether the caller may write to a mount."""
        writing = dataset.mount_access_read_write_role_id_list
        may_write = "*" in writing or not self.roles.isdisjoint(writing)
        is_theirs = self.call.scope.caller in (dataset.user_id, dataset.creator)
        return version.showing(mount_access="RW" if may_write or is_theirs else "RO")

    def _with_status(self, share: Document) -> Document:
        expires_at, now = share.get("expires_at"), clock.to_iso(self.call.now)
        is_expired = expires_at is not None and expires_at[:_TO_SECONDS] <= now[:_TO_SECONDS]
        return {**share, "status": "EXPIRED" if is_expired else "ACTIVE"}


def viewpoint(call: Call, workspace_id: str) -> Viewpoint:
    """Return the viewpoint in a workspace.

    The main account administers all of them; in that of the platform's datasets everyone has the
    role that rules.json says.
    """
    platform = call.contract.rules["platform"]
    if workspace_id == platform["workspace"]:
        roles = frozenset([platform["role"]])
        return Viewpoint(call=call, workspace_id=workspace_id, roles=roles, administers=False)
    member = call.find("member", f"{workspace_id}-{call.scope.caller}")
    roles = frozenset(member.roles if member else ())
    administering = call.contract.rules["permissions"]["administrators"]
    is_main = call.scope.caller == call.scope.account
    return Viewpoint(
        call=call,
        workspace_id=workspace_id,
        roles=roles,
        administers=is_main or not roles.isdisjoint(administering),
    )


def entered(call: Call, workspace_id: str | None) -> Viewpoint:
    """Return the viewpoint in the workspace of a request, by default in the default one.

    Raises `NotFound`, also without a default one, and `Refused` if the caller has no role there.
    """
    chosen = workspace_id or call.get("default-workspace", THE_DEFAULT).workspace_id
    return viewpoint(call, call.get("workspace", chosen).id).enter()


def seen(call: Call, params: Params) -> tuple[Resource, Viewpoint]:
    """Return the dataset that a request names, and the viewpoint of the caller.

    Raises `NotFound`, also if the request names another workspace than the dataset's, and
    `Refused` if the caller's roles do not have the grant of the operation on it.
    """
    action = call.operation.name
    dataset = call.get("dataset", params.dataset_id, action=action)
    viewer = viewpoint(call, dataset.workspace_id)
    if not viewer.may(viewer.cell(dataset)):
        raise refused(call)
    workspace_id = vars(params).get("workspace_id")
    if workspace_id and workspace_id != dataset.workspace_id:
        call.get("workspace", workspace_id)
        raise NotFound(dataset.kind, id=dataset.id, action=action)
    return dataset, viewer


def seen_with_files(call: Call, params: Params) -> Resource:
    """Return the dataset that a request names; its edition has to be one with files."""
    dataset, _ = seen(call, params)
    if dataset.edition == "BASIC":
        raise Refused("no-file-metas")
    return dataset


def version_of(call: Call, params: Params) -> Resource:
    """Return the version that a request names, by default the first; raises `NotFound`."""
    name = params.dataset_version or f"v{FIRST}"
    return call.get("dataset-version", f"{params.dataset_id}/{name}")


def refused(call: Call) -> Refused:
    """Return the refusal of a caller without permission for the operation."""
    return Refused("no-permission", action=call.operation.name)


def check_permitted(call: Call, params: Params) -> None:
    """Reject a request for a dataset on which the caller's roles lack the grant."""
    seen(call, params)


def check_workspace(call: Call, params: Params) -> None:
    """Reject a request for a workspace in which the caller's roles lack the grant."""
    workspace = call.get("workspace", params.workspace_id)
    if not viewpoint(call, workspace.id).may():
        raise Refused("no-workspace-permission", action=call.operation.name)


def check_files(call: Call, params: Params) -> None:
    """Reject a request for the files of a dataset that is not visible or has none."""
    seen_with_files(call, params)


def cell(*, is_own: bool, is_public: bool) -> str:
    """Name a cell of the table of roles, as `permissions` in rules.json does."""
    return f"{'own' if is_own else 'others'} {'public' if is_public else 'private'}"


def _custom(role: str, grants: Sequence[str]) -> Sequence[str]:
    """Return the grants of a role that is not in the table: custom ones have some."""
    return grants if role.startswith("role-") else ()


def _as_user(user_id: str) -> str:
    return f"user/{user_id}"


def _as_role(role: str) -> str:
    return f"role/{role}"


CHECKS: Mapping[str, Check] = {
    "permitted": check_permitted,
    "files": check_files,
    "workspace": check_workspace,
}
