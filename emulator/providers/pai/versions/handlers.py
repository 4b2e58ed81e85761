"""What happens to the versions of datasets: one short function per operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from emulator.api import Call, Document, Handler, Refused
from emulator.providers.pai.labels import add_labels, delete_labels
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.versions import wire
from emulator.providers.pai.versions.resources import (
    FIRST,
    DatasetVersion,
    version_id,
    version_name,
)
from emulator.providers.pai.viewpoint import dataset_seen

_ORDERS = {
    "GmtCreateTime": "created_at",
    "GmtModifiedTime": "updated_at",
    "SourceType": "source_type",
    "DataSourceType": "data_source_type",
    "Property": "property",
    "DataSize": "data_size",
    "DataCount": "data_count",
}


def create_dataset_version(
    call: Call, params: wire.CreateDatasetVersion
) -> DatasetVersion | Document:
    """Make the next version of a dataset; a number is never used twice."""
    dataset, _ = dataset_seen(call, params.dataset_id, "CreateDatasetVersion")
    if params.data_source_type != dataset.data_source_type:
        raise Refused("other-data-source-type")
    if params.dry_run:
        return {}
    dataset.newest = dataset.highest = dataset.highest + 1
    call.resources.change(dataset)
    return add_version(call, dataset, vars(params))


def list_dataset_versions(call: Call, params: wire.ListDatasetVersions) -> Document:
    """List the versions of a dataset, a page at a time."""
    dataset, here = dataset_seen(call, params.dataset_id, "ListDatasetVersions")
    versions = call.resources.children(DatasetVersion, dataset.id)
    fitting = [version for version in versions if _fits(version, params)]
    fitting.sort(key=lambda v: _place(v, _ORDERS[params.sort_by]), reverse=params.order == "DESC")
    begin = (params.page_number - 1) * params.page_size
    page = fitting[begin : begin + params.page_size]
    return {
        "dataset_versions": [here.show_version(dataset, version) for version in page],
        "page_number": params.page_number,
        "page_size": params.page_size,
        "total_count": len(fitting),
    }


def get_dataset_version(call: Call, params: wire.NamedVersion) -> Document:
    """Show a version."""
    dataset, here = dataset_seen(call, params.dataset_id, "GetDatasetVersion")
    return here.show_version(dataset, _version(call, dataset, params.version_name))


def update_dataset_version(call: Call, params: wire.UpdateDatasetVersion) -> None:
    """Change what was sent; the options of the first version are those of its dataset, too."""
    dataset, _ = dataset_seen(call, params.dataset_id, "UpdateDatasetVersion")
    version = _version(call, dataset, params.version_name)
    for name, value in members_of(DatasetVersion, vars(params)).items():
        if value is not None:
            setattr(version, name, value)
    call.resources.change(version, lifecycle="update")
    if version.number == FIRST and params.options is not None:
        dataset.options = params.options
        call.resources.change(dataset, lifecycle="update")


def delete_dataset_version(call: Call, params: wire.NamedVersion) -> None:
    """Delete a version that is not the first; the newest of the others becomes the newest."""
    dataset, _ = dataset_seen(call, params.dataset_id, "DeleteDatasetVersion")
    version = _version(call, dataset, params.version_name)
    if version.number == FIRST:
        raise Refused("first-version")
    call.resources.remove(version)
    if version.number == dataset.newest:
        left = call.resources.children(DatasetVersion, dataset.id)
        dataset.newest = max(other.number for other in left)
        call.resources.change(dataset)


def create_dataset_version_labels(call: Call, params: wire.CreateDatasetVersionLabels) -> None:
    """Add labels to a version; the dataset keeps its own."""
    dataset, _ = dataset_seen(call, params.dataset_id, "CreateDatasetVersionLabels")
    add_labels(call, _version(call, dataset, params.version_name), params.labels)


def delete_dataset_version_labels(call: Call, params: wire.DeleteDatasetVersionLabels) -> None:
    """Take labels off a version; the dataset keeps its own."""
    dataset, _ = dataset_seen(call, params.dataset_id, "DeleteDatasetVersionLabels")
    delete_labels(call, _version(call, dataset, params.version_name), params.keys)


def add_version(call: Call, dataset: Dataset, wished: Mapping[str, Any]) -> DatasetVersion:
    """Store the version that a dataset calls its newest."""
    members = {
        **members_of(DatasetVersion, wished),
        "id": version_id(dataset.id, dataset.newest),
        "number": dataset.newest,
        "version_name": version_name(dataset.newest),
    }
    return call.resources.add(DatasetVersion(**members), parent=dataset.id)


def members_of(kind: type[Any], wished: Mapping[str, Any]) -> dict[str, Any]:
    """Give the members a resource has under the same names as the wish for it."""
    return {member.name: wished[member.name] for member in fields(kind) if member.name in wished}


def _version(call: Call, dataset: Dataset, name: str) -> DatasetVersion:
    """Find a version by its name; raises `NotFound`."""
    return call.resources.get(DatasetVersion, f"{dataset.id}/{name}")


def _fits(version: DatasetVersion, params: wire.ListDatasetVersions) -> bool:
    return (
        version.property in (params.properties or [version.property])
        and version.source_type in (params.source_types or [version.source_type])
        and version.source_id == (params.source_id or version.source_id)
        and _contains_one(version.labels, params.label_keys)
        and _contains_one(version.labels.values(), params.label_values)
    )


def _contains_one(texts: Any, parts: list[str]) -> bool:
    """Tell whether one of the parts is in one of the texts, or there is none to look for."""
    return not parts or any(part in text for text in texts for part in parts)


def _place(version: DatasetVersion, member: str) -> tuple[bool, Any, int]:
    """Order by a member; what has none comes first, what has the same by number."""
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
