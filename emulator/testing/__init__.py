"""What tests are handed: a running emulator, worlds of it, and what can be commanded there.

The pytest plugin makes fixtures of these; they work without pytest, too. Everything goes
through the control API, so an emulator in this process and one elsewhere are the same.
"""

from emulator.client import ControlError
from emulator.testing.controls import Fault
from emulator.testing.running import Emulators, Running
from emulator.testing.world import World

__all__ = ["ControlError", "Emulators", "Fault", "Running", "World"]
