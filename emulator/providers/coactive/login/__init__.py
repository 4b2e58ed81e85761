"""Login at Coactive AI: credentials in, an access token for an hour out."""

from emulator.providers.coactive.login.handlers import HANDLERS
from emulator.providers.coactive.login.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
