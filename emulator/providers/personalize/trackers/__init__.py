"""Event trackers of Amazon Personalize: where the events of a dataset group are sent."""

from emulator.providers.personalize.trackers.handlers import HANDLERS

__all__ = ["HANDLERS"]
