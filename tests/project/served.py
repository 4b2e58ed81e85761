"""The command `dataset-emulator serve`, run as a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

PATIENCE = 60
"""Seconds after which a process that should have spoken or ended is killed."""


@dataclass
class Served:
    """A running emulator and what it printed until it was ready."""

    process: subprocess.Popen[str]
    lines: list[str]

    @property
    def base(self) -> str:
        """The URL of the ready line."""
        return next(word for word in self.lines[-1].split() if word.startswith("http"))

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def served(*arguments: str, **environment: str) -> Iterator[Served]:
    """Start the emulator, wait for its ready line, and stop it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator", "serve", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
        start_new_session=True,
    )
    watchdog = threading.Timer(PATIENCE, _kill, [process])
    watchdog.start()
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.endswith("Ready.\n"):
                break
        else:
            raise AssertionError(f"never ready: {lines} {process.communicate()}")
        watchdog.cancel()
        yield Served(process, lines)
    finally:
        watchdog.cancel()
        if process.poll() is None:
            process.terminate()
        try:
            process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill the command and its worker."""
    os.killpg(process.pid, signal.SIGKILL)


def free_ports(count: int) -> int:
    """Give the first of so many free ports in a row, below those that connections are given."""
    first = 20_000 + os.getpid() % 1_000 * 10
    return next(port for port in range(first, 32_000, 10) if _are_free(port, count))


def _are_free(port: int, count: int) -> bool:
    with ExitStack() as probes:
        for number in range(port, port + count):
            probe = probes.enter_context(socket.socket())
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return False
    return True


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself."""
    return subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, **environment},
    )
