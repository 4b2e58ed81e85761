"""What PAI does with versions of datasets beyond the plain verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from emulator.api import (
    Call,
    Document,
    Handler,
    Invalid,
    Params,
    Refused,
    Resource,
    create,
    named,
    references,
    update,
)
from emulator.providers.pai.viewpoint import FIRST, seen

_ORDERS = {
    "GmtCreateTime": "created_at",
    "GmtModifiedTime": "updated_at",
    "SourceType": "source_type",
    "DataSourceType": "data_source_type",
    "Property": "property",
    "DataSize": "data_size",
    "DataCount": "data_count",
}
"""Orders of the list and their attributes."""


def create_dataset_version(call: Call, params: Params) -> Resource | Document:
    """Create the next version of a dataset; a number is never used twice."""
    found = references(call, params)
    dataset = found["dataset_id"]
    if params.data_source_type != dataset.data_source_type:
        raise Refused("other-data-source-type")
    _check_source(call, params)
    if params.dry_run:
        return {}
    dataset.newest = dataset.highest = dataset.highest + 1
    call.resources.change(dataset)
    return create(call, params, found, number=dataset.newest)


def list_dataset_versions(call: Call, params: Params) -> Document:
    """List the versions of a dataset, a page at a time."""
    dataset, viewer = seen(call, params)
    versions = call.list("dataset-version", parent=dataset.id).items
    matching = [version for version in versions if _matches(version, params)]
    order = _ORDERS[params.sort_by]
    matching.sort(key=lambda each: _sort_key(each, order), reverse=params.order == "DESC")
    first = (params.page - 1) * params.most
    page = matching[first : first + params.most]
    return {
        "dataset_versions": [viewer.show_version(dataset, version) for version in page],
        "page": params.page,
        "most": params.most,
        "total": len(matching),
    }


def get_dataset_version(call: Call, params: Params) -> Resource:
    """Return a version."""
    dataset, viewer = seen(call, params)
    return viewer.show_version(dataset, named(call, params))


def update_dataset_version(call: Call, params: Params) -> None:
    """Change the sent members; those of the first version are also those of its dataset."""
    version = update(call, params)
    if version.number == FIRST:
        dataset = call.get("dataset", params.dataset_id)
        if params.options is not None:
            dataset.options = params.options
        call.resources.change(dataset, lifecycle="update")


def delete_dataset_version(call: Call, params: Params) -> None:
    """Delete a version other than the first; the newest remaining one becomes the newest."""
    version = named(call, params)
    if version.number == FIRST:
        raise Refused("first-version")
    call.resources.remove(version)
    dataset = call.get("dataset", params.dataset_id)
    if version.number == dataset.newest:
        remaining = call.list("dataset-version", parent=dataset.id).items
        dataset.newest = max(other.number for other in remaining)
        call.resources.change(dataset)


def _check_source(call: Call, params: Params) -> None:
    """Reject what `CreateDataset` rejects of a data source.

    Not in the schema of the request: the type of the data source is compared first.
    """
    sent = {
        "Name": "v",
        "Property": params.property,
        "DataSourceType": params.data_source_type,
        "Uri": params.uri,
        "ImportInfo": params.import_info,
    }
    document = {name: value for name, value in sent.items() if value is not None}
    violations = call.contract.operations["CreateDataset"].request.violations(document)
    if violations:
        raise Invalid(violations)


def _matches(version: Resource, params: Params) -> bool:
    return (
        version.property in (params.properties or [version.property])
        and version.source_type in (params.source_types or [version.source_type])
        and version.source_id == (params.source_id or version.source_id)
        and _contains_one(version.labels, params.label_keys)
        and _contains_one(version.labels.values(), params.label_values)
    )


def _contains_one(texts: Iterable[str], parts: Sequence[str]) -> bool:
    """Return whether any part occurs in any text, or there are no parts."""
    return not parts or any(part in text for text in texts for part in parts)


def _sort_key(version: Resource, attribute: str) -> tuple[bool, object, int]:
    """Return a sort key by an attribute; None comes first, ties by number."""
    value = getattr(version, attribute)
    return value is not None, value, version.number


HANDLERS: Mapping[str, Handler] = {
    "CreateDatasetVersion": create_dataset_version,
    "ListDatasetVersions": list_dataset_versions,
    "GetDatasetVersion": get_dataset_version,
    "UpdateDatasetVersion": update_dataset_version,
    "DeleteDatasetVersion": delete_dataset_version,
}
