"""The control API under `/_emulator`, described by schemas/control like a provider."""

from emulator.control.contract_files import ContractFiles
from emulator.control.guard import Guard
from emulator.control.handlers import ControlDispatcher

CONTROL = "control"
"""The folder of `schemas/` that describes the control API."""

__all__ = ["CONTROL", "ContractFiles", "ControlDispatcher", "Guard"]
