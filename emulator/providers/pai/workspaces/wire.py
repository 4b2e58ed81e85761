"""How workspaces and their members look on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from emulator.api import IsoMillis, Text, Wire, pascal, reads
from emulator.providers.pai.wire import Pascal, Texts


class _WishedMember(Pascal):
    user_id = Texts()
    roles = fields.Raw()


@dataclass(frozen=True, kw_only=True)
class CreateWorkspace:
    """The request for a workspace."""

    workspace_name: str
    description: str
    env_types: list[str]
    display_name: str | None = None
    resource_group_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListWorkspaces:
    """The request to list workspaces; what is None is not asked for."""

    page_number: int
    page_size: int
    sort_by: str
    order: str
    option: str
    verbose: bool
    status: str | None = None
    workspace_ids: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    workspace_name: str | None = None
    fields: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    user_id: str | None = None
    resource_group_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetWorkspace:
    """The request to see a workspace, with its owner or without."""

    workspace_id: str
    verbose: bool


@dataclass(frozen=True, kw_only=True)
class UpdateWorkspace:
    """The request to call or describe a workspace otherwise."""

    workspace_id: str
    display_name: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeleteWorkspace:
    """The request to remove a workspace."""

    workspace_id: str


@dataclass(frozen=True, kw_only=True)
class GetDefaultWorkspace:
    """The request to see the default workspace, with the stages of its creation or without."""

    verbose: bool


@dataclass(frozen=True, kw_only=True)
class UpdateDefaultWorkspace:
    """The request to make a workspace the default one."""

    workspace_id: str = field(metadata={"wire": Text()})


@dataclass(frozen=True, kw_only=True)
class CreateMember:
    """The request to add members to a workspace."""

    workspace_id: str
    members: list[dict[str, Any]] = field(
        metadata={"wire": fields.List(fields.Nested(_WishedMember))}
    )


@dataclass(frozen=True, kw_only=True)
class ListMembers:
    """The request to list the members of a workspace."""

    workspace_id: str
    page_number: int
    page_size: int
    member_name: str | None = None
    roles: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    user_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetMember:
    """The request to see a member, by one of two ids."""

    workspace_id: str
    member_id: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeleteMembers:
    """The request to remove members."""

    workspace_id: str
    member_ids: list[str] = field(metadata={"wire": Texts()})


class _WorkspaceCreated(Pascal):
    workspace_id = fields.String(attribute="id")


class _Owner(Pascal):
    display_name = fields.String()
    user_id = fields.String()
    user_kp = fields.String()
    user_name = fields.String()


class _Workspace(Pascal):
    workspace_id = fields.String(attribute="id")
    workspace_name = fields.String()
    display_name = fields.String()
    description = fields.String()
    env_types = fields.Raw()
    status = fields.String(attribute="state.name")
    creator = fields.String()
    is_default = fields.Boolean()
    extra_infos = fields.Raw()
    admin_names = fields.Raw()
    owner = fields.Nested(_Owner)
    resource_group_id = fields.String()
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")


class _ListedWorkspace(_Workspace):
    """A workspace in a list, where one member is spelt otherwise."""

    resource_group_id = fields.String(data_key="resourceGroupId")

    class Meta(Wire.Meta):
        exclude = ("owner",)


class _Workspaces(Pascal):
    workspaces = fields.List(fields.Nested(_ListedWorkspace))
    total_count = fields.Integer()
    resource_limits = fields.Raw()


class _DefaultWorkspace(_Workspace):
    """The default workspace: how it was made is told instead of what belongs to it."""

    owner = fields.Nested(_Owner, exclude=("display_name",))
    conditions = fields.Raw()

    class Meta(Wire.Meta):
        exclude = ("is_default", "extra_infos", "admin_names", "resource_group_id")


class _ListedMember(Pascal):
    member_id = fields.String(attribute="id")
    user_id = fields.String()
    member_name = fields.String()
    display_name = fields.String()
    account_name = fields.String()
    account_type = fields.String()
    roles = fields.Raw()
    gmt_create_time = IsoMillis(attribute="created_at")


class _Members(Pascal):
    members = fields.List(fields.Nested(_ListedMember))
    total_count = fields.Integer()


class _NewMembers(Pascal):
    members = fields.List(
        fields.Nested(_ListedMember, only=("member_id", "user_id", "display_name", "roles"))
    )


class _Member(_ListedMember):
    """A single member, without the sign-in name."""

    class Meta(Wire.Meta):
        exclude = ("account_name",)


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateWorkspace": reads(CreateWorkspace, pascal),
    "ListWorkspaces": reads(ListWorkspaces, pascal),
    "GetWorkspace": reads(GetWorkspace, pascal),
    "UpdateWorkspace": reads(UpdateWorkspace, pascal),
    "DeleteWorkspace": reads(DeleteWorkspace, pascal),
    "GetDefaultWorkspace": reads(GetDefaultWorkspace, pascal),
    "UpdateDefaultWorkspace": reads(UpdateDefaultWorkspace, pascal),
    "CreateMember": reads(CreateMember, pascal),
    "ListMembers": reads(ListMembers, pascal),
    "GetMember": reads(GetMember, pascal),
    "DeleteMembers": reads(DeleteMembers, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateWorkspace": _WorkspaceCreated,
    "ListWorkspaces": _Workspaces,
    "GetWorkspace": _Workspace,
    "UpdateWorkspace": None,
    "DeleteWorkspace": None,
    "GetDefaultWorkspace": _DefaultWorkspace,
    "UpdateDefaultWorkspace": None,
    "CreateMember": _NewMembers,
    "ListMembers": _Members,
    "GetMember": _Member,
    "DeleteMembers": None,
}
