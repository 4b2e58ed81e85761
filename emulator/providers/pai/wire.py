"""How PAI's datasets look on the wire: Pascal case, no nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from emulator.api import IsoMillis, Text, Wire, pascal, reads


class Labels(fields.Field[dict[str, str]]):
    """Labels as `[{"Key": ..., "Value": ...}]`; of two with one key the last holds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> object:
        return [{"Key": key, "Value": text} for key, text in value.items()]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> dict[str, str]:
        return {label["Key"]: label["Value"] for label in value}


class Texts(fields.Field[list[str]]):
    """Texts with commas between them; empty ones do not count."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> list[str]:
        return [text for text in value.split(",") if text]


class Pascal(Wire):
    """PAI's naming."""

    naming = staticmethod(pascal)


class _UserMetricsEndpoint(Pascal):
    path = fields.String()
    port = fields.Integer()


def endpoints() -> fields.List[Any]:
    """Make the field for where metrics of users are taken from."""
    return fields.List(fields.Nested(_UserMetricsEndpoint))


class _Share(Pascal):
    """A share of a dataset; the service adds the last four members."""

    tenant_id = fields.String()
    workspace_id = fields.String()
    allowed_mount_access_levels = fields.Raw()
    expires_at = fields.String()
    extra = fields.String()
    is_secure_mode = fields.Boolean()
    shared_at = IsoMillis(dump_only=True)
    source_tenant_id = fields.String(dump_only=True)
    source_workspace_id = fields.String(dump_only=True)
    status = fields.String(dump_only=True)


class _SharingConfig(Pascal):
    shared_to = fields.List(fields.Nested(_Share))


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
        default=None, metadata={"wire": endpoints()}
    )


@dataclass(frozen=True, kw_only=True)
class NamedDataset:
    """The request to see, publish or delete a dataset."""

    dataset_id: str


@dataclass(frozen=True, kw_only=True)
class ListDatasets:
    """The request for a page of datasets; an empty filter does not filter."""

    page_number: int
    page_size: int
    order: str
    sort_by: str
    workspace_id: str = ""
    name: str = ""
    label: str = ""
    dataset_ids: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    data_source_types: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    data_types: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    properties: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    source_types: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    source_id: str = ""
    source_dataset_id: str = ""
    accessibility: str = ""
    edition: str = ""
    provider: str = ""
    share_scope: str = ""


@dataclass(frozen=True, kw_only=True)
class UpdateDataset:
    """The request to change a dataset; what is None stays."""

    dataset_id: str
    name: str | None = None
    description: str | None = None
    options: str | None = None
    accessibility: str | None = None
    accessible_role_id_list: list[str] | None = None
    edition: str | None = None
    mount_access_read_write_role_id_list: list[str] | None = None
    sharing_config: dict[str, list[dict[str, Any]]] = field(
        default_factory=dict, metadata={"wire": fields.Nested(_SharingConfig)}
    )


@dataclass(frozen=True, kw_only=True)
class CreateDatasetLabels:
    """The request to add labels to a dataset, or to change them."""

    dataset_id: str
    labels: dict[str, str] = field(default_factory=dict, metadata={"wire": Labels()})


@dataclass(frozen=True, kw_only=True)
class DeleteDatasetLabels:
    """The request to take labels off a dataset."""

    dataset_id: str
    label_keys: list[str] = field(default_factory=list, metadata={"wire": Texts()})


class _DatasetCreated(Pascal):
    dataset_id = fields.String(attribute="id")


class Version(Pascal):
    """A version, as datasets and lists show it."""

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
    user_metrics_endpoints = endpoints()
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")


class _Dataset(Pascal):
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
    sharing_config = fields.Nested(_SharingConfig)
    gmt_create_time = IsoMillis(attribute="created_at")
    gmt_modified_time = IsoMillis(attribute="updated_at")
    latest_version = fields.Nested(Version)


class _Datasets(Pascal):
    datasets = fields.List(fields.Nested(_Dataset, exclude=("provider",)))
    total_count = fields.Integer()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDataset": reads(CreateDataset, pascal),
    "ListDatasets": reads(ListDatasets, pascal),
    "GetDataset": reads(NamedDataset, pascal),
    "UpdateDataset": reads(UpdateDataset, pascal),
    "DeleteDataset": reads(NamedDataset, pascal),
    "PublishDataset": reads(NamedDataset, pascal),
    "CreateDatasetLabels": reads(CreateDatasetLabels, pascal),
    "DeleteDatasetLabels": reads(DeleteDatasetLabels, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDataset": _DatasetCreated,
    "ListDatasets": _Datasets,
    "GetDataset": _Dataset,
    "UpdateDataset": None,
    "DeleteDataset": None,
    "PublishDataset": None,
    "CreateDatasetLabels": None,
    "DeleteDatasetLabels": None,
}
