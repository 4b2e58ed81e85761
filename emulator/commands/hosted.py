"""The emulator process of `exec`: it ends when the process that started it ends.

It reads its settings from the first line of standard input and stops at the end of that input,
which also comes if the other process is killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import NoReturn

from emulator.server.command import serve
from emulator.settings import Settings

_STDIN = 0


def main() -> NoReturn:
    """Serve with the settings from standard input until that ends."""
    settings = Settings(**json.loads(_first_line()))
    threading.Thread(target=_stop_with_input, daemon=True).start()
    sys.exit(serve(settings))


def _first_line() -> bytes:
    # Not through `sys.stdin`: the thread that waits for its end would hold its lock at the exit.
    line = b""
    while not line.endswith(b"\n"):
        read = os.read(_STDIN, 4096)
        if not read:
            sys.exit(1)
        line += read
    return line


def _stop_with_input() -> None:
    while os.read(_STDIN, 4096):
        pass
    main_thread = threading.main_thread().ident
    assert main_thread is not None
    signal.pthread_kill(main_thread, signal.SIGTERM)  # wakes the main thread, which kill might not
