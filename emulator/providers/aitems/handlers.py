"""What happens in AiTEMS: one short function per operation.

The order of the checks is inferred: fields, existence of the schema, its type, uniqueness.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.call import Call
from emulator.core.failures import Refused
from emulator.core.provider import Handler
from emulator.providers.aitems import wire
from emulator.providers.aitems.resources import Dataset, Schema, new_id


def create_schema(call: Call, wish: wire.CreateSchema) -> Schema:
    """Keep a schema that has the mandatory fields of its dataset type."""
    types = {field["name"]: field["type"] for field in wish.schema_fields}
    mandatory = call.contract.rules["mandatoryFields"]["types"][wish.dataset_type]
    for name, type_ in mandatory.items():
        if types.get(name) != [type_]:
            raise Refused("mandatory-field", name=name, type=type_)
    return call.store.add(Schema(id=wish.name, **vars(wish)))


def get_schema(call: Call, wish: wire.GetSchema) -> Schema:
    """Show a schema."""
    return call.store.get(Schema, wish.schema_name)


def create_dataset(call: Call, wish: wire.CreateDataset) -> Dataset:
    """Create a dataset of an existing schema, under a name no other dataset has."""
    schema = call.store.get(Schema, wish.schema_name)
    if schema.dataset_type != wish.type:
        raise Refused("other-type", schema=schema.name, type=wish.type)
    dataset = Dataset(id=new_id(call, Dataset.kind, wish.name), **vars(wish))
    return call.store.add(dataset, claims=[f"dataset-name/{wish.name}"])


def get_dataset(call: Call, wish: wire.GetDataset) -> Dataset:
    """Show a dataset with its state."""
    return call.store.get(Dataset, wish.dataset_id)


HANDLERS: Mapping[str, Handler] = {
    "CreateSchema": create_schema,
    "GetSchema": get_schema,
    "CreateDataset": create_dataset,
    "GetDataset": get_dataset,
}
