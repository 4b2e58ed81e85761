"""Amazon Personalize, the control plane's datasets (API version 2018-05-22)."""

from emulator.core.provider import Provider
from emulator.providers.personalize import handlers, jobs, tags, trackers, wire

PROVIDER = Provider(
    name="personalize",
    handlers={**handlers.HANDLERS, **tags.HANDLERS, **jobs.HANDLERS, **trackers.HANDLERS},
    requests={**wire.REQUESTS, **jobs.REQUESTS, **trackers.REQUESTS},
    responses={**wire.RESPONSES, **jobs.RESPONSES, **trackers.RESPONSES},
)
