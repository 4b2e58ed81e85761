"""Amazon Lookout for Vision, the datasets of a project (API version 2020-11-20)."""

from emulator.api import Provider
from emulator.dialects.aws import FORMATS, RestJson, SigV4, partition_of
from emulator.providers.lookoutvision.handlers import HANDLERS
from emulator.providers.lookoutvision.resources import Dataset, Entry

PROVIDER = Provider(
    name="lookoutvision",
    client="emulator.testing.aws:lookoutvision",
    protocol=RestJson,
    schemes={"sigv4": SigV4},
    handlers=HANDLERS,
    formats=FORMATS,
    scope_facts=partition_of,
    resources=[Dataset, Entry],
)
