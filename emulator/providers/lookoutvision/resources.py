"""What exists in Amazon Lookout for Vision: projects and their datasets.

Only projects (and models) have an ARN; a dataset is named by its project and its type.
Formats: documented (service.json, `iam`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from emulator.core.call import Scope
from emulator.core.resources import Resource


@dataclass(kw_only=True)
class Project(Resource):
    """A project; its id is its name."""

    kind: ClassVar[str] = "project"

    arn: str


@dataclass(kw_only=True)
class Dataset(Resource):
    """The training or the test dataset of a project; `manifest` is the S3 object it came from."""

    kind: ClassVar[str] = "dataset"

    project_name: str
    dataset_type: str
    manifest: dict[str, str] | None = None
    image_stats: dict[str, int] = field(
        default_factory=lambda: {"total": 0, "labeled": 0, "normal": 0, "anomaly": 0}
    )


def project_arn(scope: Scope, name: str) -> str:
    """Write `arn:aws:lookoutvision:<region>:<account>:project/<name>`."""
    return f"arn:aws:lookoutvision:{scope.region}:{scope.account}:project/{name}"


def dataset_id(project_name: str, dataset_type: str) -> str:
    """Write `<project>/<type>`, of which there is one each."""
    return f"{project_name}/{dataset_type}"
