"""Finds the dataset and the version a request names."""

from __future__ import annotations

from emulator.api import Call, NotFound, Params, Refused
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.versions.resources import FIRST, DatasetVersion, version_name
from emulator.providers.pai.viewpoint import visible_dataset
from emulator.providers.pai.workspaces.resources import Workspace


def resolve_dataset(call: Call, params: Params, action: str) -> Dataset:
    """Return a dataset that the caller can see.

    Raises `NotFound`, also for one of another workspace.
    """
    dataset, _ = visible_dataset(call, params.dataset_id, action)
    if params.workspace_id and params.workspace_id != dataset.workspace_id:
        call.resources.get(Workspace, params.workspace_id)
        raise NotFound(Dataset.kind, id=dataset.id)
    return dataset


def dataset_with_files(call: Call, params: Params, action: str) -> Dataset:
    """Return a dataset whose edition supports files."""
    dataset = resolve_dataset(call, params, action)
    if dataset.edition == "BASIC":
        raise Refused("no-file-metas")
    return dataset


def resolve_version(call: Call, dataset: Dataset, name: str | None) -> DatasetVersion:
    """Return a version of a dataset, by default the first; raises `NotFound`."""
    return call.resources.get(DatasetVersion, f"{dataset.id}/{name or version_name(FIRST)}")
