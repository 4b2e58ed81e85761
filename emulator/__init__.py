"""A local emulator of five cloud "Create Dataset" APIs.

The names below are public. They are loaded on first use, so that importing the package, as the
command line and the pytest plugin do, is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from emulator.version import __version__

if TYPE_CHECKING:
    from emulator.app import create_app
    from emulator.server.in_process import Emulator
    from emulator.settings import Settings

__all__ = ["Emulator", "Settings", "__version__", "create_app"]

_HOMES = {
    "Emulator": "emulator.server.in_process",
    "Settings": "emulator.settings",
    "create_app": "emulator.app",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
