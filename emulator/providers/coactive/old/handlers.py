"""What happens to datasets in the earlier generation: one short function per operation."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Document, Handler, NotFound
from emulator.providers.coactive.handlers import (
    change_dataset,
    claim_on,
    encoder_of,
    live_dataset,
    retire_dataset,
)
from emulator.providers.coactive.old import wire
from emulator.providers.coactive.resources import IS_LIVE, Dataset

_MOST = 2**60
"""More datasets than there are; databases count no further than about this."""


def create_dataset(call: Call, params: wire.CreateDataset) -> Document:
    """Keep a dataset under a name that is unique in the organization."""
    rule = call.contract.rules["earlier"]
    sampling = params.settings or {}
    dataset = Dataset(
        id=str(call.identifiers.uuid(*call.purpose(Dataset.kind, params.name))),
        name=params.name,
        description=params.description,
        created_by=call.scope.caller,
        credentials_id=params.credentials_id,
        encoders=[encoder_of(call, params.encoder or rule["encoder"])],
        keyframe_sampling_method=sampling.get("keyframeSamplingMethod")
        or rule["keyframeSamplingMethod"],
        keyframe_uniform_fps_sampling_rate=sampling.get("keyframeUniformFpsSamplingRate"),
        metadata_fields_to_index=None,
        metadata_fields_to_embed=None,
        dataset_config=None,
        **rule["members"],
    )
    return _shown(call, call.resources.add(dataset, claims=[claim_on(params.name)]))


def get_dataset(call: Call, params: wire.OneDataset) -> Document:
    """Show a dataset, until its deletion is over."""
    dataset = call.resources.get(Dataset, params.dataset_id)
    if dataset.state.name == call.contract.rules["earlier"]["deleted"]:
        raise NotFound(Dataset.kind, id=params.dataset_id)
    return _shown(call, dataset)


def get_datasets(call: Call, params: wire.GetDatasets) -> Document:
    """List a page of the datasets that are not deleted."""
    skip, most = min(params.offset, _MOST), min(params.limit, _MOST)
    found = call.resources.slice(Dataset, where=[IS_LIVE], skip=skip, most=most)
    return {
        "meta": _meta(call, params, found.total),
        "data": [_shown(call, dataset) for dataset in found.items],
    }


def update_dataset(call: Call, params: wire.UpdateDataset) -> Document:
    """Change name and description where they were sent; null is as good as nothing."""
    dataset = live_dataset(call, params.dataset_id)
    changes = {"name": params.name, "description": params.description}
    return _shown(call, change_dataset(call, dataset, **changes))


def delete_dataset(call: Call, params: wire.OneDataset) -> None:
    """Let a dataset begin to be deleted."""
    retire_dataset(call, live_dataset(call, params.dataset_id))


def _shown(call: Call, dataset: Dataset) -> Document:
    """Show a dataset as the earlier generation knows it: without encoders that are later's."""
    encoder = dataset.encoders[0]["name"]
    known = encoder in call.contract.rules["encoders"]["ids"]
    return {
        **vars(dataset),
        "updated_by": dataset.updated_by or dataset.created_by,
        "updated_dt": dataset.updated_dt or dataset.created_at,
        "is_deletable": dataset.state.means != "deleting",
        "image_count": 0,
        "video_count": 0,
        **({"encoder": encoder} if known else {}),
    }


def _meta(call: Call, params: wire.GetDatasets, total: int) -> Document:
    rule = call.contract.rules["earlier"]
    offset, limit, pages = params.offset, params.limit, -(-total // params.limit)
    last = max(0, pages - 1) * limit
    begins = {
        "prev": max(0, min(offset - limit, last)) if offset else None,
        "next": offset + limit if offset + limit < total else None,
        "first": 0,
        "last": last,
    }
    return {
        "page": {
            "current_page": offset // limit + 1,
            "last_page": pages,
            "limit": limit,
            "offset": offset,
            "total": total,
        },
        "links": {
            name: None if begin is None else f"{rule['datasets']}?offset={begin}&limit={limit}"
            for name, begin in begins.items()
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
