"""Alibaba Cloud PAI AIWorkSpace, datasets and the workspaces they are in (version 2021-02-04)."""

from emulator.core.provider import Provider
from emulator.providers.pai.handlers import HANDLERS
from emulator.providers.pai.wire import REQUESTS, RESPONSES

PROVIDER = Provider(name="pai", handlers=HANDLERS, requests=REQUESTS, responses=RESPONSES)
