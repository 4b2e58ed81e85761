"""What happens to workspaces: one short function per operation."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from emulator.core.call import Call
from emulator.core.provider import Handler
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

_ALL = 2**31
"""More workspaces than there are ids."""

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
    found = [w for w in call.store.span(Workspace, most=_ALL) if _fits(call, wish, w)]
    if wish.sort_by == "GmtModifiedTime":
        found.sort(key=lambda workspace: (workspace.updated_at, workspace.id))
    if wish.order == "DESC":
        found.reverse()
    if wish.option == "CheckWorkspaceExists":
        return {"total_count": len(found)}
    first = (wish.page_number - 1) * wish.page_size
    page, default = found[first : first + wish.page_size], _default(call)
    if "Id" in wish.fields:
        return {"workspaces": [{"id": w.id} for w in page], "total_count": len(found)}
    shown = [_shown(call, w, default, verbose=wish.verbose) for w in page]
    return {"workspaces": shown, "total_count": len(found)}


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


def _fits(call: Call, wish: wire.ListWorkspaces, workspace: Workspace) -> bool:
    """Tell whether a workspace is as was asked for; a user is asked for as a member."""
    asked = (
        (wish.status, workspace.state.name),
        (wish.workspace_name, workspace.workspace_name),
        (wish.resource_group_id, workspace.resource_group_id),
    )
    if any(wanted and wanted != has for wanted, has in asked):
        return False
    if wish.workspace_ids and workspace.id not in wish.workspace_ids:
        return False
    member = wish.user_id and member_id(workspace.id, wish.user_id)
    return not member or call.store.find(Member, member) is not None


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
