"""Writes files so that nobody ever sees a part of one."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(file: Path, content: bytes) -> None:
    """Put a content in the place of what a file had, all of it or none; raises `OSError`.

    What is there and is no ordinary file, such as a pipe or a terminal, is written to as it is.
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
