"""What is shown of resources, as far as it depends on the contract."""

from __future__ import annotations

from collections.abc import Iterable

from emulator.api import Call, Document, Resource
from emulator.dialects.naver import local_time
from emulator.providers.aitems.resources import Dataset, Named
from emulator.providers.aitems.wire import Listing

DELETED: Document = {"result": "ok"}
"""What is said when something was deleted."""


def dated(call: Call, resource: Resource) -> Document:
    """Give the members of a resource, and its dates on the service's clock."""
    protocol = call.contract.protocol
    shown = {**vars(resource), "created_date": local_time(protocol, resource.created_at)}
    if isinstance(resource, Named):
        shown["updated_date"] = local_time(protocol, resource.updated_at)
    return shown


def dataset_shown(call: Call, dataset: Dataset) -> Document:
    """Give a dataset with the services that use it, under the name of the documents followed."""
    member = call.contract.rules["connections"]["member"]
    return {**dated(call, dataset), member: dataset.connections}


def listed(call: Call, member: str, resources: Iterable[Resource], params: Listing) -> Document:
    """Give the short form of resources, in a list with the bounds asked for."""
    items = [{**dated(call, one), **call.contract.rules[f"{one.kind}List"]} for one in resources]
    return {member: items, "offset": params.offset, "limit": params.limit}
