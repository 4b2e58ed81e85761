"""The operations on workspaces, one function each."""

from __future__ import annotations

import string
from collections.abc import Mapping

from emulator.api import AnyOf, Call, CountedPage, Document, Handler, Params
from emulator.providers.pai.workspaces import members
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
"""Stages of the creation of a default workspace."""


def create_workspace(call: Call, params: Params) -> Workspace:
    """Create a workspace, which the caller owns."""
    account = call.contract.rules["account"]
    attributes = {
        **vars(params),
        "display_name": params.display_name or params.workspace_name,
        "resource_group_id": params.resource_group_id or account["resourceGroupId"],
    }
    workspace = Workspace(
        id=_free_id(call, params.workspace_name),
        creator=call.scope.caller,
        extra_infos={"TenantId": account["tenantId"]},
        **attributes,
    )
    stored = call.resources.add(workspace, claims=[f"workspace-name/{params.workspace_name}"])
    owner_id = member_id(stored.id, call.scope.caller)
    owner = Member(id=owner_id, user_id=call.scope.caller, roles=[OWNER])
    call.resources.add(owner, parent=stored.id)
    return stored


def list_workspaces(call: Call, params: Params) -> Document:
    """List workspaces, or count them, or return what a workspace can have."""
    if params.option == "GetResourceLimits":
        return {"resource_limits": call.contract.rules["resourceLimits"]["limits"]}
    found = _search(call, params)
    if params.option == "CheckWorkspaceExists":
        return {"total": found.total}
    if "Id" in params.fields:
        return {"workspaces": [{"workspace_id": w.id} for w in found.items], "total": found.total}
    default = _default(call)
    views = [_view(call, w, default, verbose=params.verbose) for w in found.items]
    return {"workspaces": views, "total": found.total}


def get_workspace(call: Call, params: Params) -> Document:
    """Return a workspace; owner and administrators only on request."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    return _view(call, workspace, _default(call), verbose=params.verbose)


def update_workspace(call: Call, params: Params) -> None:
    """Change name and description of a workspace; absent members stay."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    workspace.display_name = params.display_name or workspace.display_name
    if params.description is not None:
        workspace.description = params.description
    workspace.updated_at = call.now
    call.resources.change(workspace)


def delete_workspace(call: Call, params: Params) -> None:
    """Delete a workspace with its contents; the region may be left without a default."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    default = _default(call)
    if default and default.workspace_id == workspace.id:
        call.resources.drop(default)
    call.resources.remove(workspace)


def get_default_workspace(call: Call, params: Params) -> Document:
    """Return the default workspace; the stages of its creation only on request."""
    default = call.resources.get(DefaultWorkspace, THE_DEFAULT)
    workspace = call.resources.get(Workspace, default.workspace_id)
    return {
        **vars(workspace),
        "status": workspace.status,
        "owner": owner_of(call, workspace),
        "conditions": default.conditions if params.verbose else None,
    }


def update_default_workspace(call: Call, params: Params) -> None:
    """Make a workspace the default one."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    default = _default(call)
    if default:
        default.workspace_id = workspace.id
        call.resources.change(default)
        return
    conditions = [{"Code": 200, "Message": "", "Type": stage} for stage in STAGES]
    new_default = DefaultWorkspace(id=THE_DEFAULT, workspace_id=workspace.id, conditions=conditions)
    call.resources.add(new_default)


def resolve_workspace(call: Call, workspace_id: str | None) -> Workspace:
    """Return the workspace of a request; raises `NotFound`, also without a default one."""
    chosen_id = workspace_id or call.resources.get(DefaultWorkspace, THE_DEFAULT).workspace_id
    return call.resources.get(Workspace, chosen_id)


def roles_of(call: Call, workspace_id: str) -> frozenset[str]:
    """Return the roles of the caller in a workspace; none for a non-member."""
    member = call.resources.find(Member, member_id(workspace_id, call.scope.caller))
    return frozenset(member.roles if member else ())


def _free_id(call: Call, name: str) -> str:
    """Generate numbers until one is free: there are not so many of them."""
    purpose = call.purpose(Workspace.kind, name)
    while True:
        candidate = call.identifiers.text(string.digits, ID_LENGTH, *purpose)
        if not candidate.startswith("0") and call.resources.find(Workspace, candidate) is None:
            return candidate


def _search(call: Call, params: Params) -> CountedPage[Workspace]:
    filters = {"name": params.workspace_name, "resource_group": params.resource_group_id}

    def matches(workspace: Workspace) -> bool:
        """Test what the index cannot: the state, which changes with time, and membership."""
        if params.status and params.status != workspace.state.name:
            return False
        member = params.user_id and member_id(workspace.id, params.user_id)
        return not member or call.resources.find(Member, member) is not None

    return call.resources.slice(
        Workspace,
        where=[AnyOf(facet, [value]) for facet, value in filters.items() if value],
        ids=params.workspace_ids or None,
        keep=matches if params.status or params.user_id else None,
        order=_ORDERS[params.sort_by],
        newest_first=params.order == "DESC",
        skip=(params.page - 1) * params.most,
        most=params.most,
    )


def _default(call: Call) -> DefaultWorkspace | None:
    return call.resources.find(DefaultWorkspace, THE_DEFAULT)


def _view(
    call: Call, workspace: Workspace, default: DefaultWorkspace | None, *, verbose: bool
) -> Document:
    is_default = default is not None and default.workspace_id == workspace.id
    view = {**vars(workspace), "status": workspace.status, "is_default": is_default}
    if not verbose:
        return view
    return {
        **view,
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
