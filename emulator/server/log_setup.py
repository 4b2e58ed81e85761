"""The format of the log: text, or a JSON object per line.

Only the command sets it up; an embedding program sets up logging itself.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from datetime import UTC, datetime

from emulator.settings import Settings

ROOT = "emulator"
"""The parent of all loggers of this package."""


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


def set_up(settings: Settings) -> None:
    """Log to standard error, at the level and in the format of the settings."""
    handler = logging.StreamHandler(sys.stderr)
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
