"""Date-times are read, and refused, as Pydantic does it; a known one is what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from emulator.core.primitives import datetimes

MILLISECOND = 1000
_pydantic = TypeAdapter(datetime)


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01", 0),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1970-01-01_01:00+01:00", 0),
        ("1969-12-31 23:59:59,999999", -1),
        ("1", 1_000_000),
        ("-0.25", -250_000),
        ("20000000000", 20_000_000_000_000_000),
        ("20000000001", 20_000_000_001_000),
    ],
)
def test_a_time_is_read(text: str, micros: int) -> None:
    assert datetimes.parse(text) == micros


def judged_by_pydantic(text: str) -> object:
    try:
        moment = _pydantic.validate_python(text)
    except ValidationError as error:
        (item,) = error.errors()
        return item["type"], item["ctx"]["error"]
    ahead = (
        moment.utcoffset() or timedelta()
    )  # taken off last: the first of years has no time before
    since = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since - ahead) // timedelta(microseconds=1)


def judged(text: str) -> object:
    try:
        return datetimes.parse(text)
    except datetimes.NoSuchYear as error:
        return "datetime_parsing", str(error)
    except ValueError as error:
        return "datetime_from_date_parsing", str(error)


near = st.from_regex(
    r"[0-9]{4}[-x][0-3][0-9][-x][0-3][0-9a]"
    r"(([Tt _x][0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.,][0-9]{0,8})?)?)?"
    r"([Zz]|[+\-−][0-2][0-9]:?[0-6][0-9]?)?)?x?",
    fullmatch=True,
)
right = st.from_regex(
    r"(0000|0001|1[0-9]{3}|2[0-9]{3}|9999)-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])"
    r"([T ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,8})?)?"
    r"(Z|[+\-−]([01][0-9]|2[0-4]):?[0-5][0-9])?)?",
    fullmatch=True,
)
numbers = st.from_regex(r"[+-]?[0-9]{1,20}", fullmatch=True)
fractions = st.from_regex(r"[+-]?[0-9]{1,20}\.[0-9]{0,8}", fullmatch=True)


@given(near | right | numbers | st.text(st.characters(codec="utf-8")))
@settings(max_examples=500, deadline=None, derandomize=True, database=None)
def test_any_text_is_judged_alike(text: str) -> None:
    assert judged(text) == judged_by_pydantic(text)


@given(fractions)
@settings(max_examples=300, deadline=None, derandomize=True, database=None)
def test_a_number_with_a_fraction_is_judged_alike(text: str) -> None:
    ours, theirs = judged(text), judged_by_pydantic(text)
    if isinstance(ours, int) and isinstance(theirs, int):
        assert abs(ours - theirs) <= MILLISECOND
    else:
        assert ours == theirs


@pytest.mark.parametrize(
    "text", ["1" * 5000, "2026-04-01T08:00:00." + "1" * 5000, "1." + "1" * 5000]
)
def test_a_long_text_is_judged_alike(text: str) -> None:
    assert judged(text) == judged_by_pydantic(text)
