"""Jobs of Amazon Personalize: imports and exports of a dataset, deletions of users' data."""

from emulator.providers.personalize.jobs.handlers import HANDLERS
from emulator.providers.personalize.jobs.wire import REQUESTS, RESPONSES

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
