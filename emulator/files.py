"""Atomic writes of files."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(file: Path, content: bytes) -> None:
    """Replace the contents of a file, all or nothing; raises `OSError`.

    A pipe or a device is written to directly.
    """
    if file.exists() and not file.is_file():
        file.write_bytes(content)
        return
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(file)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
