"""Metadata of the files in the versions of datasets."""

from emulator.providers.pai.files.handlers import HANDLERS

__all__ = ["HANDLERS"]
