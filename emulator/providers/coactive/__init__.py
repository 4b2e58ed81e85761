"""Coactive AI, datasets of both generations of the API, and login."""

from dataclasses import replace

from emulator.api import Provider
from emulator.dialects.fastapi import FORMATS, Bearer, FastApi, FastApiPydantic1, Login
from emulator.providers.coactive import generations, handlers, login, nothing, old
from emulator.providers.coactive.resources import Dataset

_LATER = Provider(
    name="coactive",
    client="emulator.testing.sessions:coactive",
    protocol=FastApi,
    schemes={"bearer": Bearer, "login": Login},
    formats=FORMATS,
    handlers={**handlers.HANDLERS, **login.HANDLERS, **nothing.HANDLERS},
    checks=handlers.CHECKS,
    resources=[Dataset],
)

PROVIDER = replace(
    _LATER,
    layers={
        "both": replace(_LATER, layer_of=generations.LAYER_OF),
        "old": Provider(
            name="coactive",
            protocol=FastApiPydantic1,
            formats=FORMATS,
            handlers={**old.HANDLERS, **login.HANDLERS, **nothing.HANDLERS},
            checks=old.CHECKS,
        ),
    },
)
