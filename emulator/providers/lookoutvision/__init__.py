"""Amazon Lookout for Vision, the datasets of a project (API version 2020-11-20)."""

from emulator.core.pipeline.provider import Provider
from emulator.providers.lookoutvision.handlers import HANDLERS
from emulator.providers.lookoutvision.resources import Dataset, Entry, Project
from emulator.providers.lookoutvision.wire import REQUESTS, RESPONSES

PROVIDER = Provider(
    name="lookoutvision",
    handlers=HANDLERS,
    requests=REQUESTS,
    responses=RESPONSES,
    resources=[Project, Dataset, Entry],
)
