"""Workspaces, which one is the default, and their members."""

from emulator.providers.pai.workspaces.handlers import HANDLERS
from emulator.providers.pai.workspaces.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
