"""Ready clients of the vendors' own libraries, where those are installed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

_HOMES: Mapping[str, str] = {
    "personalize": "aws",
    "lookoutvision": "aws",
    "pai": "alibaba",
    "aitems": "sessions",
    "coactive": "sessions",
}
"""The module that makes the client of a provider, in a function of its name."""


def connect(provider: str, url: str, **options: Any) -> Any:
    """Make a client of a provider at a URL; raises `ImportError` where its library is missing.

    The options are those of the library, for what shall be otherwise than usual.
    """
    module = import_module(f"emulator.testing.{_HOMES[provider]}")
    return getattr(module, provider)(url, **options)
