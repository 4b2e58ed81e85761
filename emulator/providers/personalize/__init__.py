"""Amazon Personalize, the control plane's datasets (API version 2018-05-22)."""

from emulator.core.provider import Provider
from emulator.providers.personalize.handlers import HANDLERS
from emulator.providers.personalize.wire import REQUESTS, RESPONSES

PROVIDER = Provider(name="personalize", handlers=HANDLERS, requests=REQUESTS, responses=RESPONSES)
