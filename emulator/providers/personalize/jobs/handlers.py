"""The operations on jobs: each starts at once and depends only on the clock.

Nothing is fetched from S3. An uploaded file decides whether an import succeeds; without one it
succeeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from emulator.api import Call, Handler, Page, Params, Refused
from emulator.providers.personalize.avro import Record
from emulator.providers.personalize.checks import check_owner, check_ready, check_role, check_tags
from emulator.providers.personalize.jobs.resources import (
    DataDeletionJob,
    DatasetExportJob,
    DatasetImportJob,
    Job,
    jobs_of,
)
from emulator.providers.personalize.lists import page_of
from emulator.providers.personalize.resources import Dataset, DatasetGroup, Schema, arn

J = TypeVar("J", bound=Job)


def create_dataset_import_job(call: Call, params: Params) -> DatasetImportJob:
    """Start an import; it fails at the end if an uploaded file lacks columns of the schema."""
    dataset, location = _check_job(call, params, params.data_source.get("data_location"))
    missing = _missing_columns(call, dataset, location)
    job = DatasetImportJob(
        id=arn(call.scope, DatasetImportJob.kind, params.job_name),
        dataset_type=dataset.dataset_type,
        incarnation=dataset.incarnation,
        missing_columns=", ".join(missing),
        **vars(params),
    )
    lifecycle = "create_failed" if missing else "create"
    stored = call.resources.add(job, lifecycle=lifecycle, parent=jobs_of(dataset.id))
    if params.import_mode == "INCREMENTAL" and not _has_imported_before(call, stored):
        raise Refused("nothing-imported", arn=dataset.id)
    check_tags(call, params.tags)
    call.check_quota("dataset_import_jobs")
    return stored


def describe_dataset_import_job(call: Call, params: Params) -> Mapping[str, DatasetImportJob]:
    """Return an import job with its state, and why it failed."""
    return {
        "dataset_import_job": call.resources.get(DatasetImportJob, params.dataset_import_job_arn)
    }


def list_dataset_import_jobs(call: Call, params: Params) -> Page[DatasetImportJob]:
    """List import jobs, oldest first; a dataset that never existed has none."""
    return _page_of(call, DatasetImportJob, params, params.dataset_arn)


def create_dataset_export_job(call: Call, params: Params) -> DatasetExportJob:
    """Start an export; it writes nothing."""
    dataset, _ = _check_job(call, params, params.job_output["s3_data_destination"]["path"])
    job_arn = arn(call.scope, DatasetExportJob.kind, params.job_name)
    stored = call.resources.add(
        DatasetExportJob(id=job_arn, **vars(params)), parent=jobs_of(dataset.id)
    )
    check_tags(call, params.tags)
    return stored


def describe_dataset_export_job(call: Call, params: Params) -> Mapping[str, DatasetExportJob]:
    """Return an export job with its state."""
    return {
        "dataset_export_job": call.resources.get(DatasetExportJob, params.dataset_export_job_arn)
    }


def list_dataset_export_jobs(call: Call, params: Params) -> Page[DatasetExportJob]:
    """List export jobs, oldest first; a dataset that never existed has none."""
    return _page_of(call, DatasetExportJob, params, params.dataset_arn)


def create_data_deletion_job(call: Call, params: Params) -> DataDeletionJob:
    """Start a deletion; there are no records to delete."""
    check_role(call, params.role_arn)
    check_owner(call, params.dataset_group_arn)
    _location(params.data_source.get("data_location"))
    group = call.resources.get(DatasetGroup, params.dataset_group_arn)
    check_ready(group)
    job = DataDeletionJob(
        id=arn(call.scope, DataDeletionJob.kind, params.job_name),
        deletes=call.contract.rules["dataDeletion"]["numDeleted"],
        **vars(params),
    )
    parent = jobs_of(group.id)
    stored = call.resources.add(job, parent=parent)
    check_tags(call, params.tags)
    call.check_quota("data_deletion_jobs", parent=parent)
    return stored


def describe_data_deletion_job(call: Call, params: Params) -> Mapping[str, DataDeletionJob]:
    """Return a deletion job with its state and, once it has ended, what it deleted."""
    return {"data_deletion_job": call.resources.get(DataDeletionJob, params.data_deletion_job_arn)}


def list_data_deletion_jobs(call: Call, params: Params) -> Page[DataDeletionJob]:
    """List deletion jobs, newest first; a group that never existed has none."""
    return _page_of(call, DataDeletionJob, params, params.dataset_group_arn, newest_first=True)


def _page_of(
    call: Call, kind: type[J], params: Params, arn: str | None, *, newest_first: bool = False
) -> Page[J]:
    """Return a page of all jobs of a kind, or of those of a dataset or group."""
    parent = None if arn is None else jobs_of(arn)
    return page_of(call, kind, params, parent=parent, newest_first=newest_first)


def _check_job(call: Call, params: Params, path: str | None) -> tuple[Dataset, tuple[str, str]]:
    """Return the dataset of a job, and the bucket and key of its location."""
    if params.role_arn:
        check_role(call, params.role_arn)
    check_owner(call, params.dataset_arn)
    location = _location(path)
    dataset = call.resources.get(Dataset, params.dataset_arn)
    check_ready(dataset)
    return dataset, location


def _location(path: str | None) -> tuple[str, str]:
    """Read `s3://<bucket>/<key>`; the key may be a folder's, or none."""
    scheme, _, rest = (path or "").partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise Refused("not-a-location")
    return bucket, key


def _missing_columns(call: Call, dataset: Dataset, location: tuple[str, str]) -> list[str]:
    """List the fields of the schema that an uploaded CSV file lacks."""
    text = call.object(*location)
    if text is None:
        return []
    header = text.removeprefix("\ufeff").partition("\n")[0]
    columns = {name.strip().strip('"') for name in header.split(",")}
    schema = call.resources.get(Schema, dataset.schema_in_force)
    return [name for name in Record(schema.schema).types if name not in columns]


def _has_imported_before(call: Call, job: DatasetImportJob) -> bool:
    """Return whether another import into the dataset has succeeded since it was created."""
    imports = call.resources.page(
        DatasetImportJob,
        parent=jobs_of(job.dataset_arn),
        most=1,
        token=None,
        newest_first=True,
        keep=lambda other: (
            other.ready and other.id != job.id and other.incarnation == job.incarnation
        ),
    )
    return bool(imports.items)


HANDLERS: Mapping[str, Handler] = {
    "CreateDatasetImportJob": create_dataset_import_job,
    "DescribeDatasetImportJob": describe_dataset_import_job,
    "ListDatasetImportJobs": list_dataset_import_jobs,
    "CreateDatasetExportJob": create_dataset_export_job,
    "DescribeDatasetExportJob": describe_dataset_export_job,
    "ListDatasetExportJobs": list_dataset_export_jobs,
    "CreateDataDeletionJob": create_data_deletion_job,
    "DescribeDataDeletionJob": describe_data_deletion_job,
    "ListDataDeletionJobs": list_data_deletion_jobs,
}
