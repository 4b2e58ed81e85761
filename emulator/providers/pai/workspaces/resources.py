"""The resources of workspaces: workspaces, the default one, and members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.api import IndexKeys, Resource

THE_DEFAULT = "default"
"""The id of the one `DefaultWorkspace` of a region."""


@dataclass(kw_only=True)
class Workspace(Resource):
    """A workspace; mappings are stored under the vendor's names."""

    kind: ClassVar[str] = "workspace"
    identifier: ClassVar[str] = "workspace_id"

    workspace_name: str
    display_name: str
    description: str
    env_types: list[str]
    creator: str
    extra_infos: dict[str, str]
    resource_group_id: str

    def index_keys(self) -> IndexKeys:
        """Return the index keys, of members that never change."""
        facets = {"name": self.workspace_name, "resource_group": self.resource_group_id}
        return IndexKeys(facets=facets)


@dataclass(kw_only=True)
class DefaultWorkspace(Resource):
    """The default workspace of a region, and the stages of its creation."""

    kind: ClassVar[str] = "default-workspace"

    workspace_id: str
    conditions: list[dict[str, Any]]


@dataclass(kw_only=True)
class Member(Resource):
    """A user in a workspace, its parent."""

    kind: ClassVar[str] = "member"
    identifier: ClassVar[str] = "member_id"

    user_id: str
    roles: list[str]


def member_id(workspace_id: str, user_id: str) -> str:
    """Write `<workspace id>-<user id>`."""
    return f"{workspace_id}-{user_id}"
