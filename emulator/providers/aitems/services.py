"""What AiTEMS does with services beyond the plain verbs: they show, use and train on datasets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import (
    Call,
    Document,
    Handler,
    NotReady,
    Params,
    Refused,
    Resource,
    create,
    named,
    update,
)
from emulator.providers.aitems.trainings import latest_trainings


def create_service(call: Call, params: Params) -> Resource:
    """Create a service, which has no datasets."""
    return _shown(call, create(call, params))


def get_service(call: Call, params: Params) -> Resource:
    """Return a service with its state and its datasets."""
    return _shown(call, named(call, params))


def edit_service(call: Call, params: Params) -> Resource:
    """Change the name of a service, also in its datasets, and its description if one is given."""
    service = update(call, params)
    _connect(call, service, service.dataset_ids)
    return _shown(call, service)


def edit_service_datasets(call: Call, params: Params) -> Resource:
    """Attach one dataset of each type to a service; replace the former ones."""
    service = named(call, params)
    datasets = [call.get("dataset", dataset_id) for dataset_id in params.dataset_ids]
    _check_phase(service, service.state.phase not in ("running", "deleting"))
    for dataset in datasets:
        _check_phase(dataset, dataset.state.phase != "deleting")
    _check_types(service, datasets)
    _connect(call, service, params.dataset_ids)
    return _shown(call, update(call, params))


def train_service(call: Call, params: Params) -> Resource:
    """Train a batch service on its datasets."""
    service = named(call, params)
    if service.type != "batch":
        raise Refused("not-batch", id=service.id)
    _check_phase(service, service.ready)
    datasets = [call.get("dataset", dataset_id) for dataset_id in service.dataset_ids]
    for dataset in datasets:
        _check_phase(dataset, dataset.ready)
    _check_types(service, datasets)
    rule = call.contract.rules["training"]
    sent = params.hp_config
    options = {**sent, **rule["hpConfig"], **sent}  # in the order recorded; what was sent holds
    for type_ in dict.fromkeys(params.types):
        create(
            call,
            params,
            {},
            beside="training",
            type=type_,
            hp_config=options,
            description=params.training_description or "",
            row_count=rule["rowCounts"][type_],
        )
    return _shown(call, update(call, params, hp_config=options))


def delete_service(call: Call, params: Params) -> None:
    """Delete a service and disconnect its datasets."""
    service = named(call, params)
    _connect(call, service, [])
    call.resources.remove(service)


def _check_phase(resource: Resource, is_allowed: bool) -> None:
    if not is_allowed:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def _check_types(service: Resource, datasets: Sequence[Resource]) -> None:
    """Reject two datasets of one type; the type of an attached one may change."""
    if len({dataset.type for dataset in datasets}) < len(datasets):
        raise Refused("one-of-each-type", id=service.id)


def _connect(call: Call, service: Resource, dataset_ids: Sequence[str]) -> None:
    """Record a service, with its current name, in these datasets and in no others."""
    for dataset_id in {*service.dataset_ids, *dataset_ids}:
        dataset = call.find("dataset", dataset_id)
        if dataset is None:  # a service keeps the ids of deleted datasets
            continue
        names = {each["service_id"]: each["name"] for each in dataset.connections}
        names[service.id] = service.name
        if dataset_id not in dataset_ids:
            del names[service.id]
        dataset.connections = [{"service_id": id_, "name": name} for id_, name in names.items()]
        call.resources.change(dataset)


def _shown(call: Call, service: Resource) -> Resource:
    """Return a service with its datasets that still exist, and its results."""
    found = [call.find("dataset", dataset_id) for dataset_id in service.dataset_ids]
    datasets = [_dataset_of_service(call, dataset) for dataset in found if dataset]
    infers = latest_trainings(call, service.id, complete=True)
    return service.showing(datasets=datasets, infers=infers)


def _dataset_of_service(call: Call, dataset: Resource) -> Document:
    """Return a dataset in the form of services, which have their own word for a state."""
    statuses = call.contract.rules["datasetOfService"]["statuses"]
    return {**vars(dataset), "status": statuses.get(dataset.status, dataset.status)}


HANDLERS: Mapping[str, Handler] = {
    "CreateService": create_service,
    "GetService": get_service,
    "EditService": edit_service,
    "EditServiceDatasets": edit_service_datasets,
    "TrainService": train_service,
    "DeleteService": delete_service,
}
