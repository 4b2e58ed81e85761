"""The wire format of versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from emulator.api import Wire, pascal, reads
from emulator.providers.pai.wire import Labels, Pascal, Texts, Version, endpoints


@dataclass(frozen=True, kw_only=True)
class CreateDatasetVersion:
    """The request to create a version; None was not sent."""

    dataset_id: str
    data_source_type: str
    property: str
    uri: str
    source_type: str
    dry_run: bool
    description: str | None = None
    labels: dict[str, str] = field(default_factory=dict, metadata={"wire": Labels()})
    options: str | None = None
    import_info: str | None = None
    source_id: str | None = None
    data_size: int | None = field(default=None, metadata={"wire": fields.Integer()})
    data_count: int | None = field(default=None, metadata={"wire": fields.Integer()})
    dataset_task_ram_role: str | None = None
    user_metrics_endpoints: list[dict[str, Any]] | None = field(
        default=None, metadata={"wire": endpoints()}
    )


@dataclass(frozen=True, kw_only=True)
class ListDatasetVersions:
    """The request to list a page of the versions of a dataset."""

    dataset_id: str
    page_number: int
    page_size: int
    order: str
    sort_by: str
    label_keys: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    label_values: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    properties: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    source_types: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    source_id: str = ""


@dataclass(frozen=True, kw_only=True)
class NamedVersion:
    """The request to get or delete a version."""

    dataset_id: str
    version_name: str


@dataclass(frozen=True, kw_only=True)
class UpdateDatasetVersion:
    """The request to change a version; None leaves a member unchanged."""

    dataset_id: str
    version_name: str
    description: str | None = None
    options: str | None = None
    data_size: int | None = field(default=None, metadata={"wire": fields.Integer()})
    data_count: int | None = field(default=None, metadata={"wire": fields.Integer()})
    dataset_task_ram_role: str | None = None
    user_metrics_endpoints: list[dict[str, Any]] | None = field(
        default=None, metadata={"wire": endpoints()}
    )


@dataclass(frozen=True, kw_only=True)
class CreateDatasetVersionLabels:
    """The request to add labels to a version, or to change them."""

    dataset_id: str
    version_name: str
    labels: dict[str, str] = field(default_factory=dict, metadata={"wire": Labels()})


@dataclass(frozen=True, kw_only=True)
class DeleteDatasetVersionLabels:
    """The request to remove labels of a version."""

    dataset_id: str
    version_name: str
    keys: list[str] = field(default_factory=list, metadata={"wire": Texts()})


class _VersionCreated(Pascal):
    version_name = fields.String()


class _Versions(Pascal):
    dataset_versions = fields.List(fields.Nested(Version))
    page_number = fields.Integer()
    page_size = fields.Integer()
    total_count = fields.Integer()


class _VersionOfDataset(Version):
    dataset_id = fields.String()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDatasetVersion": reads(CreateDatasetVersion, pascal),
    "ListDatasetVersions": reads(ListDatasetVersions, pascal),
    "GetDatasetVersion": reads(NamedVersion, pascal),
    "UpdateDatasetVersion": reads(UpdateDatasetVersion, pascal),
    "DeleteDatasetVersion": reads(NamedVersion, pascal),
    "CreateDatasetVersionLabels": reads(CreateDatasetVersionLabels, pascal),
    "DeleteDatasetVersionLabels": reads(DeleteDatasetVersionLabels, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDatasetVersion": _VersionCreated,
    "ListDatasetVersions": _Versions,
    "GetDatasetVersion": _VersionOfDataset,
    "UpdateDatasetVersion": None,
    "DeleteDatasetVersion": None,
    "CreateDatasetVersionLabels": None,
    "DeleteDatasetVersionLabels": None,
}
