"""Results: tables, as Markdown for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from emulator.version import __version__

Cell = str | float | None
"""A name, a figure, or None where nothing was measured."""


@dataclass(frozen=True)
class Column:
    """A column of figures; cells that `misses` says are not as wanted are printed bold."""

    name: str
    form: str = ""
    """The format specification of its figures."""
    at_least: float | None = None
    at_most: float | None = None

    def shows(self, cell: Cell) -> str:
        """Return a cell as Markdown."""
        if cell is None:
            return "-"
        if isinstance(cell, str):
            return cell
        text = format(cell, self.form)
        return f"**{text}**" if self.misses(cell) else text

    def misses(self, figure: float) -> bool:
        """Return whether a figure is not as wanted."""
        too_small = self.at_least is not None and figure < self.at_least
        return too_small or (self.at_most is not None and figure > self.at_most)


@dataclass
class Table:
    """One table: its first column holds names."""

    columns: Sequence[Column]
    rows: list[list[Cell]] = field(default_factory=list)
    title: str = ""

    def markdown(self) -> Iterator[str]:
        """Return the lines of the table."""
        if self.title:
            yield from (f"### {self.title}", "")
        yield _line(column.name for column in self.columns)
        yield "|" + "---|" * len(self.columns)
        for row in self.rows:
            yield _line(c.shows(cell) for c, cell in zip(self.columns, row, strict=True))


@dataclass
class Section:
    """What a part has measured: how, the tables, and what was left out."""

    part: str
    method: str
    tables: list[Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    machine: str = ""

    def markdown(self) -> str:
        """Return the section as it stands in the page, without a heading."""
        blocks = [self.method, *("\n".join(table.markdown()) for table in self.tables)]
        blocks += ["\n".join(f"- {note}" for note in self.notes)] if self.notes else []
        return "\n\n".join([*blocks, f"*{self.machine}*"] if self.machine else blocks)

    def document(self) -> dict[str, Any]:
        """Return the section as JSON, with figures that are not rounded."""
        return asdict(self)


def machine(code: str) -> str:
    """Describe the machine and its load, the interpreter and the day, beside the code."""
    load, _, _ = os.getloadavg()
    parts = [
        f"{os.cpu_count()} cores ({_processor()})",
        f"load {load:.1f} at the start",
        f"Python {platform.python_version()}",
        code,
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
    ]
    return ", ".join(parts)


def code() -> str:
    """Describe the code: its version, and its commit where there is git."""
    git = shutil.which("git")
    if git is None:
        return f"version {__version__}"
    told = subprocess.run(
        [git, "describe", "--always", "--dirty=, changed"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    commit = told.stdout.strip() if told.returncode == 0 else ""
    return f"version {__version__} ({commit})" if commit else f"version {__version__}"


def write_into(page: Path, section: Section) -> None:
    """Replace the section between its two comments in a page; raises `LookupError` without them."""
    begin, end = f"<!-- bench: {section.part} -->", f"<!-- end: {section.part} -->"
    pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    text = page.read_text(encoding="utf-8")
    if not pattern.search(text):
        raise LookupError(f"{page} has no {begin} with {end} after it")
    written = pattern.sub(lambda found: f"{found[1]}\n{section.markdown()}\n\n{found[2]}", text)
    page.write_text(written, encoding="utf-8")


def _line(cells: Iterator[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(
        r"^model name\s*: (.+)$", info.read_text() if info.exists() else "", re.MULTILINE
    )
    return found[1] if found else platform.machine()
