"""The wire format of jobs and their configurations: times without milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from emulator.api import Text, Wire, clock, pascal, reads
from emulator.providers.pai.wire import Pascal


class _IsoSeconds(fields.Field[int]):
    """Microseconds as `2026-04-01T08:00:00Z`."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str | None:
        return None if value is None else f"{clock.to_iso(value)[:19]}Z"


@dataclass(frozen=True, kw_only=True)
class CreateDatasetJob:
    """The request to create a job."""

    dataset_id: str
    workspace_id: str = field(metadata={"wire": Text()})
    job_action: str
    job_mode: str
    job_spec: str
    dataset_version: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListDatasetJobs:
    """The request to list jobs; None does not filter."""

    dataset_id: str
    page_number: int
    page_size: int
    order: str
    with_logs: bool
    workspace_id: str | None = None
    dataset_version: str | None = None
    job_action: str | None = None
    status: str | None = None
    sort_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class NamedJob:
    """The request to see, stop or remove a job."""

    dataset_id: str
    dataset_job_id: str
    workspace_id: str | None = field(default=None, metadata={"wire": Text()})
    dataset_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class UpdateDatasetJob(NamedJob):
    """The request to change the description of a job."""

    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class CreateDatasetJobConfig:
    """The request to store the configuration for jobs of a type."""

    dataset_id: str
    workspace_id: str = field(metadata={"wire": Text()})
    config_type: str
    config: str
    dataset_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListDatasetJobConfigs:
    """The request to list configurations; None does not filter."""

    dataset_id: str
    page_number: int
    page_size: int
    workspace_id: str | None = None
    dataset_version: str | None = None
    config_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class NamedConfig:
    """The request to get or remove a configuration."""

    dataset_id: str
    dataset_job_config_id: str
    workspace_id: str | None = field(default=None, metadata={"wire": Text()})


@dataclass(frozen=True, kw_only=True)
class UpdateDatasetJobConfig(NamedConfig):
    """The request to change a configuration; None leaves a member unchanged."""

    config_type: str | None = None
    config: str | None = None


class _JobCreated(Pascal):
    dataset_job_id = fields.String(attribute="id")


class _ListedJob(Pascal):
    dataset_job_id = fields.String(attribute="id")
    workspace_id = fields.String()
    dataset_version = fields.String()
    description = fields.String()
    job_action = fields.String()
    job_mode = fields.String()
    job_spec = fields.String()
    status = fields.String(attribute="state.name")
    total_file_count = fields.Integer()
    completed_file_count = fields.Integer()
    failed_file_count = fields.Integer()
    logs = fields.Raw()
    create_time = _IsoSeconds(attribute="created_at")
    finish_time = _IsoSeconds()


class _Jobs(Pascal):
    dataset_jobs = fields.List(fields.Nested(_ListedJob))
    total_count = fields.Integer()


class _Job(_ListedJob):
    """A single job, without the members that the request names."""

    class Meta(Wire.Meta):
        exclude = ("dataset_job_id", "workspace_id", "dataset_version")


class _ConfigCreated(Pascal):
    dataset_job_config_id = fields.String(attribute="id")


class _ListedConfig(Pascal):
    dataset_job_config_id = fields.String(attribute="id")
    workspace_id = fields.String()
    dataset_version = fields.String()
    config_type = fields.String()
    config = fields.String()
    create_time = _IsoSeconds(attribute="created_at")
    modify_time = _IsoSeconds(attribute="updated_at")


class _Configs(Pascal):
    dataset_job_configs = fields.List(fields.Nested(_ListedConfig))
    total_count = fields.Integer()


class _Config(Pascal):
    dataset_id = fields.String()
    workspace_id = fields.String()
    config_type = fields.String()
    config = fields.String()
    create_time = _IsoSeconds(attribute="created_at")
    modify_time = _IsoSeconds(attribute="updated_at")


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDatasetJob": reads(CreateDatasetJob, pascal),
    "ListDatasetJobs": reads(ListDatasetJobs, pascal),
    "GetDatasetJob": reads(NamedJob, pascal),
    "UpdateDatasetJob": reads(UpdateDatasetJob, pascal),
    "DeleteDatasetJob": reads(NamedJob, pascal),
    "StopDatasetJob": reads(NamedJob, pascal),
    "CreateDatasetJobConfig": reads(CreateDatasetJobConfig, pascal),
    "ListDatasetJobConfigs": reads(ListDatasetJobConfigs, pascal),
    "GetDatasetJobConfig": reads(NamedConfig, pascal),
    "UpdateDatasetJobConfig": reads(UpdateDatasetJobConfig, pascal),
    "DeleteDatasetJobConfig": reads(NamedConfig, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDatasetJob": _JobCreated,
    "ListDatasetJobs": _Jobs,
    "GetDatasetJob": _Job,
    "UpdateDatasetJob": None,
    "DeleteDatasetJob": None,
    "StopDatasetJob": None,
    "CreateDatasetJobConfig": _ConfigCreated,
    "ListDatasetJobConfigs": _Configs,
    "GetDatasetJobConfig": _Config,
    "UpdateDatasetJobConfig": None,
    "DeleteDatasetJobConfig": None,
}
