"""Starts servers, each in processes of its own on a free port of loopback, and stops them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.library.processes import processor_seconds, resident

ROOT = Path(__file__).parents[2]
PATIENCE = 60
"""Seconds until a server has to respond, and until it has to end."""

ENVIRONMENT = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
"""Servers find compiled modules, as installed ones do."""


@dataclass(frozen=True)
class Server:
    """A server that responds, and the seconds from its start to its first response."""

    pid: int
    port: int
    took: float

    @property
    def base(self) -> str:
        """Its URL, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def processor_seconds(self) -> float:
        """The processor time that its processes have used so far, in seconds."""
        return processor_seconds(self.pid)

    @property
    def resident(self) -> float:
        """The resident memory of its processes, in MB."""
        return resident(self.pid)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def emulator(port: int) -> Sequence[str]:
    """Return the command of the emulator, as `make run` starts it, with resources ready at once."""
    return [sys.executable, "-m", "emulator", "serve", "--demo", "--lifecycle", "immediate", "--port", str(port)]  # fmt: skip


def bare_flask(port: int) -> Sequence[str]:
    """Return the command of a Flask application that answers a constant, on the same server."""
    return [sys.executable, "-m", "bench.bare", str(port)]


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[Server]:
    """Start a server, yield it once it responds, and stop it; raises `TimeoutError`."""
    began = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # fmt: skip
        try:
            _wait(process, port, began + PATIENCE)
            yield Server(process.pid, port, time.perf_counter() - began)
        finally:
            _stop(process)


def _wait(process: subprocess.Popen[bytes], port: int, deadline: float) -> None:
    """Wait for the first response, whatever it is."""
    while time.perf_counter() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as probe:
                probe.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if probe.recv(1):
                    return
        except OSError:
            pass
        time.sleep(0.002)
    raise TimeoutError(f"no response on port {port}: {process.args!r}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
