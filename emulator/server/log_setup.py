"""The format of the log: text, or a JSON object per line.

Only the command sets it up; an embedding program sets up logging itself.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from queue import SimpleQueue

from emulator.settings import Settings

ROOT = "emulator"
"""The parent of all loggers of this package."""

_MOST_WAITING = 10_000
"""Lines that wait to be written."""

_LAST_WORDS = 1
"""Seconds for the lines that wait when the emulator ends."""

REQUESTS = f"{ROOT}.requests"
"""The logger with a line for each request."""


class _Json(logging.Formatter):
    """Writes time, level, logger and message; a traceback as `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as one line of JSON."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry)


class _Writer(threading.Thread):
    """Writes lines to standard error, on a thread: whoever should read them may not.

    A pipe that is full blocks who writes to it. Lines beyond those that wait are dropped, and the
    buffer of `sys.stderr` is passed by, whose lock a blocked thread would hold at the end.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._lines: SimpleQueue[bytes | None] = SimpleQueue()
        self._ended = threading.Event()

    def write(self, line: str) -> None:
        """Let a line be written, if not too many wait already."""
        if self._lines.qsize() < _MOST_WAITING:
            self._lines.put(line.encode("utf-8", "backslashreplace"))

    def run(self) -> None:
        """Write one line after the other until `finish`."""
        with suppress(OSError):
            while (rest := self._lines.get()) is not None:
                while rest:
                    rest = rest[os.write(sys.stderr.fileno(), rest) :]
        self._ended.set()

    def finish(self) -> None:
        """Wait until all is written, but not for ever."""
        self._lines.put(None)
        self._ended.wait(_LAST_WORDS)


class _Handler(logging.Handler):
    """Formats a record, and hands its line to the writer."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        self._writer.write(f"{self.format(record)}\n")


def set_up(settings: Settings) -> Callable[[], None]:
    """Log to standard error as the settings have it; return what writes the last lines."""
    writer = _Writer()
    handler = _Handler(writer)
    text = logging.Formatter("%(asctime)s %(levelname)s: %(message)s")
    text.default_time_format, text.default_msec_format = "%Y-%m-%dT%H:%M:%S", "%s.%03dZ"
    text.converter = time.gmtime
    handler.setFormatter(_Json() if settings.log_format == "json" else text)
    logger = logging.getLogger(ROOT)
    logger.handlers[:] = [handler]
    logger.setLevel(settings.log_level.upper())
    logger.propagate = False
    if settings.quiet:
        logging.getLogger(REQUESTS).setLevel(logging.WARNING)
    writer.start()
    return writer.finish
