"""The resources of jobs: each runs once and stays in the lists.

Formats of ARNs: service.json, `notebook2023` and `authorization`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from emulator.api import Resource, fill
from emulator.providers.personalize.resources import Tag


@dataclass(kw_only=True)
class Job(Resource):
    """The members of all jobs; the name is unique among jobs of the kind."""

    job_name: str
    role_arn: str | None = None
    tags: list[Tag] = field(default_factory=list)

    @property
    def failure_reason(self) -> str | None:
        """The failure reason, if the job has failed: the given one, else the default."""
        if self.state.phase != "failed":
            return None
        return self.reason or str(fill(self.state.message, self.facts())) or None


def jobs_of(arn: str) -> str:
    """Return the parent of the jobs of a dataset or group, which is never deleted."""
    return f"jobs of {arn}"


@dataclass(kw_only=True)
class DatasetImportJob(Job):
    """An import of CSV data into a dataset."""

    kind: ClassVar[str] = "dataset-import-job"
    identifier: ClassVar[str] = "dataset_import_job_arn"

    dataset_arn: str
    dataset_type: str
    data_source: Mapping[str, str]
    import_mode: str
    publish_attribution_metrics_to_s3: bool | None = None
    incarnation: str = ""
    """The incarnation of the dataset."""
    missing_columns: str = ""
    """Fields of the schema, comma-separated, that the data lack."""


@dataclass(kw_only=True)
class DatasetExportJob(Job):
    """An export of a dataset's data."""

    kind: ClassVar[str] = "dataset-export-job"
    identifier: ClassVar[str] = "dataset_export_job_arn"

    dataset_arn: str
    ingestion_mode: str
    job_output: Mapping[str, Mapping[str, str]]


@dataclass(kw_only=True)
class DataDeletionJob(Job):
    """A deletion of the records of some users in a dataset group."""

    kind: ClassVar[str] = "data-deletion-job"
    identifier: ClassVar[str] = "data_deletion_job_arn"

    dataset_group_arn: str
    data_source: Mapping[str, str]
    deletes: int
    """Number of records that will be deleted."""

    @property
    def num_deleted(self) -> int | None:
        """Number of deleted records, once the job has succeeded."""
        return self.deletes if self.ready else None
