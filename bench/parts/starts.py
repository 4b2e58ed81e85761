"""From the command to the first answer, against a bare Flask application and the servers of others."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.library import servers
from bench.library.options import Bench
from bench.library.results import Column, Section, Table
from bench.peers import peers, write_documents

PART = "starts"
BARE = "bare Flask"
WANTED = 1.5
"""How many times as long as the bare application the emulator may take."""


@dataclass
class Starts:
    """What was measured of the starts of one server."""

    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    resident: list[float] = field(default_factory=list)

    def measure(self, command: Callable[[int], Sequence[str]]) -> None:
        """Start the server once, and stop it."""
        port = servers.free_port()
        with servers.running(command(port), port) as server:
            self.seconds.append(server.took)
            self.processor.append(server.processor_seconds)
            self.resident.append(server.resident)


def run(bench: Bench) -> Section:
    """Start every server several times, in turn."""
    with tempfile.TemporaryDirectory() as made:
        folder, notes = Path(made), list[str]()
        commands = _commands(bench, folder, notes)
        starts = {name: Starts() for name in commands}
        for _ in bench.rounds(bench.options.starts):
            for name, command in commands.items():
                starts[name].measure(command)
    method = (
        "Seconds from the command to the first HTTP response, whatever it is; "
        f"medians of {len(starts[BARE].seconds)} starts, servers in turn. "
        "Modules are found compiled, as they are once they are installed. "
        f"Wanted of the emulator: at most {WANTED} times bare Flask."
    )
    return Section(PART, method, [_table(starts)], notes)


def _commands(
    bench: Bench, folder: Path, notes: list[str]
) -> Mapping[str, Callable[[int], Sequence[str]]]:
    commands: dict[str, Callable[[int], Sequence[str]]] = {BARE: servers.bare_flask, "emulator": servers.emulator}  # fmt: skip
    port = servers.free_port()
    with servers.running(servers.emulator(port), port) as emulator:
        write_documents(emulator, list(bench.contracts), folder)
    for peer in peers(["aitems"]):
        if peer.missing:
            notes.append(f"{peer.name} is left out: {peer.missing} is missing.")
        else:
            commands[peer.name] = peer.command_in(folder)
    return commands


def _table(starts: Mapping[str, Starts]) -> Table:
    columns = [Column("Server"), Column("seconds", ".2f"), Column("times bare Flask", ".2f")]
    columns += [Column("processor seconds", ".2f"), Column("times bare Flask", ".2f")]
    table = Table([*columns, Column("MB", ".0f")])
    bare = starts[BARE]
    bare_seconds, bare_processor = map(statistics.median, (bare.seconds, bare.processor))
    for name, measured in starts.items():
        seconds = statistics.median(measured.seconds)
        processor = statistics.median(measured.processor)
        ratios = [seconds / bare_seconds, processor, processor / bare_processor]
        table.rows.append([name, seconds, *ratios, statistics.median(measured.resident)])
    return table
