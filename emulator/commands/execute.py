"""`dataset-emulator exec`: run a command with an emulator of its own.

The emulator runs in a process and session of its own, so that a Ctrl-C in the terminal reaches
only the command, which can still use the emulator while it cleans up.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any

import click

import emulator
from emulator.commands.environment import command_environment, variables
from emulator.settings import ENVIRONMENT_PREFIX, Settings

CANNOT_RUN, NOT_THERE, BY_SIGNAL = 126, 127, 128
"""Exit codes, as in a shell; the number of the signal is added to the last."""

_FORWARDED = (signal.SIGINT, signal.SIGTERM)

_GRACE = 10
"""Seconds for the emulator to stop."""

_CODE = (
    "import sys; sys.path.append(sys.argv[1]); from emulator.commands.hosted import main; main()"
)


class NotStarted(Exception):
    """The emulator did not start and has printed why; `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def execute(settings: Settings, command: Sequence[str]) -> int:
    """Run a command with an emulator; return its exit code, or the emulator's if that fails."""
    relay = Relay()
    try:
        with relay.listening(), hosted(settings) as endpoints:
            found = {
                **variables(endpoints["base"], endpoints["providers"], settings.credentials),
                **_token(settings),
            }
            own = command_environment(os.environ, found)  # noqa: TID251 - handed on, not read
            return relay.run(command, own)
    except NotStarted as end:
        return end.code


def _token(settings: Settings) -> Mapping[str, str]:
    token = settings.control_token
    return {f"{ENVIRONMENT_PREFIX}_CONTROL_TOKEN": token} if token else {}


@contextmanager
def hosted(settings: Settings) -> Iterator[Mapping[str, Any]]:
    """Run an emulator in a process of its own; yield its endpoints. Raises `NotStarted`."""
    home = str(Path(emulator.__file__).parents[1])
    code = [sys.executable, "-P", "-c", _CODE, home]
    process = Popen(code, stdin=PIPE, stdout=PIPE, start_new_session=True)  # noqa: S603 - ours
    patience = 0  # nothing is under way in an emulator that is not ready
    try:
        endpoints = _started(process, settings)
        patience = _GRACE
        yield endpoints
        if process.poll() is not None:
            click.echo("dataset-emulator: the emulator ended before the command", err=True)
    finally:
        _stop(process, patience)


def _started(process: Popen[bytes], settings: Settings) -> Mapping[str, Any]:
    """Send an emulator its settings and wait until it is ready; raises `NotStarted`."""
    assert process.stdin is not None
    assert process.stdout is not None
    with TemporaryDirectory(prefix="dataset-emulator-") as folder:
        file = settings.endpoints_file or str(Path(folder) / "endpoints.json")
        sent = asdict(replace(settings, endpoints_file=file, quiet=True))
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(sent).encode() + b"\n")
            process.stdin.flush()
        if not any(line.endswith(b"Ready.\n") for line in process.stdout):
            raise NotStarted(process.wait() or 1)
        found: Mapping[str, Any] = json.loads(Path(file).read_text(encoding="utf-8"))
        return found


def _stop(process: Popen[bytes], patience: float) -> None:
    """Stop an emulator; kill it after `patience` seconds."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(patience)
    except TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()


class Relay:
    """Runs a command and forwards to it the signals that would stop this process."""

    def __init__(self) -> None:
        """Start without a command: until one runs, a signal ends this process."""
        self._process: Popen[bytes] | None = None
        self._held: list[int] | None = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle signals during a block."""
        before = {number: signal.signal(number, self._take) for number in _FORWARDED}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Run a command to its end; return its exit code as a shell would."""
        self._held = []  # from here on signals are kept for the command that is about to start
        try:
            self._process = Popen(command, env=environment)  # noqa: S603 - what the user asks for
        except OSError as error:
            click.echo(f"dataset-emulator: {command[0]}: {error.strerror}", err=True)
            return NOT_THERE if isinstance(error, FileNotFoundError) else CANNOT_RUN
        for number in self._held:
            self._process.send_signal(number)
        code = self._process.wait()
        return code if code >= 0 else BY_SIGNAL - code

    def _take(self, number: int, _: FrameType | None) -> None:
        if self._held is None:
            sys.exit(BY_SIGNAL + number)
        if self._process is None:
            self._held.append(number)
        elif number != signal.SIGINT or not _from_terminal():
            self._process.send_signal(number)


def _from_terminal() -> bool:
    """Return whether an interrupt may come from the terminal, which sends it to both of us."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False
