"""The operations on datasets in the earlier generation, one function each."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Document, Handler, NotFound, Params
from emulator.providers.coactive.handlers import (
    change_dataset,
    claim_on,
    encoder_of,
    live_dataset,
    retire_dataset,
)
from emulator.providers.coactive.lists import place_of
from emulator.providers.coactive.resources import IS_LIVE, Dataset

_MAX_COUNT = 2**60
"""A limit above any number of datasets; databases count no further."""


def create_dataset(call: Call, params: Params) -> Document:
    """Create a dataset with a name that is unique in the organization."""
    rule = call.contract.rules["earlier"]
    sampling = params.settings or {}
    dataset = Dataset(
        id=str(call.identifiers.uuid(*call.purpose(Dataset.kind, params.name))),
        name=params.name,
        description=params.description,
        created_by=call.scope.caller,
        credentials_id=params.credentials_id,
        encoders=[encoder_of(call, params.encoder or rule["encoder"])],
        keyframe_sampling_method=sampling.get("keyframe_sampling_method")
        or rule["keyframeSamplingMethod"],
        keyframe_uniform_fps_sampling_rate=sampling.get("keyframe_uniform_fps_sampling_rate"),
        metadata_fields_to_index=None,
        metadata_fields_to_embed=None,
        dataset_config=None,
        **rule["members"],
    )
    return _view(call, call.resources.add(dataset, claims=[claim_on(params.name)]))


def get_dataset(call: Call, params: Params) -> Document:
    """Return a dataset, until its deletion has finished."""
    dataset = call.resources.get(Dataset, params.dataset_id)
    if dataset.state.name == call.contract.rules["earlier"]["deleted"]:
        raise NotFound(Dataset.kind, id=params.dataset_id)
    return _view(call, dataset)


def get_datasets(call: Call, params: Params) -> Document:
    """List a page of the datasets that are not deleted."""
    skip, most = min(params.skip, _MAX_COUNT), min(params.most, _MAX_COUNT)
    found = call.resources.slice(Dataset, where=[IS_LIVE], skip=skip, most=most)
    return {
        "meta": _meta(call, params, found.total),
        "data": [_view(call, dataset) for dataset in found.items],
    }


def update_dataset(call: Call, params: Params) -> Document:
    """Change name and description if sent; null counts as absent."""
    dataset = live_dataset(call, params.dataset_id)
    changes = {"name": params.name, "description": params.description}
    return _view(call, change_dataset(call, dataset, **changes))


def delete_dataset(call: Call, params: Params) -> None:
    """Start to delete a dataset."""
    retire_dataset(call, live_dataset(call, params.dataset_id))


def _view(call: Call, dataset: Dataset) -> Document:
    """Return a dataset in the form of the earlier generation, without later encoders."""
    encoder = dataset.encoders[0]["name"]
    is_listed = encoder in call.contract.rules["encoders"]["ids"]
    return {
        **vars(dataset),
        "status": dataset.status,
        "updated_by": dataset.updated_by or dataset.created_by,
        "updated_dt": dataset.updated_dt or dataset.created_at,
        "is_deletable": dataset.state.phase != "deleting",
        "image_count": 0,
        "video_count": 0,
        **({"encoder": encoder} if is_listed else {}),
    }


def _meta(call: Call, params: Params, total: int) -> Document:
    rule = call.contract.rules["earlier"]
    place = place_of(params, total)
    offset, limit = params.skip, params.most
    last = max(0, place["last_page"] - 1) * limit
    offsets = {
        "prev": max(0, min(offset - limit, last)) if offset else None,
        "next": offset + limit if offset + limit < total else None,
        "first": 0,
        "last": last,
    }
    return {
        "page": place,
        "links": {
            name: None if start is None else f"{rule['datasets']}?offset={start}&limit={limit}"
            for name, start in offsets.items()
        },
        "sort": [rule["sort"]],
    }


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDataset": get_dataset,
    "GetDatasets": get_datasets,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
}
