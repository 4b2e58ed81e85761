"""The wire format of Amazon Lookout for Vision's datasets: Pascal case, no nulls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import fields

from emulator.api import JavaSeconds, Spelling, Time, Wire, pascal, reads

LARGEST_PAGE = 100
"""Entries of a list page, unless the request asks for fewer (modelled)."""


@dataclass(frozen=True, kw_only=True)
class CreateProject:
    """The request to create a project."""

    project_name: str


@dataclass(frozen=True, kw_only=True)
class ListProjects:
    """The request to list a page of projects."""

    max_results: int = LARGEST_PAGE
    next_token: str | None = None


@dataclass(frozen=True, kw_only=True)
class DescribeProject:
    """The request to get a project and its datasets."""

    project_name: str


@dataclass(frozen=True, kw_only=True)
class DeleteProject:
    """The request to remove a project."""

    project_name: str


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request to create a dataset in a project, empty or from a manifest."""

    project_name: str
    dataset_type: str
    dataset_source: Mapping[str, Any] = field(default_factory=dict)

    @property
    def manifest(self) -> dict[str, str] | None:
        """The S3 object that holds the manifest, if the source names one."""
        manifest: Mapping[str, Any] = self.dataset_source.get("GroundTruthManifest", {})
        return manifest.get("S3Object")


@dataclass(frozen=True, kw_only=True)
class OfDataset:
    """A request that names a dataset that exists."""

    project_name: str
    dataset_type: str


@dataclass(frozen=True, kw_only=True)
class DescribeDataset(OfDataset):
    """The request to get a dataset."""


@dataclass(frozen=True, kw_only=True)
class DeleteDataset(OfDataset):
    """The request to remove a dataset."""


@dataclass(frozen=True, kw_only=True)
class UpdateDatasetEntries(OfDataset):
    """The request to add images to a dataset: JSON Lines in base64."""

    changes: str


@dataclass(frozen=True, kw_only=True)
class ListDatasetEntries(OfDataset):
    """The request to list a page of the entries that fit every filter given."""

    labeled: bool | None = None
    anomaly_class: str | None = None
    before_creation_date: int | None = field(default=None, metadata={"wire": Time()})
    after_creation_date: int | None = field(default=None, metadata={"wire": Time()})
    source_ref_contains: str | None = None
    max_results: int = LARGEST_PAGE
    next_token: str | None = None


@dataclass(frozen=True, kw_only=True)
class TagResource:
    """The request to tag the resource of an ARN."""

    resource_arn: str
    tags: Sequence[Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class UntagResource:
    """The request to remove tags of the resource of an ARN."""

    resource_arn: str
    tag_keys: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class ListTagsForResource:
    """The request to list the tags of the resource of an ARN."""

    resource_arn: str


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
    status_message = fields.String()


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
    status_message = fields.String()
    image_stats = fields.Nested(_ImageStats)


class _ProjectCreated(_PascalWire):
    project_metadata = fields.Nested(_ProjectMetadata)


class _ProjectDescribed(_PascalWire):
    project_description = fields.Nested(_ProjectDescription)


class _ProjectsListed(_PascalWire):
    projects = fields.Nested(_ProjectMetadata, many=True)
    next_token = fields.String()


class _ProjectDeleted(_PascalWire):
    project_arn = fields.String()


class _DatasetCreated(_PascalWire):
    dataset_metadata = fields.Nested(_DatasetMetadata)


class _DatasetDescribed(_PascalWire):
    dataset_description = fields.Nested(_DatasetDescription)


class _EntriesUpdated(_PascalWire):
    status = fields.String()


class _EntriesListed(_PascalWire):
    dataset_entries = fields.List(fields.String())
    next_token = fields.String()


class _Tag(_PascalWire):
    key = fields.String()
    value = fields.String()


class _TagsListed(_PascalWire):
    tags = fields.Nested(_Tag, many=True)


class _Nothing(_PascalWire):
    """A response without members: `{}`."""


REQUESTS: Mapping[str, type[Wire]] = {
    request.__name__: reads(request, pascal)
    for request in (
        CreateProject,
        ListProjects,
        DescribeProject,
        DeleteProject,
        CreateDataset,
        DescribeDataset,
        DeleteDataset,
        UpdateDatasetEntries,
        ListDatasetEntries,
        TagResource,
        UntagResource,
        ListTagsForResource,
    )
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateProject": _ProjectCreated,
    "ListProjects": _ProjectsListed,
    "DescribeProject": _ProjectDescribed,
    "DeleteProject": _ProjectDeleted,
    "CreateDataset": _DatasetCreated,
    "DescribeDataset": _DatasetDescribed,
    "DeleteDataset": _Nothing,
    "UpdateDatasetEntries": _EntriesUpdated,
    "ListDatasetEntries": _EntriesListed,
    "TagResource": _Nothing,
    "UntagResource": _Nothing,
    "ListTagsForResource": _TagsListed,
}
