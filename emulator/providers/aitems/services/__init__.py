"""Services of AiTEMS, as far as they use datasets and train."""

from emulator.providers.aitems.services.handlers import HANDLERS

__all__ = ["HANDLERS"]
