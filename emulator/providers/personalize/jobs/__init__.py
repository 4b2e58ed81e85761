"""Jobs of Amazon Personalize: imports and exports of a dataset, deletions of users' data."""

from emulator.providers.personalize.jobs.handlers import HANDLERS

__all__ = ["HANDLERS"]
