"""Views of users; rules.json gives their names."""

from __future__ import annotations

from typing import Any

from emulator.api import Call, fill
from emulator.providers.pai.workspaces.resources import Member, Workspace

ACCOUNT, RAM_USER = "1", "5"
"""Types of accounts."""


def name_of(call: Call, user_id: str) -> str:
    """Return the name of a user, by default the id."""
    return str(call.contract.rules["users"]["names"].get(user_id, user_id))


def login_of(call: Call, user_id: str) -> str:
    """Return the login name of a user."""
    facts = {"name": name_of(call, user_id), "account": call.scope.account}
    return str(fill(call.contract.rules["users"]["login"], facts))


def owner_of(call: Call, workspace: Workspace) -> dict[str, str]:
    """Return the owner of a workspace."""
    user_id = workspace.creator
    name = name_of(call, user_id)
    return {"display_name": name, "user_id": user_id, "user_kp": user_id, "user_name": name}


def admins_of(call: Call, workspace: Workspace) -> list[str]:
    """List the login names of the administrators of a workspace."""
    administering = call.contract.rules["administrators"]["roles"]
    members = call.resources.children(Member, workspace.id)
    return [
        login_of(call, member.user_id)
        for member in members
        if not set(administering).isdisjoint(member.roles)
    ]


def member_view(call: Call, member: Member) -> dict[str, Any]:
    """Return a member with the names of the user."""
    name = name_of(call, member.user_id)
    return {
        **vars(member),
        "member_name": name,
        "display_name": name,
        "account_name": login_of(call, member.user_id),
        "account_type": ACCOUNT if member.user_id == call.scope.account else RAM_USER,
    }
