"""The operations of Coactive AI, one function each.

A deleted dataset stays, for callers that list deleted ones; its name is free again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import Call, Document, Handler, NotFound, Params
from emulator.providers.coactive.lists import find_datasets, place_of
from emulator.providers.coactive.resources import LIVE, Dataset, Encoder

_CHANGEABLE = ("description", "store_original", "store_preview", "dataset_config")


def create_dataset(call: Call, params: Params) -> Dataset:
    """Create a dataset, active at once, with a name that is unique in the organization."""
    dataset = Dataset(
        id=params.dataset_id
        or str(call.identifiers.uuid(*call.purpose(Dataset.kind, params.name))),
        name=params.name,
        created_by=call.scope.caller,
        encoders=[encoder_of(call, params.encoder_name)],
        description=params.description,
        allowed_asset_types=params.allowed_asset_types,
        keyframe_sampling_method=params.keyframe_sampling_method,
        keyframe_uniform_fps_sampling_rate=params.keyframe_uniform_fps_sampling_rate,
        store_original=params.store_original,
        store_preview=params.store_preview,
        metadata_fields_to_index=params.metadata_fields_to_index,
        metadata_fields_to_embed=params.metadata_fields_to_embed,
        dataset_config=params.dataset_config,
    )
    return call.resources.add(dataset, claims=[claim_on(params.name)])


def get_dataset(call: Call, params: Params) -> Dataset:
    """Return a dataset with its state; a deleted one only on request."""
    if params.include_deleted:
        return call.resources.get(Dataset, params.dataset_id)
    return live_dataset(call, params.dataset_id)


def get_datasets(call: Call, params: Params) -> Document:
    """List a page of the datasets that pass every filter, oldest first."""
    found = find_datasets(call, params)
    return {"meta": {"page": place_of(params, found.total)}, "data": found.items}


def update_dataset(call: Call, params: Params) -> Dataset:
    """Change the members that were sent; null counts as absent."""
    dataset = live_dataset(call, params.dataset_id)
    changes = {name: getattr(params, name) for name in _CHANGEABLE}
    return change_dataset(call, dataset, name=params.name, status=params.status, **changes)


def delete_dataset(call: Call, params: Params) -> Dataset:
    """Start to delete a dataset."""
    return retire_dataset(call, live_dataset(call, params.dataset_id))


def get_dataset_config(call: Call, params: Params) -> Document:
    """Return the configuration of a dataset, with members of the dataset itself."""
    dataset = live_dataset(call, params.dataset_id)
    config = dataset.dataset_config or {}
    fields = {
        name: getattr(dataset, name) if config.get(name) is None else config[name]
        for name in ("metadata_fields_to_embed", "metadata_fields_to_index")
    }
    return {
        **call.contract.rules["config"]["defaults"],
        **config,
        **fields,
        "dataset_id": dataset.id,
    }


def list_available_encoders(call: Call, params: Params) -> Sequence[Document]:
    """List the encoders, those for audio as well."""
    modalities = call.contract.rules["availableEncoders"]["modalities"]
    return [
        {"name": name, "description": None, "modality": modality}
        for name, modality in modalities.items()
    ]


def change_dataset(
    call: Call, dataset: Dataset, *, name: str | None, status: str | None = None, **changes: object
) -> Dataset:
    """Set new values of a dataset that are not None; raises `AlreadyExists` for its name."""
    changed = {member: value for member, value in changes.items() if value is not None}
    if not changed and name is None and status is None:
        return dataset
    if name not in (None, dataset.name):
        call.resources.claim(dataset, claim_on(name))
        call.resources.release(dataset, claim_on(dataset.name))
        dataset.name = name
    for member, value in changed.items():
        setattr(dataset, member, value)
    dataset.commanded = status or dataset.commanded
    dataset.updated_dt, dataset.updated_by = call.now, call.scope.caller
    return call.resources.change(dataset, lifecycle=status)


def retire_dataset(call: Call, dataset: Dataset) -> Dataset:
    """Start to delete a dataset and release its name."""
    dataset.deleted_dt, dataset.deleted_by = call.now, call.scope.caller
    call.resources.release(dataset, claim_on(dataset.name))
    call.resources.remove(dataset)
    return call.resources.get(Dataset, dataset.id)


def encoder_of(call: Call, name: str) -> Encoder:
    """Return the visible members of an encoder."""
    rule = call.contract.rules["encoders"]
    return {
        "id": rule["ids"][name],
        "name": name,
        "modality": rule["modality"],
        "modalities": rule["modalities"],
    }


def live_dataset(call: Call, dataset_id: str) -> Dataset:
    """Return a dataset that is neither deleted nor being deleted; raises `NotFound`."""
    dataset = call.resources.get(Dataset, dataset_id)
    if dataset.life != LIVE:
        raise NotFound(Dataset.kind, id=dataset_id)
    return dataset


def claim_on(name: str) -> str:
    """Return the claim that makes a name unique."""
    return f"dataset-name/{name}"


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDatasets": get_datasets,
    "GetDataset": get_dataset,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
    "GetDatasetConfig": get_dataset_config,
    "ListAvailableEncoders": list_available_encoders,
}
