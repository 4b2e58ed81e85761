"""Finds the folder of the schemas, wherever the package is installed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

CONTROL = "control"
"""The folder of the control API's contract; no provider has this name."""


@cache
def built_in_folder() -> Path:
    """Find the schemas: inside the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parents[2]
    packaged = package / "schemas"
    return packaged if packaged.is_dir() else package.parent / "schemas"
