"""The operations on services, one function each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from emulator.api import Call, Document, Handler, Params, Refused
from emulator.providers.aitems.checks import check_ready, check_state, rename
from emulator.providers.aitems.resources import Dataset, new_id
from emulator.providers.aitems.services.resources import Service


def create_service(call: Call, params: Params) -> Document:
    """Create a service with a unique name."""
    service = Service(id=new_id(call, Service.kind, params.name), **vars(params))
    return _service_view(call, call.resources.add(service, claims=[service.claim]))


def get_service_list(call: Call, params: Params) -> Document:
    """List services, newest first."""
    found = call.resources.span(Service, skip=params.skip, most=params.most, newest_first=True)
    return {"services": found, **vars(params)}


def get_service(call: Call, params: Params) -> Document:
    """Return a service with its state and its datasets."""
    return _service_view(call, call.resources.get(Service, params.service_id))


def edit_service(call: Call, params: Params) -> Document:
    """Change the name of a service, and its description if one is given."""
    service = call.resources.get(Service, params.service_id)
    check_state(service, "deleting")
    description = service.description if params.description is None else params.description
    edited = replace(service, name=params.name, description=description, updated_at=call.now)
    rename(call, service, edited)
    _connect(call, edited, edited.dataset_ids)
    return _service_view(call, call.resources.change(edited))


def edit_service_datasets(call: Call, params: Params) -> Document:
    """Attach one dataset of each type to a service; replace the former ones."""
    service = call.resources.get(Service, params.service_id)
    datasets = [call.resources.get(Dataset, dataset_id) for dataset_id in params.dataset_ids]
    check_state(service, "running", "deleting")
    for dataset in datasets:
        check_state(dataset, "deleting")
    _check_types(service, datasets)
    _connect(call, service, params.dataset_ids)
    attached = replace(service, dataset_ids=params.dataset_ids)
    return _service_view(call, call.resources.change(attached, lifecycle="attach"))


def train_service(call: Call, params: Params) -> Document:
    """Train a batch service on its datasets."""
    service = call.resources.get(Service, params.service_id)
    if service.type != "batch":
        raise Refused("not-batch", id=service.id)
    check_ready(service)
    datasets = [call.resources.get(Dataset, dataset_id) for dataset_id in service.dataset_ids]
    for dataset in datasets:
        check_ready(dataset)
    _check_types(service, datasets)
    training = replace(service, hp_config=params.hp_config)
    return _service_view(call, call.resources.change(training, lifecycle="train"))


def delete_service(call: Call, params: Params) -> None:
    """Delete a service and disconnect its datasets."""
    service = call.resources.get(Service, params.service_id)
    check_state(service, "deleting")
    _connect(call, service, [])
    call.resources.remove(service)


def _check_types(service: Service, datasets: Sequence[Dataset]) -> None:
    """Reject two datasets of one type; the type of an attached one may change."""
    if len({dataset.type for dataset in datasets}) < len(datasets):
        raise Refused("one-of-each-type", id=service.id)


def _connect(call: Call, service: Service, dataset_ids: Sequence[str]) -> None:
    """Record a service, with its current name, in these datasets and in no others."""
    for dataset_id in {*service.dataset_ids, *dataset_ids}:
        dataset = call.resources.find(Dataset, dataset_id)
        if dataset is None:  # a service keeps the ids of deleted datasets
            continue
        connections = {connection["service_id"]: connection for connection in dataset.connections}
        connections[service.id] = {"service_id": service.id, "name": service.name}
        if dataset_id not in dataset_ids:
            del connections[service.id]
        call.resources.change(replace(dataset, connections=list(connections.values())))


def _service_view(call: Call, service: Service) -> Document:
    """Return a service with its datasets that still exist."""
    found = [call.resources.find(Dataset, dataset_id) for dataset_id in service.dataset_ids]
    return {
        **vars(service),
        "status": service.status,
        "datasets": [_dataset_of_service(call, dataset) for dataset in found if dataset],
    }


def _dataset_of_service(call: Call, dataset: Dataset) -> Document:
    """Return a dataset in the form of services, which have their own word for a state."""
    statuses = call.contract.rules["datasetOfService"]["statuses"]
    return {**vars(dataset), "status": statuses.get(dataset.status, dataset.status)}


HANDLERS: Mapping[str, Handler] = {
    "CreateService": create_service,
    "GetServiceList": get_service_list,
    "GetService": get_service,
    "EditService": edit_service,
    "EditServiceDatasets": edit_service_datasets,
    "TrainService": train_service,
    "DeleteService": delete_service,
}
