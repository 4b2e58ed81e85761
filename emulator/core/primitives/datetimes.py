"""Date-times as lax parsers of RFC 3339 accept them, and the reasons for rejecting others.

A date alone is its midnight, a number is seconds since 1970 (milliseconds beyond
20,000,000,000), and a time without a zone is UTC. The reasons are those of the Rust crate
`speedate` 0.15, which Pydantic 2.10 puts into its errors: a text that is not a date-time is
parsed as a date.
"""

from __future__ import annotations

import re
from datetime import MINYEAR, date
from math import floor

from emulator.core.primitives.clock import SECOND

_EPOCH = date(1970, 1, 1).toordinal()
_DAY = 86_400
_WATERSHED = 20_000_000_000
_YEAR_0, _YEAR_1, _YEAR_10000 = -62_167_219_200, -62_135_596_800, 253_402_300_800
"""The seconds since 1970 at which these years begin."""
_WORD = 2**63

_DATE_LENGTH = 10
_DIGITS, _DASH = re.compile(b"[0-9]+"), re.compile(b"-")
_PARTS = (
    (slice(0, 4), _DIGITS, "invalid character in year"),
    (slice(4, 5), _DASH, "invalid date separator, expected `-`"),
    (slice(5, 7), _DIGITS, "invalid character in month"),
    (slice(7, 8), _DASH, "invalid date separator, expected `-`"),
    (slice(8, 10), _DIGITS, "invalid character in day"),
)
_MONTHS = range(1, 13)
_TIME = re.compile(
    r"[Tt _](?P<hour>[01][0-9]|2[0-3]):(?P<minute>[0-5][0-9])"
    r"(?::(?P<second>[0-5][0-9])(?:[.,](?P<fraction>[0-9]+))?)?"
    r"(?:[Zz]|(?P<sign>[+\u2212-])(?P<ahead>[01][0-9]|2[0-3]):?(?P<beyond>[0-5][0-9]))?"
)
_FIELDS = ("hour", "minute", "second", "ahead", "beyond")
_NUMBER = re.compile(r"(?P<whole>[+-]?[0-9]+)(?P<fraction>\.[0-9]*)?")
_LONGEST = 4300
"""Maximum number of digits; Python converts no more."""


class NoSuchYear(ValueError):
    """The year is 0, which most calendars do not have."""


def parse(text: str) -> int:
    """Return microseconds since 1970; raises `ValueError` with the reason."""
    try:
        seconds, micros = _date(text.encode()), _time(text[_DATE_LENGTH:])
    except ValueError:
        number = _NUMBER.fullmatch(text)
        if number is None or not _fits(number["whole"]):
            raise
        seconds, micros = _since_1970(number)
        if not _YEAR_0 <= seconds < _YEAR_10000:
            if number["fraction"]:
                raise
            raise ValueError(_too_far(seconds)) from None
    if _YEAR_0 <= seconds < _YEAR_1:
        raise NoSuchYear("year 0 is out of range")
    return seconds * SECOND + micros


def _date(text: bytes) -> int:
    """Return the seconds since 1970 of the date that a text begins with."""
    if len(text) < _DATE_LENGTH:
        raise ValueError("input is too short")
    for part, pattern, reason in _PARTS:
        if not pattern.fullmatch(text[part]):
            raise ValueError(reason)
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    if month not in _MONTHS:
        raise ValueError("month value is outside expected range of 1-12")
    try:
        # the year 0 is one of 366 days, as is the year 4
        days = date(year or MINYEAR + 3, month, day).toordinal()
    except ValueError:
        raise ValueError("day value is outside expected range") from None
    return (days - _EPOCH) * _DAY if year else _YEAR_0


def _time(text: str) -> int:
    """Return microseconds from midnight UTC for the time after a date; no time is midnight."""
    found = _TIME.fullmatch(text)
    if found is None:
        if text:
            raise ValueError("unexpected extra characters at the end of the input")
        return 0
    hour, minute, second, zone_hour, zone_minute = (int(found[name] or 0) for name in _FIELDS)
    zone = (zone_hour * 60 + zone_minute) * (1 if found["sign"] == "+" else -1)
    micros = int((found["fraction"] or "")[:6].ljust(6, "0"))
    return ((hour * 60 + minute - zone) * 60 + second) * SECOND + micros


def _fits(whole: str) -> bool:
    return len(whole) <= _LONGEST and abs(int(whole)) < _WORD


def _since_1970(number: re.Match[str]) -> tuple[int, int]:
    """Return a number of seconds or milliseconds as seconds and microseconds."""
    whole, micros = int(number["whole"]), 0
    if number["fraction"]:
        exact = float(number[0]) / (1000 if abs(float(number[0])) > _WATERSHED else 1)
        whole = floor(exact)
        micros = round((exact - whole) * SECOND)
    if abs(whole) <= _WATERSHED:
        return whole, micros
    # what has a fraction and was divided once is divided again, as the crate does
    whole, thousandths = divmod(whole, 1000)
    return whole, micros + thousandths * 1000


def _too_far(seconds: int) -> str:
    direction = "before 0000" if seconds < 0 else "after 9999"
    return f"dates {direction} are not supported as unix timestamps"
