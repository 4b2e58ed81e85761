"""What PAI does with workspaces and their members beyond the plain verbs."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any

from emulator.api import (
    Call,
    Document,
    Handler,
    NotFound,
    Params,
    Resource,
    create,
    delete,
    fill,
    list_,
    named,
    references,
    update,
)
from emulator.providers.pai.viewpoint import THE_DEFAULT

OWNER = "PAI.WorkspaceOwner"
ID_LENGTH = 6

ACCOUNT, RAM_USER = "1", "5"
"""Types of accounts."""

STAGES = ("WORKSPACE_CREATED", "MEMBERS_ADDED", "ENABLED")
"""Stages of the creation of a default workspace."""


def create_workspace(call: Call, params: Params) -> Resource:
    """Create a workspace, which the caller owns."""
    account = call.contract.rules["account"]
    stored = create(
        call,
        params,
        number=_free_number(call, params.workspace_name),
        display_name=params.display_name or params.workspace_name,
        resource_group_id=params.resource_group_id or account["resourceGroupId"],
        extra_infos={"TenantId": account["tenantId"]},
    )
    _add_member(call, params, stored.id, call.scope.caller, [OWNER])
    return stored


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
    found = references(call, params)
    default = _default(call)
    if default:
        default.workspace_id = params.workspace_id
        call.resources.change(default)
        return
    conditions = [{"Code": 200, "Message": "", "Type": stage} for stage in STAGES]
    create(call, params, found, conditions=conditions)


def create_member(call: Call, params: Params) -> Document:
    """Add users to a workspace; several ids may name one member."""
    workspace_id = references(call, params)["workspace_id"].id
    added = [
        _add_member(call, params, workspace_id, user_id, dict.fromkeys(entry["roles"]))
        for entry in params.members
        for user_id in entry["user_id"]
    ]
    return {"members": [_member_view(call, member) for member in added]}


def list_members(call: Call, params: Params) -> Document:
    """List the members of a workspace, oldest first."""
    references(call, params)

    def keep(member: Resource) -> bool:
        has_role = not params.roles or not set(params.roles).isdisjoint(member.roles)
        return has_role and (params.member_name or "") in _name_of(call, member.user_id)

    found = list_(call, params, keep=keep)
    return {
        "members": [_member_view(call, member) for member in found.items],
        "total": found.total,
    }


def get_member(call: Call, params: Params) -> Resource:
    """Return a member, by their own id or that of the user."""
    workspace_id = references(call, params)["workspace_id"].id
    id_ = f"{workspace_id}-{params.user_id}" if params.user_id else str(params.member_id)
    return _member_view(call, _member(call, workspace_id, id_))


def delete_members(call: Call, params: Params) -> None:
    """Remove members: all of them, or none if one is unknown."""
    workspace_id = references(call, params)["workspace_id"].id
    for id_ in dict.fromkeys(params.member_ids):
        call.resources.remove(_member(call, workspace_id, id_))


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
    administering = call.contract.rules["administrators"]["roles"]
    names = [
        _login_of(call, member.user_id)
        for member in call.list("member", parent=workspace.id).items
        if not set(administering).isdisjoint(member.roles)
    ]
    return view.showing(admin_names=names, owner=_owner_of(call, workspace))


def _add_member(
    call: Call, params: Params, workspace_id: str, user_id: str, roles: Iterable[str]
) -> Resource:
    facts: dict[str, Any] = {"workspace_id": workspace_id, "user_id": user_id}
    return create(call, params, {}, beside="member", roles=list(roles), **facts)


def _member(call: Call, workspace_id: str, id_: str) -> Resource:
    """Return a member of this workspace; raises `NotFound`."""
    member = call.get("member", id_)
    if member.id != f"{workspace_id}-{member.user_id}":
        raise NotFound(member.kind, id=id_)
    return member


def _member_view(call: Call, member: Resource) -> Resource:
    """Return a member with the names of the user."""
    name = _name_of(call, member.user_id)
    return member.showing(
        member_name=name,
        display_name=name,
        account_name=_login_of(call, member.user_id),
        account_type=ACCOUNT if member.user_id == call.scope.account else RAM_USER,
    )


def _owner_of(call: Call, workspace: Resource) -> Document:
    user_id = workspace.creator
    name = _name_of(call, user_id)
    return {"display_name": name, "user_id": user_id, "user_kp": user_id, "user_name": name}


def _name_of(call: Call, user_id: str) -> str:
    """Return the name of a user, by default the id."""
    return str(call.contract.rules["users"]["names"].get(user_id, user_id))


def _login_of(call: Call, user_id: str) -> str:
    """Return the login name of a user."""
    facts = {"name": _name_of(call, user_id), "account": call.scope.account}
    return str(fill(call.contract.rules["users"]["login"], facts))


HANDLERS: Mapping[str, Handler] = {
    "CreateWorkspace": create_workspace,
    "ListWorkspaces": list_workspaces,
    "GetWorkspace": get_workspace,
    "UpdateWorkspace": update_workspace,
    "DeleteWorkspace": delete_workspace,
    "GetDefaultWorkspace": get_default_workspace,
    "UpdateDefaultWorkspace": update_default_workspace,
    "CreateMember": create_member,
    "ListMembers": list_members,
    "GetMember": get_member,
    "DeleteMembers": delete_members,
}
