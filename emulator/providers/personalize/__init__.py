"""Amazon Personalize, the control plane's datasets (API version 2018-05-22)."""

from emulator.api import Provider
from emulator.dialects.aws import FORMATS, AwsJson, SigV4
from emulator.providers.personalize import handlers, jobs, tags, trackers
from emulator.providers.personalize.jobs.resources import (
    DataDeletionJob,
    DatasetExportJob,
    DatasetImportJob,
)
from emulator.providers.personalize.resources import Dataset, DatasetGroup, Schema
from emulator.providers.personalize.trackers.resources import EventTracker

PROVIDER = Provider(
    name="personalize",
    client="emulator.testing.aws:personalize",
    protocol=AwsJson,
    schemes={"sigv4": SigV4},
    handlers={**handlers.HANDLERS, **tags.HANDLERS, **jobs.HANDLERS, **trackers.HANDLERS},
    formats=FORMATS,
    resources=[
        Schema,
        DatasetGroup,
        Dataset,
        DatasetImportJob,
        DatasetExportJob,
        DataDeletionJob,
        EventTracker,
    ],
)
