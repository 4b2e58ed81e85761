"""What jobs are: each runs once, and stays in the lists when it has ended.

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
    """What all jobs have; the name is unique among jobs of the kind."""

    job_name: str
    role_arn: str | None = None
    tags: list[Tag] = field(default_factory=list)

    @property
    def failure_reason(self) -> str | None:
        """What is said of a failure, if the job has failed: what was ordered, or is usual."""
        if self.state.phase != "failed":
            return None
        return self.reason or str(fill(self.state.message, self.facts())) or None


def jobs_of(arn: str) -> str:
    """Name the place of the jobs of a dataset or group; unlike that one, it is never deleted."""
    return f"jobs of {arn}"


@dataclass(kw_only=True)
class DatasetImportJob(Job):
    """An import of CSV data into a dataset."""

    kind: ClassVar[str] = "dataset-import-job"

    dataset_arn: str
    dataset_type: str
    data_source: Mapping[str, str]
    import_mode: str
    publish_attribution_metrics_to_s3: bool | None = None
    incarnation: str = ""
    """That of the dataset."""
    missing_columns: str = ""
    """Fields of the schema, comma-separated, that the data does not have."""


@dataclass(kw_only=True)
class DatasetExportJob(Job):
    """An export of a dataset's data."""

    kind: ClassVar[str] = "dataset-export-job"

    dataset_arn: str
    ingestion_mode: str
    job_output: Mapping[str, Mapping[str, str]]


@dataclass(kw_only=True)
class DataDeletionJob(Job):
    """A deletion of all that a dataset group knows of some users."""

    kind: ClassVar[str] = "data-deletion-job"

    dataset_group_arn: str
    data_source: Mapping[str, str]
    deletes: int
    """How many records will be gone in the end."""

    @property
    def num_deleted(self) -> int | None:
        """How many records are gone, once the job has ended well."""
        return self.deletes if self.ready else None
