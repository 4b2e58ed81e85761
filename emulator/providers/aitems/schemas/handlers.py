"""What happens to schemas: one short function per operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import Among, Call, Handler, InUse, Refused
from emulator.providers.aitems.resources import Dataset, Field, Schema
from emulator.providers.aitems.schemas import wire
from emulator.providers.aitems.views import DELETED, Shown, dated, listed


def create_schema(call: Call, wish: wire.CreateSchema) -> Shown:
    """Keep a schema that has the mandatory fields of its dataset type."""
    _check_fields(call, wish.dataset_type, wish.schema_fields)
    return dated(call, call.store.add(Schema(id=wish.name, **vars(wish))))


def get_schema_list(call: Call, wish: wire.ListSchemas) -> Shown:
    """List schemas, of one dataset type or all, newest first."""
    wanted = wish.dataset_type
    found = call.store.slice(
        Schema,
        where=[] if wanted is None else [Among("dataset_type", [wanted])],
        newest_first=True,
        skip=wish.offset,
        most=wish.limit,
    )
    return listed(call, "schemas", found.items, wish)


def get_default_schema(call: Call, wish: wire.GetDefaultSchema) -> Shown:
    """Show a schema of nothing but the mandatory fields of a dataset type."""
    mandatory = call.contract.rules["mandatoryFields"]["types"][wish.dataset_type]
    schema_fields = [{"name": name, "type": [type_]} for name, type_ in mandatory.items()]
    default = call.contract.rules["defaultSchema"]
    return {**default, "dataset_type": wish.dataset_type, "schema_fields": schema_fields}


def validate_schema(call: Call, wish: wire.ValidateSchema) -> Shown:
    """Check the fields of a schema that is not kept."""
    _check_fields(call, wish.dataset_type, wish.schema_fields)
    return vars(wish)


def get_schema(call: Call, wish: wire.GetSchema) -> Shown:
    """Show a schema."""
    return dated(call, call.store.get(Schema, wish.schema_name))


def edit_schema_description(call: Call, wish: wire.EditSchemaDescription) -> Shown:
    """Describe a schema anew."""
    schema = call.store.get(Schema, wish.schema_name)
    schema.description = wish.content
    return dated(call, call.store.change(schema))


def delete_schema(call: Call, wish: wire.DeleteSchema) -> Shown:
    """Delete a schema; datasets keep its name."""
    schema = call.store.get(Schema, wish.schema_name)
    if not call.contract.rules["deletes"]["whileInUse"] and _is_used(call, schema):
        raise InUse(schema.kind, id=schema.id)
    call.store.remove(schema)
    return DELETED


def _check_fields(call: Call, dataset_type: str, schema_fields: Sequence[Field]) -> None:
    types = {field["name"]: field["type"] for field in schema_fields}
    mandatory = call.contract.rules["mandatoryFields"]["types"][dataset_type]
    for name, type_ in mandatory.items():
        if types.get(name) != [type_]:
            raise Refused("mandatory-field", name=name, type=type_)


def _is_used(call: Call, schema: Schema) -> bool:
    """Tell whether a dataset has a schema, by looking through them: deletes are seldom strict."""
    users = call.store.page(
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
