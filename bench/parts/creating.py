"""Creations of all five providers against a bare Flask application and the servers of others."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import workloads
from bench.library import servers
from bench.library.client import Measured, drive
from bench.library.options import Bench
from bench.library.results import Cell, Column, Section, Table
from bench.library.servers import Server
from bench.peers import peers, write_documents
from bench.workloads import Maker

PART = "creating"
CONNECTIONS = 8
BARE = "bare Flask"
EMULATOR = "emulator"
CALL = "CreateDataset"
AGAINST = (
    (BARE, Column("of bare Flask", ".2f", at_least=0.35)),
    ("moto_server, DescribeSchema", Column("times moto_server", ".1f", at_least=5)),
    (f"Prism, {{provider}} {CALL}", Column("times Prism", ".1f", at_least=3)),
    (f"WireMock, {{provider}} {CALL}", Column("times WireMock", ".1f", at_least=1)),
    (f"WireMock without a journal, {{provider}} {CALL}", Column("without its journal", ".1f")),
)
"""The row each creation is compared with, and how many times as fast it is wanted to be."""


@dataclass
class Lane:
    """One kind of request to one server, and what was measured of it in each round."""

    server: Server
    owner: str
    """Whose server it is."""
    call: str
    maker: Maker
    processor: list[float] = field(default_factory=list)
    """Microseconds per request."""
    rounds: list[Measured] = field(default_factory=list)
    resident: float | None = None
    made: int = 0

    @property
    def name(self) -> str:
        """The name of its row."""
        return f"{self.owner}, {self.call}" if self.call else self.owner

    def send(self, count: int) -> Measured:
        """Send so many requests, none of which was sent before."""
        requests = [self.maker(number) for number in range(self.made, self.made + count)]
        self.made += count
        return drive(self.server.port, requests, CONNECTIONS)

    def measure(self, count: int) -> None:
        """Measure a round; raises `AssertionError` for a response that is no success."""
        before = self.server.processor_seconds
        measured = self.send(count)
        self.processor.append(1e6 * (self.server.processor_seconds - before) / count)
        assert all(200 <= status < 300 for status in measured.statuses), (self.name, measured.statuses)  # fmt: skip
        self.rounds.append(measured)

    @property
    def microseconds(self) -> float:
        """The median of the processor time per request."""
        return statistics.median(self.processor)

    @property
    def per_second(self) -> float:
        """The median of the rate."""
        return statistics.median(measured.per_second for measured in self.rounds)

    def milliseconds(self, share: int) -> float:
        """Return the median of a percentile of the latency."""
        return statistics.median(measured.percentile(share) for measured in self.rounds)


def run(bench: Bench) -> Section:
    """Start all servers, let them take turns and compare them."""
    options, notes = bench.options, list[str]()
    with ExitStack() as stack:
        lanes = list(_lanes(stack, bench, notes))
        for lane in lanes:
            lane.send(options.warm)
        for _ in bench.rounds(options.rounds):
            for lane in lanes:
                lane.measure(options.requests)
        for lane in lanes:
            lane.resident = lane.server.resident
    method = (
        f"{CONNECTIONS} connections, {len(lanes[0].rounds)} rounds of {options.requests:,} requests of each kind after "
        f"{options.warm:,} to warm up, servers in turn, medians. Every CreateDataset has a name (or a parent) of its own; "
        "quotas are lifted. Processor time is that of all processes of a server, memory what they have after the last round. "
        "Wanted: 0.35 of bare Flask, 5 times moto_server, 3 times Prism, and WireMock with its journal; what misses it is bold."
    )  # fmt: skip
    by_time = _ratios(
        "By processor time", lanes, bench.contracts, lambda lane: 1 / lane.microseconds
    )
    by_rate = _ratios(
        "By requests per second", lanes, bench.contracts, lambda lane: lane.per_second
    )
    once = list(dict.fromkeys(notes))
    return Section(PART, method, [_figures(lanes), by_time, by_rate], once)


def _lanes(stack: ExitStack, bench: Bench, notes: list[str]) -> Iterator[Lane]:
    """Start the servers; note each that is left out, and why."""
    start = partial(_started, stack)
    yield Lane(start(servers.bare_flask), BARE, "", workloads.constant())
    emulator, contracts = start(servers.emulator), bench.contracts
    count = bench.options.warm + bench.options.requests * bench.options.rounds
    workloads.prepare(emulator.port, contracts, count)
    for name, contract in contracts.items():
        maker = workloads.create_dataset(contract, f"/{name}")
        yield Lane(emulator, EMULATOR, f"{name} {CALL}", maker)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    write_documents(emulator, list(contracts), folder)
    for peer in peers(list(contracts)):
        if peer.missing:
            notes.append(f"{peer.name} is left out: {peer.missing} is missing.")
            continue
        server = start(peer.command_in(folder))
        for call, maker in peer.makers(server, contracts).items():
            lane = Lane(server, peer.name, call, maker)
            refused = {status for status in lane.send(1).statuses if status >= 300}
            if refused:
                notes.append(f"{lane.name} is left out: the response is {refused.pop()}.")
            else:
                yield lane


def _started(stack: ExitStack, command: Callable[[int], Sequence[str]]) -> Server:
    port = servers.free_port()
    return stack.enter_context(servers.running(command(port), port))


def _figures(lanes: Sequence[Lane]) -> Table:
    columns = [Column("µs", ".0f"), Column("per second", ".0f"), Column("p50 ms", ".2f")]
    columns += [Column("p99 ms", ".2f"), Column("MB", ".0f")]
    table = Table([Column("Server, call"), *columns])
    for lane in lanes:
        latencies = [lane.milliseconds(50), lane.milliseconds(99)]
        figures = [lane.microseconds, lane.per_second, *latencies, lane.resident]
        table.rows.append([lane.name, *figures])
    return table


def _ratios(
    title: str,
    lanes: Sequence[Lane],
    providers: Iterable[str],
    speed: Callable[[Lane], float],
) -> Table:
    """Compare the speed of each creation with that of bare Flask and of the same call elsewhere."""
    speeds = {lane.name: speed(lane) for lane in lanes}
    table = Table([Column("CreateDataset"), *(column for _, column in AGAINST)], title=title)
    for provider in providers:
        row: list[Cell] = [provider]
        for other, _ in AGAINST:
            against = speeds.get(other.format(provider=provider))
            row.append(speeds[f"{EMULATOR}, {provider} {CALL}"] / against if against else None)
        table.rows.append(row)
    return table
