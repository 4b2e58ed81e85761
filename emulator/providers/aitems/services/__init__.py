"""Services of AiTEMS, as far as they use datasets and train."""

from emulator.providers.aitems.services.handlers import HANDLERS
from emulator.providers.aitems.services.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
