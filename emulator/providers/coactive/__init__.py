"""Coactive AI, datasets of both generations of the API, and login."""

from emulator.api import Provider
from emulator.dialects.fastapi import FORMATS, Bearer, FastApi, FastApiPydantic1, Login
from emulator.providers.coactive import handlers, login, old
from emulator.providers.coactive.resources import Dataset

PROVIDER = Provider(
    name="coactive",
    client="emulator.testing.sessions:coactive",
    protocol=FastApi,
    schemes={"bearer": Bearer, "login": Login},
    formats=FORMATS,
    handlers={**handlers.HANDLERS, **login.HANDLERS},
    checks=handlers.CHECKS,
    resources=[Dataset],
    layers={
        "old": Provider(
            name="coactive",
            protocol=FastApiPydantic1,
            formats=FORMATS,
            handlers={**old.HANDLERS, **login.HANDLERS},
            checks=old.CHECKS,
        )
    },
)
