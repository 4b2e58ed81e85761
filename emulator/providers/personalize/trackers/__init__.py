"""Event trackers of Amazon Personalize: where the events of a dataset group are sent."""

from emulator.providers.personalize.trackers.handlers import HANDLERS
from emulator.providers.personalize.trackers.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
