"""What Coactive AI does with datasets beyond the plain verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import (
    Call,
    Check,
    Document,
    Handler,
    NotFound,
    Params,
    Resource,
    create,
    fill,
    named,
    update,
)
from emulator.providers.coactive.lists import get_datasets
from emulator.providers.coactive.resources import LIVE


def create_dataset(call: Call, params: Params) -> Resource:
    """Create a dataset, active at once, with a name that is unique in the organization."""
    return create(call, params, **encoder_of(call, params.encoder_name))


def update_dataset(call: Call, params: Params) -> Resource:
    """Change the members that were sent; null counts as absent."""
    sent = {name for name, value in vars(params).items() if value is not None}
    if sent == {"dataset_id"}:
        return named(call, params)
    dataset = update(call, params, updated_dt=call.now, updated_by=call.scope.caller)
    if "commanded" in sent:
        return call.resources.change(dataset, lifecycle=params.commanded)
    return dataset


def delete_dataset(call: Call, params: Params) -> Resource:
    """Start to delete a dataset; its name is free at once."""
    dataset = named(call, params)
    dataset.deleted_dt, dataset.deleted_by = call.now, call.scope.caller
    for text in call.contract.kinds[dataset.kind].unique:
        call.resources.release(dataset, fill(text, vars(dataset)))
    return call.resources.change(dataset, lifecycle="delete")


def get_dataset_config(call: Call, params: Params) -> Document:
    """Return the configuration of a dataset; its own members stand for those without a value."""
    dataset = named(call, params)
    config = {**call.contract.rules["config"]["defaults"], **(dataset.dataset_config or {})}
    own = {name: value for name, value in vars(dataset).items() if config.get(name) is None}
    return {**config, **own}


def list_available_encoders(call: Call, params: Params) -> Sequence[Document]:
    """List the encoders, those for audio as well."""
    modalities = call.contract.rules["availableEncoders"]["modalities"]
    return [
        {"name": name, "description": None, "modality": modality}
        for name, modality in modalities.items()
    ]


def encoder_of(call: Call, name: str) -> Document:
    """Return the members of a dataset that say what its encoder is, in each generation."""
    rule = call.contract.rules["encoders"]
    encoder = {
        "id": rule["ids"][name],
        "name": name,
        "modality": rule["modality"],
        "modalities": rule["modalities"],
    }
    return {"encoders": [encoder], "encoder": None if name in rule["later"] else name}


def check_live(call: Call, params: Params) -> None:
    """Reject a deleted dataset, unless the request includes those."""
    dataset = call.get("dataset", params.dataset_id)
    if dataset.life != LIVE and not getattr(params, "include_deleted", False):
        raise NotFound(dataset.kind, id=dataset.id)


CHECKS: Mapping[str, Check] = {"live": check_live}

HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDatasets": get_datasets,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
    "GetDatasetConfig": get_dataset_config,
    "ListAvailableEncoders": list_available_encoders,
}
