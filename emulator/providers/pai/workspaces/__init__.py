"""Workspaces, the default workspace, and members."""

from emulator.providers.pai.workspaces.handlers import HANDLERS

__all__ = ["HANDLERS"]
