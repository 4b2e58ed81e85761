"""Programs some tests need: missing ones are skipped here, and are failures where CI is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test that needs it; fail in CI, where everything is installed."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI installs it")
    pytest.skip(f"{what} is missing")


def find(pattern: str, under: str, what: str) -> Path:
    """Find a program by the pattern of its path."""
    found = sorted(Path(under).glob(pattern))
    return found[-1] if found else missing(what)
