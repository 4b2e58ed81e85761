"""Paths that the server, its clients and its tests agree on."""

CONTROL_PATH = "/_emulator"
"""Where the control API is, on the port of all providers."""
