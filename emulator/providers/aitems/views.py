"""Views of resources that depend on the contract."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.api import Call, Document, Resource
from emulator.dialects.naver import local_time
from emulator.providers.aitems.resources import Dataset, Named
from emulator.providers.aitems.wire import Listing

DELETED: Document = {"result": "ok"}
"""The response to a deletion."""


def dated(call: Call, resource: Resource) -> Document:
    """Return the members of a resource with its times in the service's zone."""
    protocol = call.contract.protocol
    view = {**vars(resource), "created_date": local_time(protocol, resource.created_at)}
    if isinstance(resource, Named):
        view["updated_date"] = local_time(protocol, resource.updated_at)
    return view


def dataset_view(call: Call, dataset: Dataset) -> Document:
    """Return a dataset with its services, in the member the chosen documents name."""
    member = call.contract.rules["connections"]["member"]
    return {**dated(call, dataset), member: dataset.connections}


def list_view(call: Call, member: str, resources: Iterable[Resource], params: Listing) -> Document:
    """Return a list page in short form, with its bounds."""
    items = [
        {**dated(call, resource), **call.contract.rules[f"{resource.kind}List"]}
        for resource in resources
    ]
    return {member: items, "offset": params.offset, "limit": params.limit}
