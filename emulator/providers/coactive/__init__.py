"""Coactive AI, datasets of both generations of the API, and login."""

from emulator.api import Provider
from emulator.dialects.fastapi import Bearer, FastApi, FastApiPydantic1, Login
from emulator.providers.coactive import handlers, login, old, wire
from emulator.providers.coactive.resources import Dataset

PROVIDER = Provider(
    name="coactive",
    client="emulator.testing.sessions:coactive",
    protocol=FastApi,
    schemes={"bearer": Bearer, "login": Login},
    handlers={**handlers.HANDLERS, **login.HANDLERS},
    requests={**wire.REQUESTS, **login.REQUESTS},
    responses={**wire.RESPONSES, **login.RESPONSES},
    resources=[Dataset],
    layers={
        "old": Provider(
            name="coactive",
            protocol=FastApiPydantic1,
            handlers={**old.HANDLERS, **login.HANDLERS},
            requests={**old.REQUESTS, **login.REQUESTS},
            responses={**old.RESPONSES, **login.RESPONSES},
            resources=[Dataset],
        )
    },
)
