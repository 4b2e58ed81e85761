"""The resources of Amazon Lookout for Vision: projects, their datasets and the entries of those.

Only projects (and models) have an ARN; a dataset is identified by its project and its type.
Formats: documented (service.json, `iam`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from emulator.api import Resource, Scope


@dataclass(kw_only=True)
class Project(Resource):
    """A project; its id is its name."""

    kind: ClassVar[str] = "project"
    identifier: ClassVar[str] = "project_name"

    project_name: str
    arn: str
    tags: dict[str, str] = field(default_factory=dict)


def no_images() -> dict[str, int]:
    """Return the statistics of a dataset without images."""
    return {"total": 0, "labeled": 0, "normal": 0, "anomaly": 0}


@dataclass(kw_only=True)
class Dataset(Resource):
    """The training or the test dataset of a project; `manifest` is the S3 object it came from.

    `revision` counts what was made of its content, `stats` are those of that revision,
    `former_stats` those of the one before. `fault` says why making the revision failed.
    """

    kind: ClassVar[str] = "dataset"

    project_name: str
    dataset_type: str
    manifest: dict[str, str] | None = None
    revision: int = 0
    stats: dict[str, int] = field(default_factory=no_images)
    former_stats: dict[str, int] = field(default_factory=no_images)
    fault: str = ""

    @property
    def visible_revision(self) -> int:
        """The revision that is shown: the last one only when it is done."""
        return self.revision - 1 if self._unfinished else self.revision

    @property
    def image_stats(self) -> dict[str, int]:
        """The statistics of the revision that is shown."""
        return self.former_stats if self._unfinished else self.stats

    @property
    def status_message(self) -> str:
        """The status message; of a failure, its reason."""
        failed = self.state.phase == "failed"
        return self.fault if failed and self.fault and not self.reason else super().status_message

    @property
    def changeable(self) -> bool:
        """Whether entries can be added: the dataset exists and is not busy."""
        return not self.busy and self.state.name != "CREATE_FAILED"

    @property
    def busy(self) -> bool:
        """Whether the service still works on the dataset."""
        return self.state.phase in ("pending", "running", "deleting")

    @property
    def _unfinished(self) -> bool:
        return self.state.phase in ("pending", "running", "failed")


@dataclass(kw_only=True)
class Entry(Resource):
    """A JSON Line of a dataset, from the revision `since` to the one before `until`."""

    kind: ClassVar[str] = "entry"

    source_ref: str
    label: str | None
    line: str
    since: int
    until: int | None = None

    def is_in(self, revision: int) -> bool:
        """Return whether the entry belongs to a revision of its dataset."""
        return self.since <= revision and (self.until is None or revision < self.until)


def project_arn(scope: Scope, name: str) -> str:
    """Write `arn:aws:lookoutvision:<region>:<account>:project/<name>`."""
    return f"arn:aws:lookoutvision:{scope.region}:{scope.account}:project/{name}"


def dataset_id(project_name: str, dataset_type: str) -> str:
    """Write `<project>/<type>`, of which there is one each."""
    return f"{project_name}/{dataset_type}"
