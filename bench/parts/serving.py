"""The same application on the server of `serve`, and on uvicorn."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec

from bench import workloads
from bench.library import servers
from bench.library.options import Bench
from bench.library.results import Column, Section, Table
from bench.parts.creating import CALL, CONNECTIONS, EMULATOR, Lane
from bench.parts.starts import Starts

PART = "serving"
PROVIDERS = ("personalize", "pai")
"""One creation that takes little and one that takes much."""

Command = Callable[[int], Sequence[str]]


def run(bench: Bench) -> Section:
    """Start the application on each server several times, then let all of them take turns."""
    notes = list[str]()
    commands, starts = _commands(notes), dict[str, Starts]()
    for _ in bench.rounds(bench.options.starts, 1 / 2):
        for name, command in commands.items():
            starts.setdefault(name, Starts()).measure(command)
    with ExitStack() as stack:
        lanes = [
            lane for name, command in commands.items() for lane in _lanes(stack, bench, name, command)
        ]  # fmt: skip
        for lane in lanes:
            lane.send(bench.options.warm)
        for _ in bench.rounds(bench.options.rounds, 1 / 2):
            for lane in lanes:
                lane.measure(bench.options.requests)
    method = (
        f"The emulator on the server of `serve` and on uvicorn (with httptools), one process and one thread each; {CONNECTIONS} connections, "
        f"{len(lanes[0].rounds)} rounds of {bench.options.requests:,} creations after {bench.options.warm:,} to warm up, servers in turn, medians. Starts as in the part "
        "`starts`; MB are those of an idle server. Nothing is wanted."
    )  # fmt: skip
    return Section(PART, method, [_creations(lanes), _starts(starts)], notes)


def _commands(notes: list[str]) -> Mapping[str, Command]:
    commands: dict[str, Command] = {EMULATOR: servers.emulator}
    if find_spec("uvicorn") is None:
        notes.append("uvicorn is left out: it is not installed.")
        return commands
    commands["uvicorn"] = partial(_uvicorn, "directly")
    if find_spec("a2wsgi") is None:
        notes.append("uvicorn with a2wsgi is left out: a2wsgi is not installed.")
    else:
        commands["uvicorn with a2wsgi"] = partial(_uvicorn, "through_a2wsgi")
    return commands


def _uvicorn(factory: str, port: int) -> Sequence[str]:
    return [
        sys.executable, "-m", "uvicorn", "--factory", "--host", "127.0.0.1", "--port", str(port), "--http", "httptools", "--loop", "asyncio",
        "--lifespan", "off", "--no-access-log", "--log-level", "critical", f"bench.served:{factory}",
    ]  # fmt: skip


def _lanes(stack: ExitStack, bench: Bench, name: str, command: Command) -> list[Lane]:
    port = servers.free_port()
    server = stack.enter_context(servers.running(command(port), port))
    count = bench.options.warm + bench.options.requests * bench.options.rounds
    workloads.prepare(port, bench.contracts, count)
    return [
        Lane(server, name, f"{provider} {CALL}", workloads.create_dataset(bench.contracts[provider], f"/{provider}"))
        for provider in PROVIDERS
    ]  # fmt: skip


def _creations(lanes: Sequence[Lane]) -> Table:
    columns = [Column("Server, call"), Column("µs", ".0f"), Column("per second", ".0f")]
    table = Table([*columns, Column("p50 ms", ".2f"), Column("p99 ms", ".2f")])
    for lane in lanes:
        latencies = [lane.milliseconds(share) for share in (50, 99)]
        table.rows.append([lane.name, lane.microseconds, lane.per_second, *latencies])
    return table


def _starts(starts: Mapping[str, Starts]) -> Table:
    columns = [Column("Server"), Column("seconds", ".2f"), Column("processor seconds", ".2f")]
    table = Table([*columns, Column("MB", ".0f")])
    for name, measured in starts.items():
        figures = (measured.seconds, measured.processor, measured.resident)
        table.rows.append([name, *map(statistics.median, figures)])
    return table
