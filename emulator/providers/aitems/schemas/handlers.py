"""The operations on schemas, one function each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import AnyOf, Call, Document, Handler, InUse, Params, Refused
from emulator.providers.aitems.resources import Dataset, Field, Schema


def create_schema(call: Call, params: Params) -> Schema:
    """Create a schema with the mandatory fields of its dataset type."""
    _check_fields(call, params.dataset_type, params.schema_fields)
    return call.resources.add(Schema(id=params.name, **vars(params)))


def get_schema_list(call: Call, params: Params) -> Document:
    """List schemas, of one dataset type or all, newest first."""
    dataset_type = params.dataset_type
    found = call.resources.slice(
        Schema,
        where=[] if dataset_type is None else [AnyOf("dataset_type", [dataset_type])],
        newest_first=True,
        skip=params.skip,
        most=params.most,
    )
    return {"schemas": found.items, **vars(params)}


def get_default_schema(call: Call, params: Params) -> Document:
    """Return the mandatory fields of a dataset type as a schema."""
    mandatory = call.contract.rules["mandatoryFields"]["types"][params.dataset_type]
    schema_fields = [{"name": name, "type": [type_]} for name, type_ in mandatory.items()]
    default = call.contract.rules["defaultSchema"]
    return {**default, "dataset_type": params.dataset_type, "schema_fields": schema_fields}


def validate_schema(call: Call, params: Params) -> Params:
    """Check the fields of a schema without storing it."""
    _check_fields(call, params.dataset_type, params.schema_fields)
    return params


def get_schema(call: Call, params: Params) -> Schema:
    """Return a schema."""
    return call.resources.get(Schema, params.schema_name)


def edit_schema_description(call: Call, params: Params) -> Schema:
    """Change the description of a schema."""
    schema = call.resources.get(Schema, params.schema_name)
    schema.description = params.content
    return call.resources.change(schema)


def delete_schema(call: Call, params: Params) -> None:
    """Delete a schema; its datasets keep the name."""
    schema = call.resources.get(Schema, params.schema_name)
    if not call.contract.rules["deletes"]["whileInUse"] and _is_used(call, schema):
        raise InUse(schema.kind, id=schema.id)
    call.resources.remove(schema)


def _check_fields(call: Call, dataset_type: str, schema_fields: Sequence[Field]) -> None:
    types = {field["name"]: field["type"] for field in schema_fields}
    mandatory = call.contract.rules["mandatoryFields"]["types"][dataset_type]
    for name, type_ in mandatory.items():
        if types.get(name) != [type_]:
            raise Refused("mandatory-field", name=name, type=type_)


def _is_used(call: Call, schema: Schema) -> bool:
    """Return whether a dataset uses a schema, by a scan: strict deletes are rare."""
    users = call.resources.page(
        Dataset, most=1, token=None, keep=lambda dataset: dataset.schema_name == schema.name
    )
    return bool(users.items)


HANDLERS: Mapping[str, Handler] = {
    "CreateSchema": create_schema,
    "GetSchemaList": get_schema_list,
    "GetDefaultSchema": get_default_schema,
    "ValidateSchema": validate_schema,
    "GetSchema": get_schema,
    "EditSchemaDescription": edit_schema_description,
    "DeleteSchema": delete_schema,
}
