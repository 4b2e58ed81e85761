"""The wire format of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields, missing

from emulator.api import Wire, reads
from emulator.providers.aitems.resources import Field
from emulator.providers.aitems.wire import Deleted, Listing


class _OnlyTrue(fields.Field[bool]):
    """A flag that is omitted if false."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> Any:
        return value or missing


class _Field(Wire):
    name = fields.String()
    type = fields.List(fields.String())
    categorical = _OnlyTrue()


def _fields() -> Any:
    """Make the member `fields`, a name that marshmallow uses itself."""
    return fields.List(fields.Nested(_Field), data_key="fields")


@dataclass(frozen=True, kw_only=True)
class CreateSchema:
    """The request to keep a schema under a name."""

    dataset_type: str
    name: str
    schema_fields: list[Field] = field(metadata={"wire": _fields()})
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class ValidateSchema:
    """The request to check a schema."""

    dataset_type: str
    name: str
    schema_fields: list[Field] = field(metadata={"wire": _fields()})
    description: str


@dataclass(frozen=True, kw_only=True)
class ListSchemas(Listing):
    """The request to get a part of the list of schemas, of one dataset type or all."""

    dataset_type: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetDefaultSchema:
    """The request to get the default schema of a dataset type."""

    dataset_type: str


@dataclass(frozen=True, kw_only=True)
class GetSchema:
    """The request to get a schema."""

    schema_name: str


@dataclass(frozen=True, kw_only=True)
class EditSchemaDescription:
    """The request to change the description of a schema."""

    schema_name: str
    content: str


@dataclass(frozen=True, kw_only=True)
class DeleteSchema:
    """The request to delete a schema."""

    schema_name: str


class _DefaultSchema(Wire):
    dataset_type = fields.String()
    name = fields.String()
    schema_fields = _fields()
    description = fields.String()


class _Schema(_DefaultSchema):
    created_date = fields.String()


class _Checked(Wire):
    schema_fields = _fields()


class _SchemaItem(Wire):
    dataset_type = fields.String()
    name = fields.String()
    created_date = fields.String()
    action_name = fields.String(attribute="actionName")
    permission = fields.String()


class _SchemasListed(Wire):
    schemas = fields.List(fields.Nested(_SchemaItem))
    offset = fields.Integer()
    limit = fields.Integer()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateSchema": reads(CreateSchema),
    "GetSchemaList": reads(ListSchemas),
    "GetDefaultSchema": reads(GetDefaultSchema),
    "ValidateSchema": reads(ValidateSchema),
    "GetSchema": reads(GetSchema),
    "EditSchemaDescription": reads(EditSchemaDescription),
    "DeleteSchema": reads(DeleteSchema),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateSchema": _Schema,
    "GetSchemaList": _SchemasListed,
    "GetDefaultSchema": _DefaultSchema,
    "ValidateSchema": _Checked,
    "GetSchema": _Schema,
    "EditSchemaDescription": _Schema,
    "DeleteSchema": Deleted,
}
