"""What PAI does with workspaces beyond the plain verbs."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

from emulator.api import (
    Call,
    Document,
    Handler,
    Params,
    Refused,
    Resource,
    create,
    delete,
    list_,
    named,
    references,
    update,
)
from emulator.providers.pai.members import add_member, name_of
from emulator.providers.pai.viewpoint import THE_DEFAULT

OWNER = "PAI.WorkspaceOwner"
ID_LENGTH = 6

STAGES = ("WORKSPACE_CREATED", "MEMBERS_ADDED", "ENABLED")
"""Stages of the creation of a default workspace."""


def create_workspace(call: Call, params: Params) -> Resource:
    """Create a workspace, which the caller owns."""
    return _create(
        call,
        params,
        number=_free_number(call, params.workspace_name),
        display_name=params.display_name or params.workspace_name,
        resource_group_id=params.resource_group_id,
    )


def create_default_workspace(call: Call, params: Params) -> Document:
    """Create a workspace and make it the default one, which there must not be yet."""
    if _default(call):
        raise Refused("default-workspace-exists")
    number = _free_number(call, THE_DEFAULT)
    name = f"{THE_DEFAULT}_{number}"
    stored = _create(call, params, number=number, workspace_name=name, display_name=name)
    _make_default(call, params, stored.id)
    return {"workspace_id": stored.id}


def change_resource_group(call: Call, params: Params) -> None:
    """Move a workspace to another resource group."""
    workspace = named(call, params)
    workspace.resource_group_id = params.new_resource_group_id
    workspace.updated_at = call.now
    call.resources.change(workspace)


def list_workspaces(call: Call, params: Params) -> Document:
    """List workspaces, or count them, or return what a workspace can have."""
    if params.option == "GetResourceLimits":
        return {"resource_limits": call.contract.rules["resourceLimits"]["limits"]}

    def has_member(workspace: Resource) -> bool:
        return call.find("member", f"{workspace.id}-{params.user_id}") is not None

    keep = has_member if params.user_id else None
    found = list_(call, params, keep=keep, ids=params.workspace_ids or None)
    if params.option == "CheckWorkspaceExists":
        return {"total": found.total}
    if "Id" in params.fields:
        return {"workspaces": [{"workspace_id": w.id} for w in found.items], "total": found.total}
    default = _default(call)
    views = [_view(call, w, default, verbose=params.verbose) for w in found.items]
    return {"workspaces": views, "total": found.total}


def get_workspace(call: Call, params: Params) -> Resource:
    """Return a workspace; owner and administrators only on request."""
    return _view(call, named(call, params), _default(call), verbose=params.verbose)


def update_workspace(call: Call, params: Params) -> None:
    """Change name and description of a workspace; absent members and an empty name stay."""
    workspace = named(call, params)
    display_name = params.display_name or workspace.display_name
    update(call, params, workspace, display_name=display_name)


def delete_workspace(call: Call, params: Params) -> None:
    """Delete a workspace with its contents; the region may be left without a default."""
    delete(call, params)
    default = _default(call)
    if default and default.workspace_id == params.workspace_id:
        call.resources.drop(default)


def get_default_workspace(call: Call, params: Params) -> Resource:
    """Return the default workspace; the stages of its creation only on request."""
    default = call.get("default-workspace", THE_DEFAULT)
    workspace = call.get("workspace", default.workspace_id)
    conditions = default.conditions if params.verbose else None
    return workspace.showing(owner=_owner_of(call, workspace), conditions=conditions)


def update_default_workspace(call: Call, params: Params) -> None:
    """Make a workspace the default one."""
    references(call, params)
    default = _default(call)
    if default:
        default.workspace_id = params.workspace_id
        call.resources.change(default)
    else:
        _make_default(call, params, params.workspace_id)


def _create(call: Call, params: Params, **members: Any) -> Resource:
    """Store a workspace, which the caller owns."""
    account = call.contract.rules["account"]
    members["resource_group_id"] = members.get("resource_group_id") or account["resourceGroupId"]
    extra_infos = {"TenantId": account["tenantId"]}
    stored = create(call, params, {}, beside="workspace", extra_infos=extra_infos, **members)
    add_member(call, params, stored.id, call.scope.caller, [OWNER])
    return stored


def _make_default(call: Call, params: Params, workspace_id: str) -> None:
    conditions = [{"Code": 200, "Message": "", "Type": stage} for stage in STAGES]
    facts: dict[str, Any] = {"workspace_id": workspace_id, "conditions": conditions}
    create(call, params, {}, beside="default-workspace", **facts)


def _free_number(call: Call, name: str) -> str:
    """Generate numbers until one is free: there are not so many of them."""
    purpose = call.purpose("workspace", name)
    while True:
        candidate = call.identifiers.text(string.digits, ID_LENGTH, *purpose)
        if not candidate.startswith("0") and call.find("workspace", candidate) is None:
            return candidate


def _default(call: Call) -> Resource | None:
    return call.find("default-workspace", THE_DEFAULT)


def _view(call: Call, workspace: Resource, default: Resource | None, *, verbose: bool) -> Resource:
    is_default = default is not None and default.workspace_id == workspace.id
    view = workspace.showing(is_default=is_default)
    if not verbose:
        return view
    administering = call.contract.rules["permissions"]["administrators"]
    names = [
        name_of(call, member.user_id)
        for member in call.list("member", parent=workspace.id).items
        if not set(administering).isdisjoint(member.roles)
    ]
    return view.showing(admin_names=names, owner=_owner_of(call, workspace))


def _owner_of(call: Call, workspace: Resource) -> Document:
    user_id = workspace.creator
    name = name_of(call, user_id)
    return {"display_name": name, "user_id": user_id, "user_kp": user_id, "user_name": name}


HANDLERS: Mapping[str, Handler] = {
    "CreateWorkspace": create_workspace,
    "ListWorkspaces": list_workspaces,
    "GetWorkspace": get_workspace,
    "UpdateWorkspace": update_workspace,
    "DeleteWorkspace": delete_workspace,
    "GetDefaultWorkspace": get_default_workspace,
    "UpdateDefaultWorkspace": update_default_workspace,
    "CreateDefaultWorkspace": create_default_workspace,
    "ChangeResourceGroup": change_resource_group,
}
