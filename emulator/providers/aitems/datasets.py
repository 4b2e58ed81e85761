"""What AiTEMS does with datasets beyond the plain verbs: it reads their data.

Nothing is fetched: data is known if its object was uploaded. The order of the checks is inferred:
fields, existence of the dataset, its state, existence of the schema, its type, uniqueness.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from io import StringIO

from emulator.api import (
    Call,
    Handler,
    InUse,
    Params,
    Refused,
    Resource,
    create,
    named,
    references,
    update,
)


def create_dataset(call: Call, params: Params) -> Resource:
    """Create a dataset of an existing schema, which reads its data."""
    found = references(call, params)
    schema = found["schema_name"]
    _check_type(schema, params)
    return create(call, params, found, lifecycle=_reading_lifecycle(call, schema, params.os_info))


def edit_dataset(call: Call, params: Params) -> Resource:
    """Change a dataset; another type, schema or object starts a new reading."""
    former = named(call, params)
    schema = call.get("schema", params.schema_name)
    _check_type(schema, params)
    edited = update(call, params)
    if all(getattr(edited, name) == getattr(former, name) for name in _SOURCE):
        return edited
    lifecycle = _reading_lifecycle(call, schema, edited.os_info)
    return call.resources.change(edited, lifecycle=lifecycle)


def delete_dataset(call: Call, params: Params) -> None:
    """Delete a dataset."""
    dataset = named(call, params)
    if dataset.connections and not call.contract.rules["deletes"]["whileInUse"]:
        raise InUse(dataset.kind, id=dataset.id)
    call.resources.remove(dataset)


_SOURCE = ("type", "schema_name", "os_info")
"""The members that decide which data is read."""


def _check_type(schema: Resource, params: Params) -> None:
    if schema.dataset_type != params.type:
        raise Refused("other-type", schema_name=schema.name, type=params.type)


def _reading_lifecycle(call: Call, schema: Resource, os_info: Mapping[str, str]) -> str:
    """Return the lifecycle of a dataset that reads its data."""
    text = call.object(os_info["bucket"], os_info["key"])
    is_broken = text is not None and not _fits(call, schema, text)
    return "create_failed" if is_broken else "create"


def _fits(call: Call, schema: Resource, text: str) -> bool:
    """Return whether data has the fields of its schema and keeps the rules of its type."""
    rules = call.contract.rules
    try:
        header, *rows = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    except (csv.Error, ValueError):  # ValueError: there is no header
        return False
    return (
        header == [field["name"] for field in schema.schema_fields]
        and _are_filled(header, rows, rules["mandatoryFields"]["types"][schema.dataset_type])
        and _are_unique(header, rows, rules["uniqueField"]["types"].get(schema.dataset_type))
    )


def _are_filled(header: list[str], rows: list[list[str]], names: Iterable[str]) -> bool:
    columns = [header.index(name) for name in names]
    return all(column < len(row) and row[column] for row in rows if row for column in columns)


def _are_unique(header: list[str], rows: list[list[str]], name: str | None) -> bool:
    if name is None:
        return True
    values = [row[header.index(name)] for row in rows if row]
    return len(values) == len(set(values))


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "EditDataset": edit_dataset,
    "DeleteDataset": delete_dataset,
}
