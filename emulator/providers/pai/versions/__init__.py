"""The versions of datasets."""

from emulator.providers.pai.versions.handlers import HANDLERS
from emulator.providers.pai.versions.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
