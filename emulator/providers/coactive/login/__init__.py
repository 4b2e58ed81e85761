"""Login at Coactive AI: credentials in, an access token for an hour out."""

from emulator.providers.coactive.login.handlers import HANDLERS

__all__ = ["HANDLERS"]
