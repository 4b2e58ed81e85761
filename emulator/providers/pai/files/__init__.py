"""Metadata of the files in the versions of datasets."""

from emulator.providers.pai.files.handlers import HANDLERS
from emulator.providers.pai.files.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
