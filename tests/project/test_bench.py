"""Each part of the benchmark runs, with numbers too small to mean anything."""

from __future__ import annotations

import re

import pytest

from bench import control_reads, credentials, growth, workloads
from bench.__main__ import Lane, print_lanes
from tests.contract import catalogue
from tests.project.served import served


def rows(text: str) -> list[str]:
    """The names of the rows of the table that was printed."""
    return re.findall(r"^\| (.+?) \|", text, re.MULTILINE)[1:]


def test_growth_measures_every_call_on_both_sides(capsys: pytest.CaptureFixture[str]) -> None:
    both = growth.worlds(small=2, large=3)
    growth.report(both, 2)
    printed = rows(capsys.readouterr().out)
    assert {name.split()[0] for name in printed} == set(growth.FILLS)
    control_reads.report(both, 2)
    printed = rows(capsys.readouterr().out)
    assert printed == [name for name, _ in control_reads.calls()]


def test_credentials_are_measured_for_every_provider(capsys: pytest.CaptureFixture[str]) -> None:
    credentials.report(2)
    assert rows(capsys.readouterr().out) == list(workloads.CHANGES)


def test_requests_are_measured_on_a_server(capsys: pytest.CaptureFixture[str]) -> None:
    contracts = dict(catalogue.contracts())
    with served("--demo", "--port", "0", "--quiet", "--lifecycle", "immediate") as emulator:
        workloads.prepare(emulator.base, contracts, 4)
        port = int(emulator.base.rpartition(":")[2])
        makers = workloads.makers(contracts)
        lanes = [Lane(name, port, maker) for name, maker in makers.items()]
        for lane in lanes:
            lane.run(2)
            lane.run(2)
    print_lanes(lanes)
    assert rows(capsys.readouterr().out) == list(makers)
