"""`dataset-emulator coverage`: exercised operations, errors and states as text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Covered = Mapping[str, Any]
"""One provider of `GET /_emulator/coverage`."""

_PARTS = ("operations", "errors", "states")


def table(document: Mapping[str, Any], *, missing: bool) -> Iterator[str]:
    """Format a line per provider and a total; with `missing`, then what was not exercised."""
    providers: Mapping[str, Covered] = document["providers"]
    totals = {name: covered["totals"] for name, covered in providers.items()}
    rows = [["", *_PARTS], *_rows({**totals, "total": document["totals"]})]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
    for name, covered in providers.items() if missing else ():
        yield from ("", f"{name}, not exercised:", *_left(covered))


def _rows(totals: Mapping[str, Covered]) -> Iterator[Sequence[str]]:
    for name, total in totals.items():
        counts = (total[part] for part in _PARTS)
        yield [name, *(f"{count['exercised']} of {count['total']}" for count in counts)]


def _left(covered: Covered) -> Iterator[str]:
    called = covered["operations"].items()
    left = {
        "operations": [name for name, seen in called if not seen["calls"]],
        "errors": covered["errors"]["missing"],
        **{f"states of {kind}": split["missing"] for kind, split in covered["states"].items()},
    }
    return (f"  {part}: {', '.join(names)}" for part, names in left.items() if names)
