"""Alibaba Cloud PAI AIWorkSpace, datasets and the workspaces they are in (version 2021-02-04)."""

from emulator.api import Provider
from emulator.dialects.alibaba import FORMATS, Acs, RoaJson
from emulator.providers.pai import (
    datasets,
    file_lists,
    files,
    jobs,
    members,
    versions,
    viewpoint,
    workspaces,
)

PROVIDER = Provider(
    name="pai",
    client="emulator.testing.alibaba:pai",
    protocol=RoaJson,
    schemes={"acs": Acs},
    formats=FORMATS,
    handlers={
        **workspaces.HANDLERS,
        **members.HANDLERS,
        **datasets.HANDLERS,
        **versions.HANDLERS,
        **files.HANDLERS,
        **file_lists.HANDLERS,
        **jobs.HANDLERS,
    },
    checks=viewpoint.CHECKS,
    resources=[viewpoint.Dataset, files.FileMeta],
)
