"""The servers that are compared, each a process of its own on a free port."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 30
ENVIRONMENT = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
"""Servers find compiled modules, as installed ones do."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def emulator(port: int) -> list[str]:
    """The emulator as `make run` starts it."""
    return [sys.executable, "-m", "emulator", "serve", "--demo", "--lifecycle", "immediate", "--port", str(port)]  # fmt: skip


def bare_flask(port: int) -> list[str]:
    """A Flask application that returns a constant, on granian with its default settings."""
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-log",
        "bench.bare:app",
    ]  # fmt: skip


def bare_flask_alone(port: int) -> list[str]:
    """The same on one thread: faster, but a body that does not arrive blocks it."""
    return [*bare_flask(port), "--blocking-threads", "1"]


def moto(port: int) -> list[str]:
    """moto_server, the only other tool with a call of one of the five services."""
    return [str(ROOT / ".venv-bench" / "bin" / "moto_server"), "-p", str(port)]


@contextmanager
def running(command: list[str], port: int) -> Iterator[tuple[int, float]]:
    """Start a server; yield its process id and the seconds until its first response."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    try:
        took = _wait(process, port, began)
        yield process.pid, took
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def seconds_to_ready(command: list[str]) -> float:
    """Start the emulator; return the seconds until it printed its ready line."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.endswith("Ready.\n"):
                break
        took = time.perf_counter() - began
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    return took


def resident(pid: int) -> float:
    """Return the resident memory of a process and its children, in MB."""
    total = 0
    for process in [pid, *_children(pid)]:
        status = Path(f"/proc/{process}/status").read_text()
        total += int(status.partition("VmRSS:")[2].split()[0])
    return total / 1024


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def _wait(process: subprocess.Popen[bytes], port: int, began: float) -> float:
    """Wait for the first response, whatever it is."""
    while time.perf_counter() - began < PATIENCE:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as probe:
                probe.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                if probe.recv(1):
                    return time.perf_counter() - began
        except OSError:
            time.sleep(0.002)
        if process.poll() is not None:
            break
    raise TimeoutError(f"no response on port {port}: {process.args!r}")
