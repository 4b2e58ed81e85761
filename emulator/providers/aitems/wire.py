"""The wire format of AiTEMS: lower camel case; datasets, and what all kinds share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from marshmallow import fields

from emulator.api import Wire, reads


class _OsInfo(Wire):
    region = fields.String()
    bucket = fields.String()
    key = fields.String()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The request to get a part of a list."""

    offset: int = 0
    limit: int = 1000


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request to create a dataset of the data in an object."""

    type: str
    name: str
    description: str
    schema_name: str
    os_info: dict[str, str] = field(metadata={"wire": fields.Nested(_OsInfo)})


@dataclass(frozen=True, kw_only=True)
class GetDataset:
    """The request to get a dataset."""

    dataset_id: str


@dataclass(frozen=True, kw_only=True)
class EditDataset:
    """The request to change a dataset."""

    dataset_id: str
    type: str
    name: str
    schema_name: str
    os_info: dict[str, str] = field(metadata={"wire": fields.Nested(_OsInfo)})
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class EditDatasetDescription:
    """The request to change the description of a dataset."""

    dataset_id: str
    content: str


@dataclass(frozen=True, kw_only=True)
class DeleteDataset:
    """The request to delete a dataset."""

    dataset_id: str


class Deleted(Wire):
    """The response to a deletion."""

    result = fields.String()


class _Connection(Wire):
    service_id = fields.String()
    name = fields.String()


class _Dataset(Wire):
    type = fields.String()
    name = fields.String()
    description = fields.String()
    dataset_id = fields.String(attribute="id")
    schema_name = fields.String()
    status = fields.String(attribute="state.name")
    os_info = fields.Nested(_OsInfo)
    connected_service = fields.List(fields.Nested(_Connection), attribute="connectedService")
    connected_services = fields.List(fields.Nested(_Connection), attribute="connectedServices")
    created_date = fields.String()
    updated_date = fields.String()


class _DatasetItem(Wire):
    dataset_id = fields.String(attribute="id")
    type = fields.String()
    name = fields.String()
    status = fields.String(attribute="state.name")
    created_date = fields.String()
    action_name = fields.String(attribute="actionName")
    permission = fields.String()


class _DatasetsListed(Wire):
    datasets = fields.List(fields.Nested(_DatasetItem))
    offset = fields.Integer()
    limit = fields.Integer()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDataset": reads(CreateDataset),
    "GetDatasetList": reads(Listing),
    "GetDataset": reads(GetDataset),
    "EditDataset": reads(EditDataset),
    "EditDatasetDescription": reads(EditDatasetDescription),
    "DeleteDataset": reads(DeleteDataset),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDataset": _Dataset,
    "GetDatasetList": _DatasetsListed,
    "GetDataset": _Dataset,
    "EditDataset": _Dataset,
    "EditDatasetDescription": _Dataset,
    "DeleteDataset": Deleted,
}
