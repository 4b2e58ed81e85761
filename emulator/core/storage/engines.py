"""Opens the engine that a URL names."""

from __future__ import annotations

import re

from emulator.core.storage.engine import Engine
from emulator.core.storage.memory.engine import MemoryEngine

_IN_MEMORY = re.compile(r"sqlite(\+pysqlite)?://(/?:memory:|/)?")


def open_engine(url: str) -> Engine:
    """Open the engine of a database; `sqlite://` is memory. Raises `DatabaseError`."""
    if _IN_MEMORY.fullmatch(url):
        return MemoryEngine()
    from emulator.core.storage.sql.database import Database  # noqa: PLC0415 - SQLAlchemy is heavy

    return Database(url)
