"""A running emulator and its worlds, for tests.

The pytest plugin makes fixtures of these; they also work without pytest. Everything goes through
the control API, so an emulator in this process and one elsewhere work alike.
"""

from emulator.client import ControlError
from emulator.testing.controls import Fault
from emulator.testing.running import Emulators, Running
from emulator.testing.world import World

__all__ = ["ControlError", "Emulators", "Fault", "Running", "World"]
