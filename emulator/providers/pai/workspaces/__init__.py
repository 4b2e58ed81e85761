"""Workspaces, the default workspace, and members."""

from emulator.providers.pai.workspaces.handlers import HANDLERS
from emulator.providers.pai.workspaces.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
