"""The wire format of Amazon Personalize's datasets: lower camel case, no nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import fields

from emulator.api import JavaSeconds, Wire, reads
from emulator.providers.personalize.resources import Tag


@dataclass(frozen=True, kw_only=True)
class CreateSchema:
    """The request to create an Avro schema."""

    name: str
    schema: str
    domain: str | None = None


@dataclass(frozen=True, kw_only=True)
class CreateDatasetGroup:
    """The request to create a dataset group."""

    name: str
    role_arn: str | None = None
    kms_key_arn: str | None = None
    domain: str | None = None
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request to create a dataset in a group."""

    name: str
    schema_arn: str
    dataset_group_arn: str
    dataset_type: str
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DescribeSchema:
    """The request to get a schema."""

    schema_arn: str


@dataclass(frozen=True, kw_only=True)
class DescribeDatasetGroup:
    """The request to get a dataset group."""

    dataset_group_arn: str


@dataclass(frozen=True, kw_only=True)
class DescribeDataset:
    """The request to get a dataset."""

    dataset_arn: str


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The page of a list."""

    next_token: str | None = None
    max_results: int | None = field(default=None, metadata={"wire": fields.Integer()})


@dataclass(frozen=True, kw_only=True)
class ListDatasets(Listing):
    """The request to list datasets, those of a group or all."""

    dataset_group_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateDataset:
    """The request to create another schema of a dataset."""

    dataset_arn: str
    schema_arn: str


@dataclass(frozen=True, kw_only=True)
class DeleteSchema:
    """The request to delete a schema."""

    schema_arn: str


@dataclass(frozen=True, kw_only=True)
class DeleteDatasetGroup:
    """The request to delete a dataset group."""

    dataset_group_arn: str


@dataclass(frozen=True, kw_only=True)
class DeleteDataset:
    """The request to delete a dataset."""

    dataset_arn: str


@dataclass(frozen=True, kw_only=True)
class TagResource:
    """The request to tag a resource."""

    resource_arn: str
    tags: list[Tag]


@dataclass(frozen=True, kw_only=True)
class UntagResource:
    """The request to remove tags of a resource."""

    resource_arn: str
    tag_keys: list[str]


@dataclass(frozen=True, kw_only=True)
class ListTagsForResource:
    """The request to get the tags of a resource."""

    resource_arn: str


class _SchemaSummary(Wire):
    name = fields.String()
    schema_arn = fields.String(attribute="id")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()
    domain = fields.String()


class _DatasetGroupSummary(Wire):
    name = fields.String()
    dataset_group_arn = fields.String(attribute="id")
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()
    domain = fields.String()


class _DatasetSummary(Wire):
    name = fields.String()
    dataset_arn = fields.String(attribute="id")
    dataset_type = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")


class _DatasetUpdate(Wire):
    schema_arn = fields.String()
    status = fields.String()
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")


class _Schema(Wire):
    name = fields.String()
    schema_arn = fields.String(attribute="id")
    schema = fields.String()
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()
    domain = fields.String()


class _DatasetGroup(Wire):
    name = fields.String()
    dataset_group_arn = fields.String(attribute="id")
    status = fields.String(attribute="state.name")
    role_arn = fields.String()
    kms_key_arn = fields.String()
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()
    domain = fields.String()


class _Dataset(Wire):
    name = fields.String()
    dataset_arn = fields.String(attribute="id")
    dataset_group_arn = fields.String()
    dataset_type = fields.String()
    schema_arn = fields.String(attribute="schema_in_force")
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    latest_dataset_update = fields.Nested(_DatasetUpdate, attribute="latest_update")
    tracking_id = fields.String()


class _SchemaCreated(Wire):
    schema_arn = fields.String(attribute="id")


class _DatasetGroupCreated(Wire):
    dataset_group_arn = fields.String(attribute="id")
    domain = fields.String()


class _DatasetCreated(Wire):
    dataset_arn = fields.String(attribute="id")


class _SchemaDescribed(Wire):
    schema = fields.Nested(_Schema)


class _DatasetGroupDescribed(Wire):
    dataset_group = fields.Nested(_DatasetGroup)


class _DatasetDescribed(Wire):
    dataset = fields.Nested(_Dataset)


class _DatasetUpdated(Wire):
    dataset_arn = fields.String(attribute="id")


class _SchemasListed(Wire):
    schemas = fields.Nested(_SchemaSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


class _DatasetGroupsListed(Wire):
    dataset_groups = fields.Nested(_DatasetGroupSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


class _DatasetsListed(Wire):
    datasets = fields.Nested(_DatasetSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


class _Tags(Wire):
    tags = fields.List(fields.Raw())


class _Nothing(Wire):
    """An output of no members, `{}`."""


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateSchema": reads(CreateSchema),
    "DescribeSchema": reads(DescribeSchema),
    "ListSchemas": reads(Listing),
    "DeleteSchema": reads(DeleteSchema),
    "CreateDatasetGroup": reads(CreateDatasetGroup),
    "DescribeDatasetGroup": reads(DescribeDatasetGroup),
    "ListDatasetGroups": reads(Listing),
    "DeleteDatasetGroup": reads(DeleteDatasetGroup),
    "CreateDataset": reads(CreateDataset),
    "DescribeDataset": reads(DescribeDataset),
    "ListDatasets": reads(ListDatasets),
    "UpdateDataset": reads(UpdateDataset),
    "DeleteDataset": reads(DeleteDataset),
    "TagResource": reads(TagResource),
    "UntagResource": reads(UntagResource),
    "ListTagsForResource": reads(ListTagsForResource),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateSchema": _SchemaCreated,
    "DescribeSchema": _SchemaDescribed,
    "ListSchemas": _SchemasListed,
    "DeleteSchema": None,
    "CreateDatasetGroup": _DatasetGroupCreated,
    "DescribeDatasetGroup": _DatasetGroupDescribed,
    "ListDatasetGroups": _DatasetGroupsListed,
    "DeleteDatasetGroup": None,
    "CreateDataset": _DatasetCreated,
    "DescribeDataset": _DatasetDescribed,
    "ListDatasets": _DatasetsListed,
    "UpdateDataset": _DatasetUpdated,
    "DeleteDataset": None,
    "TagResource": _Nothing,
    "UntagResource": _Nothing,
    "ListTagsForResource": _Tags,
}
