"""Memory: of the server when it is idle, and of what it stores."""

from __future__ import annotations

import gc
import os
import subprocess
import sys

from bench.library import servers
from bench.library.options import Bench
from bench.library.processes import resident
from bench.library.results import Column, Section, Table
from bench.library.servers import ROOT
from bench.stored.worlds import filled

PART = "memory"
WANTED = 120
"""MB that the idle server may have."""

CONTENTS = {
    "personalize": "a schema, a dataset group and a dataset",
    "lookoutvision": "a project and a dataset",
    "pai": "a dataset and a version",
    "aitems": "a dataset",
    "coactive": "a dataset",
}


def run(bench: Bench) -> Section:
    """Measure the idle server, then the datasets of each provider."""
    count = bench.options.filled
    stored = Table([Column("Stored"), Column("bytes", ",.0f")])
    empty = _resident_with()
    for provider, contents in CONTENTS.items():
        grown = _resident_with(provider, str(count)) - empty
        stored.rows.append([f"{provider}: {contents}", grown / count])
    method = (
        "Resident memory of all processes of an idle server (the emulator with its demo world), and how much more a process has "
        f"with {count:,} datasets of a provider than with none, for each of them. Wanted: at most {WANTED} MB idle."
    )
    return Section(PART, method, [_idle(), stored])


def _idle() -> Table:
    table = Table([Column("Idle"), Column("MB", ".0f", at_most=WANTED)])
    for name, command in (("emulator", servers.emulator), ("bare Flask", servers.bare_flask)):
        port = servers.free_port()
        with servers.running(command(port), port) as server:
            table.rows.append([name, server.resident])
    return table


def _resident_with(*provider_and_count: str) -> float:
    """Return the bytes of a new process with an emulator that has stored so many datasets, or none."""
    command = [sys.executable, "-m", "bench.parts.memory", *provider_and_count]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout) * 1024 * 1024


def _fill() -> None:
    """Fill a world as the arguments of the process say; print the MB that the process has."""
    *providers, stored = sys.argv[1:] or ["0"]
    application = filled(int(stored), providers)
    gc.collect()
    print(resident(os.getpid()))
    application.close()


if __name__ == "__main__":
    _fill()
