"""The control API under `/_emulator`: what a test commands, described like a provider."""

from emulator.control.guard import Guard
from emulator.control.handlers import Commands
from emulator.control.library import Library

CONTROL = "control"
"""The folder of `schemas/` that describes the control API."""

__all__ = ["CONTROL", "Commands", "Guard", "Library"]
