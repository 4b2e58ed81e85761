"""Measures the emulator against its neighbours in one run, and prints ratios as Markdown.

python -m bench [--requests 1000] [--rounds 5]

Every server is a process of its own on loopback. Rounds take turns between the servers,
so that a slow moment of the machine meets all of them; medians are compared.
"""

from __future__ import annotations

import argparse
import statistics
from contextlib import ExitStack
from dataclasses import dataclass, field

from bench import control_reads, credentials, growth, servers, workloads
from bench.client import Measured, drive
from emulator.catalogue import ProviderCatalogue
from emulator.contracts import load_contracts
from emulator.core.contract.loader import Loader

CONNECTIONS = 8
STARTS = 7
FLOOR, PEER = "bare Flask on granian", "moto_server DescribeSchema"
ALONE = f"{FLOOR}, one thread"


@dataclass
class Lane:
    """One kind of request to one server, and what was measured of it."""

    name: str
    port: int
    maker: workloads.Maker
    rounds: list[Measured] = field(default_factory=list)
    made: int = 0

    def run(self, count: int) -> None:
        requests = [self.maker(number) for number in range(self.made, self.made + count)]
        self.made += count
        measured = drive(self.port, requests, CONNECTIONS)
        assert all(200 <= status < 300 for status in measured.statuses), (
            self.name,
            measured.statuses,
        )
        self.rounds.append(measured)

    @property
    def per_second(self) -> float:
        return statistics.median(measured.per_second for measured in self.rounds)

    def milliseconds(self, share: int) -> float:
        return statistics.median(measured.percentile(share) for measured in self.rounds)


def main() -> None:
    """Run everything."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--requests", type=int, default=1000, help="requests per round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds per kind of request")
    options = parser.parse_args()
    report_starts()
    report_requests(options.requests, options.rounds)
    credentials.report(300)
    both = growth.worlds()
    growth.report(both, growth.FEW)
    control_reads.report(both, growth.FEW)


def report_starts() -> None:
    """Compare the time to the ready line with the bare application's first answer."""
    emulator_times, bare_times = [], []
    for _ in range(STARTS):
        port = servers.free_port()
        emulator_times.append(servers.seconds_to_ready(servers.emulator(port)))
        port = servers.free_port()
        with servers.running(servers.bare_flask(port), port) as (_, took):
            bare_times.append(took)
    emulator_median, bare_median = statistics.median(emulator_times), statistics.median(bare_times)
    print(
        f"\nStart: {emulator_median:.2f} s to `Ready.`, {bare_median:.2f} s for {FLOOR}: ratio {emulator_median / bare_median:.2f}\n"
    )


def report_requests(count: int, rounds: int) -> None:
    """Compare requests per second, latencies and memory."""
    contracts = dict(load_contracts(Loader(), ProviderCatalogue.find().loaders()))
    with ExitStack() as stack:
        ports = {
            name: servers.free_port()
            for name in ("emulator", "bare_flask", "bare_flask_alone", "moto")
        }
        pids = {
            name: stack.enter_context(servers.running(getattr(servers, name)(port), port))[0]
            for name, port in ports.items()
        }
        idle = servers.resident(pids["emulator"])
        base = f"http://127.0.0.1:{ports['emulator']}"
        workloads.prepare(base, contracts, count * rounds)
        lanes = [
            Lane(FLOOR, ports["bare_flask"], workloads.constant()),
            Lane(PEER, ports["moto"], workloads.moto_schema(ports["moto"])),
            Lane(ALONE, ports["bare_flask_alone"], workloads.constant()),
        ]
        for name, maker in workloads.makers(contracts).items():
            lanes.append(Lane(f"{name} CreateDataset", ports["emulator"], maker))
        for _ in range(rounds):
            for lane in lanes:
                lane.run(count)
        print_lanes(lanes)
        after = servers.resident(pids["emulator"])
    print(f"\nMemory of the emulator, all processes: {idle:.0f} MB idle, {after:.0f} MB afterwards")


def print_lanes(lanes: list[Lane]) -> None:
    """Print a table, with the ratio to the floor and to the peer."""
    floor, peer = lanes[0].per_second, lanes[1].per_second
    print(f"{CONNECTIONS} connections\n")
    print("| Request | per second | p50 ms | p99 ms | of bare Flask | times moto |")
    print("|---|---|---|---|---|---|")
    for lane in lanes:
        rate, p50, p99 = lane.per_second, lane.milliseconds(50), lane.milliseconds(99)
        print(f"| {lane.name} | {rate:.0f} | {p50:.1f} | {p99:.1f} | {rate / floor:.2f} | {rate / peer:.1f} |")  # fmt: skip


if __name__ == "__main__":
    main()
