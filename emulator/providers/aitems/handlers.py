"""The operations on datasets, one function each.

The order of the checks is inferred: fields, existence of the dataset, existence of the schema, its
type, uniqueness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.api import Call, Document, Handler, InUse, Params, Refused
from emulator.providers.aitems.checks import check_state, rename
from emulator.providers.aitems.data import has_invalid_data
from emulator.providers.aitems.resources import Dataset, Schema, new_id


def create_dataset(call: Call, params: Params) -> Dataset:
    """Create a dataset of an existing schema, under a name no other dataset has."""
    _check_schema(call, params)
    dataset = Dataset(id=new_id(call, Dataset.kind, params.name), **vars(params))
    lifecycle = _reading_lifecycle(call, dataset)
    return call.resources.add(dataset, lifecycle=lifecycle, claims=[dataset.claim])


def get_dataset_list(call: Call, params: Params) -> Document:
    """List datasets, newest first."""
    found = call.resources.span(Dataset, skip=params.skip, most=params.most, newest_first=True)
    return {"datasets": found, **vars(params)}


def get_dataset(call: Call, params: Params) -> Dataset:
    """Return a dataset with its state and the services that use it."""
    return call.resources.get(Dataset, params.dataset_id)


def edit_dataset(call: Call, params: Params) -> Dataset:
    """Change a dataset; other data starts a new reading."""
    dataset = _changeable(call, params.dataset_id)
    _check_schema(call, params)
    edited = replace(
        dataset,
        type=params.type,
        name=params.name,
        description=dataset.description if params.description is None else params.description,
        schema_name=params.schema_name,
        os_info=params.os_info,
        updated_at=call.now,
    )
    rename(call, dataset, edited)
    lifecycle = None if edited.source == dataset.source else _reading_lifecycle(call, edited)
    return call.resources.change(edited, lifecycle=lifecycle)


def edit_dataset_description(call: Call, params: Params) -> Dataset:
    """Change the description of a dataset."""
    dataset = _changeable(call, params.dataset_id)
    edited = replace(dataset, description=params.content, updated_at=call.now)
    return call.resources.change(edited)


def delete_dataset(call: Call, params: Params) -> None:
    """Delete a dataset."""
    dataset = _changeable(call, params.dataset_id)
    if dataset.connections and not call.contract.rules["deletes"]["whileInUse"]:
        raise InUse(dataset.kind, id=dataset.id)
    call.resources.remove(dataset)


def _changeable(call: Call, dataset_id: str) -> Dataset:
    dataset = call.resources.get(Dataset, dataset_id)
    check_state(dataset, "deleting")
    return dataset


def _check_schema(call: Call, params: Params) -> None:
    schema = call.resources.get(Schema, params.schema_name)
    if schema.dataset_type != params.type:
        raise Refused("other-type", schema=schema.name, type=params.type)


def _reading_lifecycle(call: Call, dataset: Dataset) -> str:
    """Return the lifecycle of a dataset that reads its data."""
    return "create_failed" if has_invalid_data(call, dataset) else "create"


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDatasetList": get_dataset_list,
    "GetDataset": get_dataset,
    "EditDataset": edit_dataset,
    "EditDatasetDescription": edit_dataset_description,
    "DeleteDataset": delete_dataset,
}
