"""Schemas of AiTEMS: what the data of a dataset has to be like."""

from emulator.providers.aitems.schemas.handlers import HANDLERS
from emulator.providers.aitems.schemas.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
