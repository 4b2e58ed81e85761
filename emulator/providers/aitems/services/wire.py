"""The wire format of services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from emulator.api import Wire, reads
from emulator.providers.aitems.services.resources import HpConfig
from emulator.providers.aitems.wire import Deleted, Listing


@dataclass(frozen=True, kw_only=True)
class CreateService:
    """The request to create a service."""

    name: str
    description: str = ""
    type: str = "batch"


@dataclass(frozen=True, kw_only=True)
class GetService:
    """The request to get a service."""

    service_id: str


@dataclass(frozen=True, kw_only=True)
class EditService:
    """The request to change a service."""

    service_id: str
    name: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class EditServiceDatasets:
    """The request to attach datasets to a service."""

    service_id: str
    dataset_ids: list[str]


@dataclass(frozen=True, kw_only=True)
class TrainService:
    """The request to train a service."""

    service_id: str
    types: list[str]
    hp_config: HpConfig
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class DeleteService:
    """The request to delete a service."""

    service_id: str


class _DatasetOfService(Wire):
    dataset_id = fields.String(attribute="id")
    type = fields.String()
    name = fields.String()
    schema_name = fields.String()
    status = fields.String()
    created_date = fields.String()
    updated_date = fields.String()


class _Service(Wire):
    service_id = fields.String(attribute="id")
    name = fields.String()
    description = fields.String()
    status = fields.String(attribute="state.name")
    datasets = fields.List(fields.Nested(_DatasetOfService))
    hp_config: fields.Raw = fields.Raw()
    infers: fields.Constant[list[Any]] = fields.Constant([])
    created_date = fields.String()
    updated_date = fields.String()
    type = fields.String()


class _ServiceItem(Wire):
    service_id = fields.String(attribute="id")
    name = fields.String()
    status = fields.String(attribute="state.name")
    created_date = fields.String()
    updated_date = fields.String()
    action_name = fields.String(attribute="actionName")
    permission = fields.String()


class _ServicesListed(Wire):
    services = fields.List(fields.Nested(_ServiceItem))
    offset = fields.Integer()
    limit = fields.Integer()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateService": reads(CreateService),
    "GetServiceList": reads(Listing),
    "GetService": reads(GetService),
    "EditService": reads(EditService),
    "EditServiceDatasets": reads(EditServiceDatasets),
    "TrainService": reads(TrainService),
    "DeleteService": reads(DeleteService),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateService": _Service,
    "GetServiceList": _ServicesListed,
    "GetService": _Service,
    "EditService": _Service,
    "EditServiceDatasets": _Service,
    "TrainService": _Service,
    "DeleteService": Deleted,
}
