"""How Amazon Lookout for Vision's datasets look on the wire: Pascal case, no nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import fields

from emulator.core.wire import JavaSeconds, Spelling, Wire, pascal, reads


@dataclass(frozen=True, kw_only=True)
class CreateProject:
    """The request for a project."""

    project_name: str


@dataclass(frozen=True, kw_only=True)
class DescribeProject:
    """The request to see a project and its datasets."""

    project_name: str


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request for a dataset in a project, empty or from a manifest."""

    project_name: str
    dataset_type: str
    dataset_source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def manifest(self) -> dict[str, str] | None:
        """The S3 object that holds the manifest, if the source names one."""
        manifest: Mapping[str, Any] = self.dataset_source.get("GroundTruthManifest", {})
        return manifest.get("S3Object")


@dataclass(frozen=True, kw_only=True)
class DescribeDataset:
    """The request to see a dataset."""

    project_name: str
    dataset_type: str


class _PascalWire(Wire):
    naming: ClassVar[Spelling] = pascal


class _ProjectMetadata(_PascalWire):
    project_arn = fields.String(attribute="arn")
    project_name = fields.String(attribute="id")
    creation_timestamp = JavaSeconds(attribute="created_at")


class _DatasetMetadata(_PascalWire):
    dataset_type = fields.String()
    creation_timestamp = JavaSeconds(attribute="created_at")
    status = fields.String(attribute="state.name")
    status_message = fields.String(attribute="state.message")


class _ProjectDescription(_ProjectMetadata):
    datasets = fields.Nested(_DatasetMetadata, many=True)


class _ImageStats(_PascalWire):
    total = fields.Integer()
    labeled = fields.Integer()
    normal = fields.Integer()
    anomaly = fields.Integer()


class _DatasetDescription(_PascalWire):
    project_name = fields.String()
    dataset_type = fields.String()
    creation_timestamp = JavaSeconds(attribute="created_at")
    last_updated_timestamp = JavaSeconds(attribute="updated_at")
    status = fields.String(attribute="state.name")
    status_message = fields.String(attribute="state.message")
    image_stats = fields.Nested(_ImageStats)


class _ProjectCreated(_PascalWire):
    project_metadata = fields.Nested(_ProjectMetadata)


class _ProjectDescribed(_PascalWire):
    project_description = fields.Nested(_ProjectDescription)


class _DatasetCreated(_PascalWire):
    dataset_metadata = fields.Nested(_DatasetMetadata)


class _DatasetDescribed(_PascalWire):
    dataset_description = fields.Nested(_DatasetDescription)


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateProject": reads(CreateProject, pascal),
    "DescribeProject": reads(DescribeProject, pascal),
    "CreateDataset": reads(CreateDataset, pascal),
    "DescribeDataset": reads(DescribeDataset, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateProject": _ProjectCreated,
    "DescribeProject": _ProjectDescribed,
    "CreateDataset": _DatasetCreated,
    "DescribeDataset": _DatasetDescribed,
}
