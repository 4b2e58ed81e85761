"""Schemas of AiTEMS: the fields of the data of datasets."""

from emulator.providers.aitems.schemas.handlers import HANDLERS
from emulator.providers.aitems.schemas.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
