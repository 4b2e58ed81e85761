"""What AiTEMS shows of trainings: each type of a request for one is a training of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace

from emulator.api import Call, Check, Document, Handler, Params, Resource, list_

_MANY = 1000
"""How many trainings of a service are searched for the latest of each type."""


def latest_trainings(call: Call, service_id: str, *, complete: bool = False) -> list[Resource]:
    """Return the latest training of each type of a service, or the latest that is complete."""
    page = call.list("training", parent=service_id, newest_first=True, most=_MANY)
    latest: dict[str, Resource] = {}
    for training in page.items:
        if training.ready or not complete:
            latest.setdefault(training.type, training)
    return list(latest.values())


def get_train_list(call: Call, params: Params) -> SimpleNamespace:
    """List the trainings of a service, the newest first; only the latest if asked for them."""
    if params.is_recent is None:
        return list_(call, params)
    recent = {training.id for training in latest_trainings(call, params.service_id)}
    return list_(call, params, keep=lambda each: (each.id in recent) == params.is_recent)


def get_update_list(call: Call, params: Params) -> Document:
    """List no updates, which only services have that are trained at intervals."""
    check_service(call, params)
    return {}


def check_service(call: Call, params: Params) -> None:
    """Reject a service that does not exist."""
    call.get("service", params.service_id)


CHECKS: Mapping[str, Check] = {"service": check_service}

HANDLERS: Mapping[str, Handler] = {
    "GetTrainList": get_train_list,
    "GetUpdateList": get_update_list,
}
