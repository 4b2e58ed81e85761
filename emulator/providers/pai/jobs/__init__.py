"""Jobs that work on the files of datasets, and how they are configured."""

from emulator.providers.pai.jobs import configs, handlers
from emulator.providers.pai.jobs.wire import REQUESTS, RESPONSES

HANDLERS = {**handlers.HANDLERS, **configs.HANDLERS}

__all__ = ["HANDLERS", "REQUESTS", "RESPONSES"]
