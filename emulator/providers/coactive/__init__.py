"""Coactive AI, datasets of both generations of the API, and login."""

from emulator.core.pipeline.provider import Provider
from emulator.providers.coactive import handlers, login, old, wire
from emulator.providers.coactive.resources import Dataset

PROVIDER = Provider(
    name="coactive",
    handlers={**handlers.HANDLERS, **login.HANDLERS},
    requests={**wire.REQUESTS, **login.REQUESTS},
    responses={**wire.RESPONSES, **login.RESPONSES},
    resources=[Dataset],
    layers={
        "old": Provider(
            name="coactive",
            handlers={**old.HANDLERS, **login.HANDLERS},
            requests={**old.REQUESTS, **login.REQUESTS},
            responses={**old.RESPONSES, **login.RESPONSES},
            resources=[Dataset],
        )
    },
)
