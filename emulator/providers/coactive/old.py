"""What the earlier generation of Coactive AI's API does beyond the plain verbs.

It has camelCase, `datasetId` and other states; the vendor's client for Python uses it. Both
generations share the same datasets.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Check, Document, Handler, NotFound, Params, Resource, create
from emulator.providers.coactive.handlers import (
    check_live,
    delete_dataset,
    encoder_of,
    update_dataset,
)
from emulator.providers.coactive.lists import IS_LIVE, page_of_datasets


def create_dataset(call: Call, params: Params) -> Resource:
    """Create a dataset with a name that is unique in the organization."""
    encoder = params.encoder or call.contract.rules["earlier"]["encoder"]
    settings = params.settings or {}
    sampling = {name: value for name, value in settings.items() if value is not None}
    return create(call, params, **encoder_of(call, encoder), **sampling)


def get_datasets(call: Call, params: Params) -> Document:
    """List a page of the datasets that are not deleted."""
    page = page_of_datasets(call, params, where=[IS_LIVE])
    rule = call.contract.rules["earlier"]
    return {**page, **_links(page, rule["datasets"]), "sort": [rule["sort"]]}


def check_present(call: Call, params: Params) -> None:
    """Reject a dataset whose deletion has finished."""
    dataset = call.get("dataset", params.dataset_id)
    if dataset.status == call.contract.rules["earlier"]["deleted"]:
        raise NotFound(dataset.kind, id=dataset.id)


def _links(page: Document, path: str) -> Document:
    """Return the paths of the pages around a page, None where there is none."""
    offset, limit, total = page["skip"], page["most"], page["total"]
    last = max(0, page["last_page"] - 1) * limit
    offsets = {
        "prev": max(0, min(offset - limit, last)) if offset else None,
        "next": offset + limit if offset + limit < total else None,
        "first": 0,
        "last": last,
    }
    return {
        name: None if start is None else f"{path}?offset={start}&limit={limit}"
        for name, start in offsets.items()
    }


CHECKS: Mapping[str, Check] = {"live": check_live, "present": check_present}

HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "GetDatasets": get_datasets,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
}
