"""How PAI's datasets and workspaces look on the wire: Pascal case, no nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from emulator.core.wire import IsoMillis, Text, Wire, pascal, reads


class Labels(fields.Field[dict[str, str]]):
    """Labels as `[{"Key": ..., "Value": ...}]`; of two with one key the last holds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> object:
        return [{"Key": key, "Value": text} for key, text in value.items()]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> dict[str, str]:
        return {label["Key"]: label["Value"] for label in value}


class _Pascal(Wire):
    naming = staticmethod(pascal)


class _UserMetricsEndpoint(_Pascal):
    path = fields.String()
    port = fields.Integer()


def _endpoints() -> fields.List[Any]:
    return fields.List(fields.Nested(_UserMetricsEndpoint))


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request for a dataset; what is None was not sent."""

    name: str
    property: str
    data_source_type: str
    uri: str
    data_type: str
    source_type: str
    accessibility: str
    provider_type: str
    edition: str
    dry_run: bool
    labels: dict[str, str] = field(default_factory=dict, metadata={"wire": Labels()})
    source_id: str | None = None
    description: str | None = None
    workspace_id: str | None = field(default=None, metadata={"wire": Text()})
    options: str | None = None
    accessible_role_id_list: list[str] | None = None
    provider: str | None = None
    user_id: str | None = None
    source_dataset_id: str | None = None
    source_dataset_version: str | None = None
    version_description: str | None = None
    version_labels: dict[str, str] = field(default_factory=dict, metadata={"wire": Labels()})
    data_size: int | None = field(default=None, metadata={"wire": fields.Integer()})
    data_count: int | None = field(default=None, metadata={"wire": fields.Integer()})
    mount_access_read_write_role_id_list: list[str] = field(default_factory=list)
    import_info: str | None = None
    dataset_task_ram_role: str | None = None
    user_metrics_endpoints: list[dict[str, Any]] | None = field(
        default=None, metadata={"wire": _endpoints()}
    )


@dataclass(frozen=True, kw_only=True)
class GetDataset:
    """The request to see a dataset."""

    dataset_id: str


@dataclass(frozen=True, kw_only=True)
class GetWorkspace:
    """The request to see a workspace, with its owner or without."""

    workspace_id: str
    verbose: bool


@dataclass(frozen=True, kw_only=True)
class GetDefaultWorkspace:
    """The request to see the default workspace, with the stages of its creation or without."""

    verbose: bool


class _DatasetCreated(_Pascal):
    dataset_id = fields.String(attribute="id")


class _Version(_Pascal):
    version_name = fields.String()
    description = fields.String()
    data_source_type = fields.String()
    property = fields.String()
    uri = fields.String()
    options = fields.String()
    import_info = fields.String()
    source_type = fields.String()
    source_id = fields.String()
    data_size = fields.Integer()
    data_count = fields.Integer()
    labels = Labels()
    mount_access = fields.String()
    dataset_task_ram_role = fields.String()
    user_metrics_endpoints = _endpoints()
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")


class _Dataset(_Pascal):
    dataset_id = fields.String(attribute="id")
    name = fields.String()
    description = fields.String()
    workspace_id = fields.String()
    owner_id = fields.String()
    user_id = fields.String()
    data_source_type = fields.String()
    data_type = fields.String()
    property = fields.String()
    uri = fields.String()
    options = fields.String()
    import_info = fields.String()
    source_type = fields.String()
    source_id = fields.String()
    source_dataset_id = fields.String()
    source_dataset_version = fields.String()
    accessibility = fields.String()
    accessible_role_id_list = fields.Raw()
    provider_type = fields.String()
    provider = fields.String()
    edition = fields.String()
    labels = Labels()
    mount_access = fields.String()
    mount_access_read_write_role_id_list = fields.Raw()
    is_shared = fields.Boolean()
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")
    latest_version = fields.Nested(_Version)


class _Workspace(_Pascal):
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
    owner = fields.Raw()
    resource_group_id = fields.String()
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")


class _DefaultWorkspace(_Pascal):
    workspace_id = fields.String(attribute="id")
    workspace_name = fields.String()
    display_name = fields.String()
    description = fields.String()
    env_types = fields.Raw()
    status = fields.String(attribute="state.name")
    creator = fields.String()
    owner = fields.Raw()
    conditions = fields.Raw()
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDataset": reads(CreateDataset, pascal),
    "GetDataset": reads(GetDataset, pascal),
    "GetWorkspace": reads(GetWorkspace, pascal),
    "GetDefaultWorkspace": reads(GetDefaultWorkspace, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDataset": _DatasetCreated,
    "GetDataset": _Dataset,
    "GetWorkspace": _Workspace,
    "GetDefaultWorkspace": _DefaultWorkspace,
}
