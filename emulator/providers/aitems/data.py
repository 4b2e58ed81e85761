"""Whether the data of a dataset matches its schema, if the data is known.

Nothing is fetched: data is known if its object was uploaded.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

from emulator.api import Call
from emulator.providers.aitems.resources import Dataset, Schema


def has_invalid_data(call: Call, dataset: Dataset) -> bool:
    """Return whether the object of a dataset was uploaded and breaks the rules of data."""
    text = call.object(dataset.os_info["bucket"], dataset.os_info["key"])
    if text is None:
        return False
    schema, rules = call.resources.get(Schema, dataset.schema_name), call.contract.rules
    try:
        header, *rows = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""))
    except (csv.Error, ValueError):  # ValueError: there is no header
        return True
    return not (
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
