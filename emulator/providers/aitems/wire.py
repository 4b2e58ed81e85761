"""How AiTEMS looks on the wire: lower camel case, local times without a zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields, missing

from emulator.core.wire import LocalMillis, Wire, reads
from emulator.providers.aitems.resources import Field

KST = 9
"""Hours that Korea is ahead of UTC; that the times are Korean is inferred."""


class _OnlyTrue(fields.Field[bool]):
    """A flag that is left out where it is false."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> Any:
        return value or missing


class _Field(Wire):
    name = fields.String()
    type = fields.List(fields.String())
    categorical = _OnlyTrue()


class _OsInfo(Wire):
    region = fields.String()
    bucket = fields.String()
    key = fields.String()


@dataclass(frozen=True, kw_only=True)
class CreateSchema:
    """The request to keep a schema under a name."""

    dataset_type: str
    name: str
    schema_fields: list[Field] = field(
        metadata={"wire": fields.List(fields.Nested(_Field), data_key="fields")}
    )
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class GetSchema:
    """The request to see a schema."""

    schema_name: str


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request for a dataset of the data in an object."""

    type: str
    name: str
    description: str
    schema_name: str
    os_info: dict[str, str] = field(metadata={"wire": fields.Nested(_OsInfo)})


@dataclass(frozen=True, kw_only=True)
class GetDataset:
    """The request to see a dataset."""

    dataset_id: str


class _Schema(Wire):
    dataset_type = fields.String()
    name = fields.String()
    schema_fields = fields.List(fields.Nested(_Field), data_key="fields")
    description = fields.String()
    created_date = LocalMillis(attribute="created_at", hours_ahead=KST)


class _ConnectedService(Wire):
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
    connected_service = fields.List(fields.Nested(_ConnectedService))
    created_date = LocalMillis(attribute="created_at", hours_ahead=KST)
    updated_date = LocalMillis(attribute="updated_at", hours_ahead=KST)


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateSchema": reads(CreateSchema),
    "GetSchema": reads(GetSchema),
    "CreateDataset": reads(CreateDataset),
    "GetDataset": reads(GetDataset),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateSchema": _Schema,
    "GetSchema": _Schema,
    "CreateDataset": _Dataset,
    "GetDataset": _Dataset,
}
