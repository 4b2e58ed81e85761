"""Jobs that work on the files of datasets, and how they are configured."""

from emulator.providers.pai.jobs import configs, handlers

HANDLERS = {**handlers.HANDLERS, **configs.HANDLERS}

__all__ = ["HANDLERS"]
