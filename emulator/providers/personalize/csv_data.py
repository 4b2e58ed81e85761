"""The data of an import: whether an uploaded CSV file has the columns and rows of a schema.

Source: https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter

from emulator.providers.personalize.avro import Record

_BATCH = 1000
"""Number of rows that are read at a time."""

_MARK = "\ufeff"
"""The byte order mark, with which some programs begin a text."""

Fits = Callable[[str], object]
"""Whether a value is of a type: the result is true or false."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,19}").fullmatch
_REAL = re.compile(
    r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|[+-]?Infinity"
).fullmatch

_FITS: Mapping[str, Fits] = {
    "string": bool,
    "int": _WHOLE,
    "long": _WHOLE,
    "float": _REAL,
    "double": _REAL,
    "boolean": re.compile("true|false", re.IGNORECASE).fullmatch,
    "null": lambda value: not value,
}
"""What fits a type of a schema. An empty value is not a string: required data must be there."""


def missing_columns(text: str, record: Record) -> Sequence[str]:
    """List the fields of a schema that the first line of a CSV text does not name."""
    columns = {name.strip() for name in _header(text)}
    return [name for name in record.types if name not in columns]


def has_only_rows_of(text: str, record: Record) -> bool:
    """Return whether each row of a CSV text has a value of the right type for every field.

    The first line has to name every field. Columns that are no field may have any value.
    """
    rows, header = _rows(text), [name.strip() for name in _header(text)]
    next(rows, None)
    tests = [
        (place, _test(record.types[name]))
        for place, name in enumerate(header)
        if name in record.types and not {"string", "null"} <= {*record.types[name]}
    ]
    try:
        return all(_fit(batch, len(header), tests) for batch in _batches(rows))
    except csv.Error:  # a value is too long to be read
        return False


def _fit(batch: Sequence[Sequence[str]], width: int, tests: Sequence[tuple[int, Fits]]) -> bool:
    """Return whether rows are as wide as the header, and their values fit."""
    # by column, because a loop over every value would take twice as long
    return {width}.issuperset(map(len, batch)) and all(
        all(map(fits, map(itemgetter(place), batch))) for place, fits in tests
    )


def _batches(rows: Iterator[Sequence[str]]) -> Iterator[Sequence[Sequence[str]]]:
    """Read rows, some at a time, so that a long file is never in memory as a whole."""
    while read := list(islice(rows, _BATCH)):
        yield list(filter(None, read))  # an empty line is no row


def _header(text: str) -> Sequence[str]:
    first_line = text[: text.find("\n") + 1 or len(text)]
    try:
        return next(_rows(first_line), [])
    except csv.Error:  # a name is too long to be read
        return []


def _rows(text: str) -> Iterator[Sequence[str]]:
    return csv.reader(io.StringIO(text.removeprefix(_MARK), newline=""))


def _test(types: Sequence[str]) -> Fits:
    """Return what tests a value of a field; one of several types has to fit."""
    tests = [_FITS[name] for name in types]
    if len(tests) == 1:
        return tests[0]
    return lambda value: any(fits(value) for fits in tests)
