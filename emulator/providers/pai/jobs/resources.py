"""The resources of jobs and their configurations; both are under their dataset."""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.api import Call, Resource

_ALPHABET = string.ascii_lowercase + string.digits
_LENGTH = 18


@dataclass(kw_only=True)
class DatasetJob(Resource):
    """A job; its number of files is fixed at creation."""

    kind: ClassVar[str] = "dataset-job"
    identifier: ClassVar[str] = "dataset_job_id"

    dataset_id: str
    workspace_id: str
    dataset_version: str
    job_action: str
    job_mode: str
    job_spec: str
    total_file_count: int
    description: str | None = None
    left: dict[str, Any] | None = None
    """Its progress when it was deleted."""

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self.state.phase in ("ready", "failed")


@dataclass(kw_only=True)
class DatasetJobConfig(Resource):
    """The configuration for jobs of a type."""

    kind: ClassVar[str] = "dataset-job-config"
    identifier: ClassVar[str] = "dataset_job_config_id"

    dataset_id: str
    workspace_id: str
    dataset_version: str
    config_type: str
    config: str


def new_id(call: Call, prefix: str, kind: type[Resource], dataset_id: str) -> str:
    """Generate the id of a job or of a configuration."""
    tail = call.identifiers.text(_ALPHABET, _LENGTH, *call.purpose(kind.kind, dataset_id))
    return f"{prefix}-{tail}"
