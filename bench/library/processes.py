"""What a running server has used: processor time and memory of its whole tree of processes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process and its children have used, in seconds.

    Threads that have ended are included; processes that have ended are not.
    """
    return sum(time.clock_gettime(_clock_of(each)) for each in _tree(pid))


def resident(pid: int) -> float:
    """Return the resident memory of a process and its children, in MB."""
    return sum(_resident_kilobytes(each) for each in _tree(pid)) / 1024


def _clock_of(pid: int) -> int:
    # What clock_getcpuclockid(3) computes, which Python does not offer: a process number,
    # inverted, above three bits, of which 2 asks for the time the scheduler has counted.
    return (~pid << 3) | 2


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has just ended
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))


def _resident_kilobytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
