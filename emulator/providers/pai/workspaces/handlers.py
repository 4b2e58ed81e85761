"""What happens to workspaces: one short function per operation."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from emulator.api import Among, Call, Handler, Slice
from emulator.providers.pai.workspaces import members, wire
from emulator.providers.pai.workspaces.resources import (
    THE_DEFAULT,
    DefaultWorkspace,
    Member,
    Workspace,
    member_id,
)
from emulator.providers.pai.workspaces.users import admins_of, owner_of

OWNER = "PAI.WorkspaceOwner"
ID_LENGTH = 6

_ORDERS = {"GmtCreateTime": "created_at", "GmtModifiedTime": "updated_at"}

STAGES = ("WORKSPACE_CREATED", "MEMBERS_ADDED", "ENABLED")
"""What a default workspace has gone through."""

Shown = Mapping[str, Any]
"""What is shown of a resource: its members, and what follows from them for the caller."""


def create_workspace(call: Call, wish: wire.CreateWorkspace) -> Workspace:
    """Make a workspace, which the caller owns."""
    account = call.contract.rules["account"]
    wished = {
        **vars(wish),
        "display_name": wish.display_name or wish.workspace_name,
        "resource_group_id": wish.resource_group_id or account["resourceGroupId"],
    }
    workspace = Workspace(
        id=_free_id(call, wish.workspace_name),
        creator=call.scope.caller,
        extra_infos={"TenantId": account["tenantId"]},
        **wished,
    )
    stored = call.store.add(workspace, claims=[f"workspace-name/{wish.workspace_name}"])
    owner_id = member_id(stored.id, call.scope.caller)
    owner = Member(id=owner_id, user_id=call.scope.caller, roles=[OWNER])
    call.store.add(owner, parent=stored.id)
    return stored


def list_workspaces(call: Call, wish: wire.ListWorkspaces) -> Shown:
    """List workspaces, or tell how many fit, or what a workspace can have."""
    if wish.option == "GetResourceLimits":
        return {"resource_limits": call.contract.rules["resourceLimits"]["limits"]}
    found = _found(call, wish)
    if wish.option == "CheckWorkspaceExists":
        return {"total_count": found.total}
    if "Id" in wish.fields:
        return {"workspaces": [{"id": w.id} for w in found.items], "total_count": found.total}
    default = _default(call)
    shown = [_shown(call, w, default, verbose=wish.verbose) for w in found.items]
    return {"workspaces": shown, "total_count": found.total}


def get_workspace(call: Call, wish: wire.GetWorkspace) -> Shown:
    """Show a workspace; who owns and administers it only to those who ask."""
    workspace = call.store.get(Workspace, wish.workspace_id)
    return _shown(call, workspace, _default(call), verbose=wish.verbose)


def update_workspace(call: Call, wish: wire.UpdateWorkspace) -> None:
    """Change how a workspace is called and described; what is not sent stays."""
    workspace = call.store.get(Workspace, wish.workspace_id)
    workspace.display_name = wish.display_name or workspace.display_name
    if wish.description is not None:
        workspace.description = wish.description
    workspace.updated_at = call.now
    call.store.change(workspace)


def delete_workspace(call: Call, wish: wire.DeleteWorkspace) -> None:
    """Remove a workspace with all that is in it; the region may be left without a default."""
    workspace = call.store.get(Workspace, wish.workspace_id)
    default = _default(call)
    if default and default.workspace_id == workspace.id:
        call.store.drop(default)
    call.store.remove(workspace)


def get_default_workspace(call: Call, wish: wire.GetDefaultWorkspace) -> Shown:
    """Show the default workspace; how its creation went only to those who ask."""
    default = call.store.get(DefaultWorkspace, THE_DEFAULT)
    workspace = call.store.get(Workspace, default.workspace_id)
    return {
        **vars(workspace),
        "owner": owner_of(call, workspace),
        "conditions": default.conditions if wish.verbose else None,
    }


def update_default_workspace(call: Call, wish: wire.UpdateDefaultWorkspace) -> None:
    """Make a workspace the default one."""
    workspace = call.store.get(Workspace, wish.workspace_id)
    default = _default(call)
    if default:
        default.workspace_id = workspace.id
        call.store.change(default)
        return
    conditions = [{"Code": 200, "Message": "", "Type": stage} for stage in STAGES]
    named = DefaultWorkspace(id=THE_DEFAULT, workspace_id=workspace.id, conditions=conditions)
    call.store.add(named)


def workspace_meant(call: Call, workspace_id: str | None) -> Workspace:
    """Find the workspace that is meant; raises `NotFound`, also where there is no default."""
    wanted = workspace_id or call.store.get(DefaultWorkspace, THE_DEFAULT).workspace_id
    return call.store.get(Workspace, wanted)


def roles_of(call: Call, workspace_id: str) -> frozenset[str]:
    """Tell the roles of the caller in a workspace; none where he is not a member."""
    member = call.store.find(Member, member_id(workspace_id, call.scope.caller))
    return frozenset(member.roles if member else ())


def _free_id(call: Call, name: str) -> str:
    """Draw numbers until one is free: there are not so many of them."""
    purpose = call.purpose(Workspace.kind, name)
    while True:
        drawn = call.identifiers.text(string.digits, ID_LENGTH, *purpose)
        if not drawn.startswith("0") and call.store.find(Workspace, drawn) is None:
            return drawn


def _found(call: Call, wish: wire.ListWorkspaces) -> Slice[Workspace]:
    asked = {"name": wish.workspace_name, "resource_group": wish.resource_group_id}

    def fits(workspace: Workspace) -> bool:
        """Tell what changes with time, and whether a user is a member."""
        if wish.status and wish.status != workspace.state.name:
            return False
        member = wish.user_id and member_id(workspace.id, wish.user_id)
        return not member or call.store.find(Member, member) is not None

    return call.store.slice(
        Workspace,
        where=[Among(facet, [value]) for facet, value in asked.items() if value],
        ids=wish.workspace_ids or None,
        keep=fits if wish.status or wish.user_id else None,
        order=_ORDERS[wish.sort_by],
        newest_first=wish.order == "DESC",
        skip=(wish.page_number - 1) * wish.page_size,
        most=wish.page_size,
    )


def _default(call: Call) -> DefaultWorkspace | None:
    return call.store.find(DefaultWorkspace, THE_DEFAULT)


def _shown(
    call: Call, workspace: Workspace, default: DefaultWorkspace | None, *, verbose: bool
) -> Shown:
    is_default = default is not None and default.workspace_id == workspace.id
    shown = {**vars(workspace), "is_default": is_default}
    if not verbose:
        return shown
    return {
        **shown,
        "admin_names": admins_of(call, workspace),
        "owner": owner_of(call, workspace),
    }


HANDLERS: Mapping[str, Handler] = {
    "CreateWorkspace": create_workspace,
    "ListWorkspaces": list_workspaces,
    "GetWorkspace": get_workspace,
    "UpdateWorkspace": update_workspace,
    "DeleteWorkspace": delete_workspace,
    "GetDefaultWorkspace": get_default_workspace,
    "UpdateDefaultWorkspace": update_default_workspace,
    **members.HANDLERS,
}
