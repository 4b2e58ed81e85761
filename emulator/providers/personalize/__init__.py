"""Amazon Personalize, the control plane's datasets (API version 2018-05-22)."""

from emulator.api import Provider
from emulator.dialects.aws import FORMATS, AwsJson, SigV4, partition_of
from emulator.providers.personalize import checks, handlers, jobs, tags
from emulator.providers.personalize.resources import DataDeletionJob, Dataset, type_of

PROVIDER = Provider(
    name="personalize",
    client="emulator.testing.aws:personalize",
    protocol=AwsJson,
    schemes={"sigv4": SigV4},
    formats=FORMATS,
    handlers={**handlers.HANDLERS, **tags.HANDLERS, **jobs.HANDLERS},
    checks={**checks.CHECKS, **jobs.CHECKS},
    scope_facts=partition_of,
    request_facts=type_of,
    resources=[Dataset, DataDeletionJob],
)
