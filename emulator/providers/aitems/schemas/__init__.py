"""Schemas of AiTEMS: the fields of the data of datasets."""

from emulator.providers.aitems.schemas.handlers import HANDLERS

__all__ = ["HANDLERS"]
