"""The resource of versions of datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.providers.pai.resources import Labelled

FIRST = 1
"""The number of the version that is created and deleted with its dataset."""


@dataclass(kw_only=True)
class DatasetVersion(Labelled):
    """A version of a dataset, its parent."""

    kind: ClassVar[str] = "dataset-version"

    number: int
    version_name: str
    data_source_type: str
    property: str
    uri: str
    source_type: str
    description: str | None = None
    options: str | None = None
    import_info: str | None = None
    source_id: str | None = None
    data_size: int | None = None
    data_count: int | None = None
    dataset_task_ram_role: str | None = None
    user_metrics_endpoints: list[dict[str, Any]] | None = None


def version_name(number: int) -> str:
    """Write `v<number>`."""
    return f"v{number}"


def version_id(dataset_id: str, number: int) -> str:
    """Return the id of a version."""
    return f"{dataset_id}/{version_name(number)}"
