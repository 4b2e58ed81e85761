"""Each part of the benchmark runs, with numbers too small to mean anything."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from bench.__main__ import PAGE, PARTS, main, measure
from bench.library.options import Bench, Options
from bench.library.processes import processor_seconds, resident
from bench.library.results import Column, Section, Table, write_into
from bench.parts import control_reads, refusals
from bench.peers import peers
from bench.stored.worlds import FILLS

TINY = Options(
    rounds=1, requests=8, warm=1, starts=1, samples=2, stored=(2, 3), filled=2, body=1_000
)  # fmt: skip


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(TINY)


def run(bench: Bench, part: str) -> Section:
    (section,) = measure(bench, [part])
    assert section.part == part
    for table in section.tables:
        assert {len(row) for row in table.rows} == {len(table.columns)}
    return section


def names(table: Table) -> list[str]:
    return [str(name) for name, *_ in table.rows]


@pytest.mark.slow
def test_creations_are_measured_on_every_server_that_is_there(bench: Bench) -> None:
    section = run(bench, "creating")
    figures, *ratios = section.tables
    ours = [f"emulator, {provider} CreateDataset" for provider in FILLS]
    assert names(figures)[: 1 + len(ours)] == ["bare Flask", *ours]
    measured = {name.partition(",")[0] for name in names(figures)}
    for peer in peers(list(FILLS)):
        assert (peer.name in measured) is (peer.missing is None)
        assert any(note.startswith(peer.name) for note in section.notes) or peer.name in measured
    assert [names(table) for table in ratios] == [list(FILLS)] * 2


@pytest.mark.slow
def test_the_application_is_measured_on_every_server_that_is_installed(bench: Bench) -> None:
    section = run(bench, "serving")
    creations, starts = section.tables
    known = ["emulator", "uvicorn", "uvicorn with a2wsgi"]
    assert names(starts) == known[: len(starts.rows)]
    assert len(creations.rows) == 2 * len(starts.rows)
    assert bool(section.notes) is (len(starts.rows) < len(known))


@pytest.mark.slow
def test_starts_are_measured(bench: Bench) -> None:
    (table,) = run(bench, "starts").tables
    assert names(table)[:2] == ["bare Flask", "emulator"]


@pytest.mark.slow
def test_memory_is_measured_idle_and_per_dataset(bench: Bench) -> None:
    idle, stored = run(bench, "memory").tables
    assert names(idle) == ["emulator", "bare Flask"]
    assert [name.partition(":")[0] for name in names(stored)] == list(FILLS)


@pytest.mark.slow
def test_refusals_are_measured_for_what_creates_and_lists(bench: Bench) -> None:
    section = run(bench, "refusals")
    (table,) = section.tables
    measured = names(table)
    assert {"personalize CreateDataset", "pai ListDatasets", "coactive GetDatasets"} < set(measured)
    left_out = [note.partition(" is left out")[0] for note in section.notes]
    assert sorted([*measured, *left_out]) == sorted(
        f"{contract.provider} {operation.name}"
        for contract, operation in refusals.operations(bench.contracts)
    )


def test_growth_is_measured_for_every_provider(bench: Bench) -> None:
    (table,) = run(bench, "growth").tables
    assert {name.split()[0] for name in names(table)} == set(FILLS)
    assert [column.name for column in table.columns][1:] == ["ms with 2", "ms with 3", "ratio"]


def test_control_reads_are_measured(bench: Bench) -> None:
    (table,) = run(bench, "control-reads").tables
    assert names(table) == [name for name, _ in control_reads.calls()]


def test_credentials_are_measured_for_every_provider(bench: Bench) -> None:
    (table,) = run(bench, "credentials").tables
    assert names(table) == list(FILLS)


# ---- what is printed and written


def test_parts_are_chosen_printed_and_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table([Column("Call"), Column("ms", ".1f", at_most=2)], [["a", 1.25], ["b", 3.0]])
    monkeypatch.setitem(PARTS, "growth", lambda _: Section("growth", "So.", [table]))
    page, document = tmp_path / "page.md", tmp_path / "results.json"
    page.write_text("Before.\n<!-- bench: growth -->\nold\n<!-- end: growth -->\nAfter.\n")
    main(["--only", "growth", "--json", str(document), "--write", "--page", str(page)])
    lines = "| Call | ms |\n|---|---|\n| a | 1.2 |\n| b | **3.0** |"
    assert lines in capsys.readouterr().out
    written = page.read_text()
    assert written.startswith("Before.\n<!-- bench: growth -->\n\nSo.\n\n| Call")
    assert written.endswith("UTC*\n\n<!-- end: growth -->\nAfter.\n")
    assert "old" not in written
    (section,) = json.loads(document.read_text())
    assert section["tables"][0]["rows"] == [["a", 1.25], ["b", 3.0]]


def test_the_page_has_a_place_for_every_part() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^<!-- bench: (\S+) -->$", text, re.MULTILINE) == list(PARTS)
    assert re.findall(r"^<!-- end: (\S+) -->$", text, re.MULTILINE) == list(PARTS)


def test_a_page_without_a_place_is_not_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- bench: starts -->\n")
    with pytest.raises(LookupError, match="growth"):
        write_into(page, Section("growth", "So."))


def test_the_time_of_a_part_is_limited() -> None:
    assert list(Bench(Options(seconds=0)).rounds(5)) == [0]
    assert list(Bench(Options(seconds=60)).rounds(3)) == [0, 1, 2]


def test_processor_time_and_memory_of_a_process_are_read() -> None:
    before = processor_seconds(os.getpid())
    sum(range(10**6))
    assert processor_seconds(os.getpid()) > before > 0
    assert resident(os.getpid()) > 10
