"""Alibaba Cloud PAI AIWorkSpace, datasets and the workspaces they are in (version 2021-02-04)."""

from emulator.api import Provider
from emulator.dialects.alibaba import FORMATS, Acs, RoaJson
from emulator.providers.pai import files, handlers, jobs, versions, workspaces
from emulator.providers.pai.files.resources import FileMeta
from emulator.providers.pai.jobs.resources import DatasetJob, DatasetJobConfig
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.versions.resources import DatasetVersion
from emulator.providers.pai.workspaces.resources import DefaultWorkspace, Member, Workspace

PROVIDER = Provider(
    name="pai",
    client="emulator.testing.alibaba:pai",
    protocol=RoaJson,
    schemes={"acs": Acs},
    handlers={
        **workspaces.HANDLERS,
        **handlers.HANDLERS,
        **versions.HANDLERS,
        **files.HANDLERS,
        **jobs.HANDLERS,
    },
    formats=FORMATS,
    resources=[
        Workspace,
        DefaultWorkspace,
        Member,
        Dataset,
        DatasetVersion,
        FileMeta,
        DatasetJob,
        DatasetJobConfig,
    ],
)
