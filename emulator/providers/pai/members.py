"""What PAI does with the members of workspaces beyond the plain verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from emulator.api import (
    Call,
    Document,
    Handler,
    NotFound,
    Params,
    Refused,
    Resource,
    create,
    list_,
    references,
)

ACCOUNT, RAM_USER = "1", "5"
"""Types of accounts."""


def create_member(call: Call, params: Params) -> Document:
    """Add users to a workspace; several ids may name one member."""
    workspace_id = references(call, params)["workspace_id"].id
    added = [
        add_member(call, params, workspace_id, user_id, dict.fromkeys(entry["roles"]))
        for entry in params.members
        for user_id in entry["user_id"]
    ]
    return {"members": [_member_view(call, member) for member in added]}


def list_members(call: Call, params: Params) -> Document:
    """List the members of a workspace, oldest first."""
    references(call, params)

    def keep(member: Resource) -> bool:
        has_role = not params.roles or not set(params.roles).isdisjoint(member.roles)
        return has_role and (params.member_name or "") in name_of(call, member.user_id)

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


def add_member_role(call: Call, params: Params) -> None:
    """Give a member one more role; one that they have stays."""
    member = _named(call, params)
    _set_roles(call, member, dict.fromkeys([*member.roles, params.role_name]))


def remove_member_role(call: Call, params: Params) -> None:
    """Take a role from a member; one that they do not have is ignored."""
    member = _named(call, params)
    _set_roles(call, member, [role for role in member.roles if role != params.role_name])


def delete_members(call: Call, params: Params) -> None:
    """Remove members: all of them, or none if one is unknown."""
    workspace_id = references(call, params)["workspace_id"].id
    for id_ in dict.fromkeys(params.member_ids):
        member = _find(call, workspace_id, id_)
        if member is None:
            raise Refused("member-is-gone")
        call.resources.remove(member)


def add_member(
    call: Call, params: Params, workspace_id: str, user_id: str, roles: Iterable[str]
) -> Resource:
    """Add a user to a workspace; raises `AlreadyExists` for a member."""
    facts: dict[str, Any] = {"workspace_id": workspace_id, "user_id": user_id}
    return create(call, params, {}, beside="member", roles=list(roles), **facts)


def _named(call: Call, params: Params) -> Resource:
    """Return the member that a request names by their id."""
    workspace_id = references(call, params)["workspace_id"].id
    return _member(call, workspace_id, params.member_id)


def _member(call: Call, workspace_id: str, id_: str) -> Resource:
    """Return a member of this workspace; raises `NotFound`."""
    member = _find(call, workspace_id, id_)
    if member is None:
        raise NotFound("member", id=id_)
    return member


def _find(call: Call, workspace_id: str, id_: str) -> Resource | None:
    """Return a member of this workspace, or None."""
    member = call.find("member", id_)
    return member if member and member.id == f"{workspace_id}-{member.user_id}" else None


def _set_roles(call: Call, member: Resource, roles: Iterable[str]) -> None:
    member.roles = list(roles)
    call.resources.change(member)


def _member_view(call: Call, member: Resource) -> Resource:
    """Return a member with the names of the user."""
    name = name_of(call, member.user_id)
    return member.showing(
        roles=sorted(member.roles, key=partial(_rank, call)),
        member_name=name,
        display_name=name,
        account_name=name,
        account_type=ACCOUNT if member.user_id == call.scope.account else RAM_USER,
    )


def name_of(call: Call, user_id: str) -> str:
    """Return the login name of a user, by default the id."""
    return str(call.contract.rules["users"]["names"].get(user_id, user_id))


def _rank(call: Call, role: str) -> int:
    """Return the place of a role in the vendor's order; custom ones come last."""
    order: Sequence[str] = call.contract.rules["roles"]["order"]
    return order.index(role) if role in order else len(order)


HANDLERS: Mapping[str, Handler] = {
    "CreateMember": create_member,
    "ListMembers": list_members,
    "GetMember": get_member,
    "DeleteMembers": delete_members,
    "AddMemberRole": add_member_role,
    "RemoveMemberRole": remove_member_role,
}
