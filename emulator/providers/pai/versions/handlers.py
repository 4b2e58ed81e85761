"""The operations on versions of datasets, one function each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from emulator.api import Call, Document, Handler, Params, Refused
from emulator.providers.pai.labels import add_labels, delete_labels
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.versions.resources import (
    FIRST,
    DatasetVersion,
    version_id,
    version_name,
)
from emulator.providers.pai.viewpoint import visible_dataset

_ORDERS = {
    "GmtCreateTime": "created_at",
    "GmtModifiedTime": "updated_at",
    "SourceType": "source_type",
    "DataSourceType": "data_source_type",
    "Property": "property",
    "DataSize": "data_size",
    "DataCount": "data_count",
}


def create_dataset_version(call: Call, params: Params) -> DatasetVersion | Document:
    """Create the next version of a dataset; a number is never used twice."""
    dataset, _ = visible_dataset(call, params.dataset_id, "CreateDatasetVersion")
    if params.data_source_type != dataset.data_source_type:
        raise Refused("other-data-source-type")
    if params.dry_run:
        return {}
    dataset.newest = dataset.highest = dataset.highest + 1
    call.resources.change(dataset)
    return add_version(call, dataset, vars(params))


def list_dataset_versions(call: Call, params: Params) -> Document:
    """List the versions of a dataset, a page at a time."""
    dataset, viewer = visible_dataset(call, params.dataset_id, "ListDatasetVersions")
    versions = call.resources.children(DatasetVersion, dataset.id)
    matching = [version for version in versions if _matches(version, params)]
    matching.sort(
        key=lambda v: _sort_key(v, _ORDERS[params.sort_by]), reverse=params.order == "DESC"
    )
    first = (params.page - 1) * params.most
    page = matching[first : first + params.most]
    return {
        "dataset_versions": [viewer.show_version(dataset, version) for version in page],
        "page": params.page,
        "most": params.most,
        "total": len(matching),
    }


def get_dataset_version(call: Call, params: Params) -> Document:
    """Return a version."""
    dataset, viewer = visible_dataset(call, params.dataset_id, "GetDatasetVersion")
    return viewer.show_version(dataset, _version(call, dataset, params.version_name))


def update_dataset_version(call: Call, params: Params) -> None:
    """Change the sent members; the options of the first version are also those of its dataset."""
    dataset, _ = visible_dataset(call, params.dataset_id, "UpdateDatasetVersion")
    version = _version(call, dataset, params.version_name)
    for name, value in members_of(DatasetVersion, vars(params)).items():
        if value is not None:
            setattr(version, name, value)
    call.resources.change(version, lifecycle="update")
    if version.number == FIRST and params.options is not None:
        dataset.options = params.options
        call.resources.change(dataset, lifecycle="update")


def delete_dataset_version(call: Call, params: Params) -> None:
    """Delete a version other than the first; the newest remaining one becomes the newest."""
    dataset, _ = visible_dataset(call, params.dataset_id, "DeleteDatasetVersion")
    version = _version(call, dataset, params.version_name)
    if version.number == FIRST:
        raise Refused("first-version")
    call.resources.remove(version)
    if version.number == dataset.newest:
        remaining = call.resources.children(DatasetVersion, dataset.id)
        dataset.newest = max(other.number for other in remaining)
        call.resources.change(dataset)


def create_dataset_version_labels(call: Call, params: Params) -> None:
    """Add labels to a version; the dataset keeps its own."""
    dataset, _ = visible_dataset(call, params.dataset_id, "CreateDatasetVersionLabels")
    add_labels(call, _version(call, dataset, params.version_name), params.labels)


def delete_dataset_version_labels(call: Call, params: Params) -> None:
    """Remove labels of a version; the dataset keeps its own."""
    dataset, _ = visible_dataset(call, params.dataset_id, "DeleteDatasetVersionLabels")
    delete_labels(call, _version(call, dataset, params.version_name), params.keys)


def add_version(call: Call, dataset: Dataset, values: Mapping[str, Any]) -> DatasetVersion:
    """Store a new version of a dataset, with the number in its `newest`."""
    members = {
        **members_of(DatasetVersion, values),
        "id": version_id(dataset.id, dataset.newest),
        "number": dataset.newest,
        "version_name": version_name(dataset.newest),
    }
    return call.resources.add(DatasetVersion(**members), parent=dataset.id)


def members_of(kind: type[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a resource with the same names as the parameters."""
    return {member.name: values[member.name] for member in fields(kind) if member.name in values}


def _version(call: Call, dataset: Dataset, name: str) -> DatasetVersion:
    """Return a version by its name; raises `NotFound`."""
    return call.resources.get(DatasetVersion, f"{dataset.id}/{name}")


def _matches(version: DatasetVersion, params: Params) -> bool:
    return (
        version.property in (params.properties or [version.property])
        and version.source_type in (params.source_types or [version.source_type])
        and version.source_id == (params.source_id or version.source_id)
        and _contains_one(version.labels, params.label_keys)
        and _contains_one(version.labels.values(), params.label_values)
    )


def _contains_one(texts: Any, parts: list[str]) -> bool:
    """Return whether any part occurs in any text, or there are no parts."""
    return not parts or any(part in text for text in texts for part in parts)


def _sort_key(version: DatasetVersion, member: str) -> tuple[bool, Any, int]:
    """Return a sort key by a member; None comes first, ties by number."""
    value = getattr(version, member)
    return value is not None, value, version.number


HANDLERS: Mapping[str, Handler] = {
    "CreateDatasetVersion": create_dataset_version,
    "ListDatasetVersions": list_dataset_versions,
    "GetDatasetVersion": get_dataset_version,
    "UpdateDatasetVersion": update_dataset_version,
    "DeleteDatasetVersion": delete_dataset_version,
    "CreateDatasetVersionLabels": create_dataset_version_labels,
    "DeleteDatasetVersionLabels": delete_dataset_version_labels,
}
