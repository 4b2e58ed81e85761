"""The control API under `/_emulator`, described by schemas/control like a provider."""

from emulator.control.contract_files import ContractFiles
from emulator.control.guard import Guard, control_security
from emulator.control.handlers import ControlDispatcher
from emulator.control.openapi import Dialect
from emulator.core.contract.location import CONTROL

__all__ = ["CONTROL", "ContractFiles", "ControlDispatcher", "Dialect", "Guard", "control_security"]
