"""Finds the folder of the schemas, wherever the package is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path


def built_in_folder() -> Path:
    """Find the schemas: inside the installed package, or at the top of a checkout."""
    packaged = find_spec("emulator.schemas")
    if packaged and packaged.submodule_search_locations:
        return Path(packaged.submodule_search_locations[0])
    return Path(__file__).resolve().parents[3] / "schemas"
