"""What happens to the members of workspaces."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Document, Handler, NotFound
from emulator.providers.pai.workspaces import wire
from emulator.providers.pai.workspaces.resources import Member, Workspace, member_id
from emulator.providers.pai.workspaces.users import name_of, shown_member


def create_member(call: Call, params: wire.CreateMember) -> Document:
    """Let users into a workspace; a member may be named by several ids."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    made = [
        call.resources.add(
            Member(
                id=member_id(workspace.id, user_id),
                user_id=user_id,
                roles=list(dict.fromkeys(wished["roles"])),
            ),
            parent=workspace.id,
        )
        for wished in params.members
        for user_id in wished["user_id"]
    ]
    return {"members": [shown_member(call, member) for member in made]}


def list_members(call: Call, params: wire.ListMembers) -> Document:
    """List the members of a workspace, oldest first."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    found = [
        member
        for member in call.resources.children(Member, workspace.id)
        if (not params.user_id or member.user_id == params.user_id)
        and (not params.roles or not set(params.roles).isdisjoint(member.roles))
        and (params.member_name or "") in name_of(call, member.user_id)
    ]
    first = (params.page_number - 1) * params.page_size
    page = found[first : first + params.page_size]
    return {
        "members": [shown_member(call, member) for member in page],
        "total_count": len(found),
    }


def get_member(call: Call, params: wire.GetMember) -> Document:
    """Show a member, named by his own id or by that of the user."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    wanted = member_id(workspace.id, params.user_id) if params.user_id else str(params.member_id)
    return shown_member(call, _member(call, workspace, wanted))


def delete_members(call: Call, params: wire.DeleteMembers) -> None:
    """Let members go: all of them, or none if one is unknown."""
    workspace = call.resources.get(Workspace, params.workspace_id)
    for wanted in dict.fromkeys(params.member_ids):
        call.resources.remove(_member(call, workspace, wanted))


def _member(call: Call, workspace: Workspace, wanted: str) -> Member:
    """Find a member; one of another workspace is none of this one."""
    member = call.resources.get(Member, wanted)
    if member.id != member_id(workspace.id, member.user_id):
        raise NotFound(Member.kind, id=wanted)
    return member


HANDLERS: Mapping[str, Handler] = {
    "CreateMember": create_member,
    "ListMembers": list_members,
    "GetMember": get_member,
    "DeleteMembers": delete_members,
}
