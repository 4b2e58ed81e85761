"""Coactive AI, datasets of the API's second generation (snake_case, `encoder_name`)."""

from emulator.core.provider import Provider
from emulator.providers.coactive.handlers import HANDLERS
from emulator.providers.coactive.wire import REQUESTS, RESPONSES

PROVIDER = Provider(name="coactive", handlers=HANDLERS, requests=REQUESTS, responses=RESPONSES)
