"""The wire format of jobs: full in a description, short in a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import fields

from emulator.api import JavaSeconds, Wire, reads
from emulator.providers.personalize.resources import Tag
from emulator.providers.personalize.wire import Listing


class _DataSource(Wire):
    data_location = fields.String()


class _S3DataConfig(Wire):
    path = fields.String()
    kms_key_arn = fields.String()


class _JobOutput(Wire):
    s3_data_destination = fields.Nested(_S3DataConfig)


@dataclass(frozen=True, kw_only=True)
class CreateDatasetImportJob:
    """The request to import data into a dataset."""

    job_name: str
    dataset_arn: str
    data_source: Mapping[str, str] = field(metadata={"wire": fields.Nested(_DataSource)})
    role_arn: str | None = None
    tags: list[Tag] = field(default_factory=list)
    import_mode: str = "FULL"
    publish_attribution_metrics_to_s3: bool | None = None


@dataclass(frozen=True, kw_only=True)
class CreateDatasetExportJob:
    """The request to export the data of a dataset."""

    job_name: str
    dataset_arn: str
    role_arn: str
    job_output: Mapping[str, Mapping[str, str]] = field(
        metadata={"wire": fields.Nested(_JobOutput)}
    )
    ingestion_mode: str = "PUT"
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class CreateDataDeletionJob:
    """The request to delete the records of some users."""

    job_name: str
    dataset_group_arn: str
    data_source: Mapping[str, str] = field(metadata={"wire": fields.Nested(_DataSource)})
    role_arn: str
    tags: list[Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class DescribeDatasetImportJob:
    """The request to get an import job."""

    dataset_import_job_arn: str


@dataclass(frozen=True, kw_only=True)
class DescribeDatasetExportJob:
    """The request to get an export job."""

    dataset_export_job_arn: str


@dataclass(frozen=True, kw_only=True)
class DescribeDataDeletionJob:
    """The request to get a deletion job."""

    data_deletion_job_arn: str


@dataclass(frozen=True, kw_only=True)
class ListJobsOfDataset(Listing):
    """The request to list import or export jobs, those of a dataset or all."""

    dataset_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListDataDeletionJobs(Listing):
    """The request to list deletion jobs, those of a dataset group or all."""

    dataset_group_arn: str | None = None


class _ImportJob(Wire):
    job_name = fields.String()
    dataset_import_job_arn = fields.String(attribute="id")
    dataset_arn = fields.String()
    data_source = fields.Nested(_DataSource)
    role_arn = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()
    import_mode = fields.String()
    publish_attribution_metrics_to_s3 = fields.Boolean()


class _ImportJobSummary(Wire):
    dataset_import_job_arn = fields.String(attribute="id")
    job_name = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()
    import_mode = fields.String()


class _ExportJob(Wire):
    job_name = fields.String()
    dataset_export_job_arn = fields.String(attribute="id")
    dataset_arn = fields.String()
    ingestion_mode = fields.String()
    role_arn = fields.String()
    status = fields.String(attribute="state.name")
    job_output = fields.Nested(_JobOutput)
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()


class _ExportJobSummary(Wire):
    dataset_export_job_arn = fields.String(attribute="id")
    job_name = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()


class _DeletionJob(Wire):
    job_name = fields.String()
    data_deletion_job_arn = fields.String(attribute="id")
    dataset_group_arn = fields.String()
    data_source = fields.Nested(_DataSource)
    role_arn = fields.String()
    status = fields.String(attribute="state.name")
    num_deleted = fields.Integer()
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()


class _DeletionJobSummary(Wire):
    data_deletion_job_arn = fields.String(attribute="id")
    dataset_group_arn = fields.String()
    job_name = fields.String()
    status = fields.String(attribute="state.name")
    creation_date_time = JavaSeconds(attribute="created_at")
    last_updated_date_time = JavaSeconds(attribute="updated_at")
    failure_reason = fields.String()


class _ImportJobCreated(Wire):
    dataset_import_job_arn = fields.String(attribute="id")


class _ExportJobCreated(Wire):
    dataset_export_job_arn = fields.String(attribute="id")


class _DeletionJobCreated(Wire):
    data_deletion_job_arn = fields.String(attribute="id")


class _ImportJobDescribed(Wire):
    dataset_import_job = fields.Nested(_ImportJob)


class _ExportJobDescribed(Wire):
    dataset_export_job = fields.Nested(_ExportJob)


class _DeletionJobDescribed(Wire):
    data_deletion_job = fields.Nested(_DeletionJob)


class _ImportJobsListed(Wire):
    dataset_import_jobs = fields.Nested(_ImportJobSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


class _ExportJobsListed(Wire):
    dataset_export_jobs = fields.Nested(_ExportJobSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


class _DeletionJobsListed(Wire):
    data_deletion_jobs = fields.Nested(_DeletionJobSummary, many=True, attribute="items")
    next_token = fields.String(attribute="token")


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDatasetImportJob": reads(CreateDatasetImportJob),
    "DescribeDatasetImportJob": reads(DescribeDatasetImportJob),
    "ListDatasetImportJobs": reads(ListJobsOfDataset),
    "CreateDatasetExportJob": reads(CreateDatasetExportJob),
    "DescribeDatasetExportJob": reads(DescribeDatasetExportJob),
    "ListDatasetExportJobs": reads(ListJobsOfDataset),
    "CreateDataDeletionJob": reads(CreateDataDeletionJob),
    "DescribeDataDeletionJob": reads(DescribeDataDeletionJob),
    "ListDataDeletionJobs": reads(ListDataDeletionJobs),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDatasetImportJob": _ImportJobCreated,
    "DescribeDatasetImportJob": _ImportJobDescribed,
    "ListDatasetImportJobs": _ImportJobsListed,
    "CreateDatasetExportJob": _ExportJobCreated,
    "DescribeDatasetExportJob": _ExportJobDescribed,
    "ListDatasetExportJobs": _ExportJobsListed,
    "CreateDataDeletionJob": _DeletionJobCreated,
    "DescribeDataDeletionJob": _DeletionJobDescribed,
    "ListDataDeletionJobs": _DeletionJobsListed,
}
