"""NAVER Cloud Platform AiTEMS, its schemas and datasets (API version 1)."""

from emulator.core.provider import Provider
from emulator.providers.aitems.handlers import HANDLERS
from emulator.providers.aitems.wire import REQUESTS, RESPONSES

PROVIDER = Provider(name="aitems", handlers=HANDLERS, requests=REQUESTS, responses=RESPONSES)
