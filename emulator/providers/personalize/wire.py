"""How Amazon Personalize's datasets look on the wire: lower camel case, no nulls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import fields

from emulator.core.wire import JavaSeconds, Wire, reads
from emulator.providers.personalize.resources import Tag


@dataclass(frozen=True, kw_only=True)
class CreateSchema:
    """The request to keep an Avro schema under a name."""

    name: str
    schema: str
    domain: str | None = None


@dataclass(frozen=True, kw_only=True)
class CreateDatasetGroup:
    """The request for a dataset group."""

    name: str
    role_arn: str | None = None
    kms_key_arn: str | None = None
    domain: str | None = None
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request for a dataset in a group."""

    name: str
    schema_arn: str
    dataset_group_arn: str
    dataset_type: str
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DescribeSchema:
    """The request to see a schema."""

    schema_arn: str


@dataclass(frozen=True, kw_only=True)
class DescribeDatasetGroup:
    """The request to see a dataset group."""

    dataset_group_arn: str


@dataclass(frozen=True, kw_only=True)
class DescribeDataset:
    """The request to see a dataset."""

    dataset_arn: str


class _Schema(Wire):
    name = fields.String()
    schema_arn = fields.String(attribute="id")
    schema = fields.String()
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    domain = fields.String()


class _DatasetGroup(Wire):
    name = fields.String()
    dataset_group_arn = fields.String(attribute="id")
    status = fields.String(attribute="state.name")
    role_arn = fields.String()
    kms_key_arn = fields.String()
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    domain = fields.String()


class _Dataset(Wire):
    name = fields.String()
    dataset_arn = fields.String(attribute="id")
    dataset_group_arn = fields.String()
    dataset_type = fields.String()
    schema_arn = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
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


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateSchema": reads(CreateSchema),
    "DescribeSchema": reads(DescribeSchema),
    "CreateDatasetGroup": reads(CreateDatasetGroup),
    "DescribeDatasetGroup": reads(DescribeDatasetGroup),
    "CreateDataset": reads(CreateDataset),
    "DescribeDataset": reads(DescribeDataset),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateSchema": _SchemaCreated,
    "DescribeSchema": _SchemaDescribed,
    "CreateDatasetGroup": _DatasetGroupCreated,
    "DescribeDatasetGroup": _DatasetGroupDescribed,
    "CreateDataset": _DatasetCreated,
    "DescribeDataset": _DatasetDescribed,
}
