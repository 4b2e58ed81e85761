"""What AiTEMS does with schemas beyond the plain verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import Call, Check, Document, Handler, InUse, Params, Refused, named


def check_mandatory_fields(call: Call, params: Params) -> None:
    """Reject a schema without the mandatory fields of its dataset type."""
    types = {field["name"]: field["type"] for field in params.schema_fields}
    for name, type_ in _mandatory_fields(call, params).items():
        if types.get(name) != [type_]:
            raise Refused("mandatory-field", field=name, field_type=type_)


def validate_schema(call: Call, params: Params) -> Sequence[Document]:
    """Check the fields of a schema without storing it, and return them."""
    check_mandatory_fields(call, params)
    fields: Sequence[Document] = params.schema_fields
    return fields


def get_default_schema(call: Call, params: Params) -> Document:
    """Return the mandatory fields of a dataset type as a schema."""
    mandatory = _mandatory_fields(call, params)
    fields = [{"name": name, "type": [type_]} for name, type_ in mandatory.items()]
    return {**call.contract.rules["defaultSchema"], **vars(params), "schema_fields": fields}


def delete_schema(call: Call, params: Params) -> None:
    """Delete a schema; its datasets keep the name."""
    schema = named(call, params)
    if not call.contract.rules["deletes"]["whileInUse"] and _is_used(call, schema.name):
        raise InUse(schema.kind, id=schema.id)
    call.resources.remove(schema)


def _mandatory_fields(call: Call, params: Params) -> Mapping[str, str]:
    """Return the types of the mandatory fields of a dataset type, by their names."""
    mandatory: Mapping[str, str] = call.contract.rules["mandatoryFields"]["types"][
        params.dataset_type
    ]
    return mandatory


def _is_used(call: Call, schema_name: str) -> bool:
    """Return whether a dataset uses a schema, by a scan: strict deletes are rare."""
    users = call.list(
        "dataset",
        most=1,
        keep=lambda dataset: dataset.schema_name == schema_name,
    )
    return bool(users.items)


CHECKS: Mapping[str, Check] = {"mandatory-fields": check_mandatory_fields}

HANDLERS: Mapping[str, Handler] = {
    "ValidateSchema": validate_schema,
    "GetDefaultSchema": get_default_schema,
    "DeleteSchema": delete_schema,
}
