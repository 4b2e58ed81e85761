"""The versions of datasets."""

from emulator.providers.pai.versions.handlers import HANDLERS

__all__ = ["HANDLERS"]
