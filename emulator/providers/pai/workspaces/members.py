"""The operations on members of workspaces."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Document, Handler, NotFound, Params
from emulator.providers.pai.workspaces.resources import Member, Workspace, member_id
from emulator.providers.pai.workspaces.users import member_view, name_of


def create_member(call: Call, params: Params) -> Document:
    """Add users to a workspace; several ids may name one member."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    added = [
        call.resources.add(
            Member(
                id=member_id(workspace.id, user_id),
                user_id=user_id,
                roles=list(dict.fromkeys(entry["roles"])),
            ),
            parent=workspace.id,
        )
        for entry in params.members
        for user_id in entry["user_id"]
    ]
    return {"members": [member_view(call, member) for member in added]}


def list_members(call: Call, params: Params) -> Document:
    """List the members of a workspace, oldest first."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    found = [
        member
        for member in call.resources.children(Member, workspace.id)
        if (not params.user_id or member.user_id == params.user_id)
        and (not params.roles or not set(params.roles).isdisjoint(member.roles))
        and (params.member_name or "") in name_of(call, member.user_id)
    ]
    first = (params.page - 1) * params.most
    page = found[first : first + params.most]
    return {
        "members": [member_view(call, member) for member in page],
        "total": len(found),
    }


def get_member(call: Call, params: Params) -> Document:
    """Return a member, by their own id or that of the user."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    member_key = (
        member_id(workspace.id, params.user_id) if params.user_id else str(params.member_id)
    )
    return member_view(call, _member(call, workspace, member_key))


def delete_members(call: Call, params: Params) -> None:
    """Remove members: all of them, or none if one is unknown."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    for member_key in dict.fromkeys(params.member_ids):
        call.resources.remove(_member(call, workspace, member_key))


def _member(call: Call, workspace: Workspace, member_key: str) -> Member:
    """Return a member of this workspace; raises `NotFound`."""
    member = call.resources.get(Member, member_key)
    if member.id != member_id(workspace.id, member.user_id):
        raise NotFound(Member.kind, id=member_key)
    return member


HANDLERS: Mapping[str, Handler] = {
    "CreateMember": create_member,
    "ListMembers": list_members,
    "GetMember": get_member,
    "DeleteMembers": delete_members,
}
