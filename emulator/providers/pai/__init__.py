"""Alibaba Cloud PAI AIWorkSpace, datasets and the workspaces they are in (version 2021-02-04)."""

from emulator.core.provider import Provider
from emulator.providers.pai import files, handlers, jobs, versions, wire, workspaces
from emulator.providers.pai.files.resources import FileMeta
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.workspaces.resources import Workspace

PROVIDER = Provider(
    name="pai",
    kinds=(Workspace, Dataset, FileMeta),
    handlers={
        **workspaces.HANDLERS,
        **handlers.HANDLERS,
        **versions.HANDLERS,
        **files.HANDLERS,
        **jobs.HANDLERS,
    },
    requests={
        **workspaces.REQUESTS,
        **wire.REQUESTS,
        **versions.REQUESTS,
        **files.REQUESTS,
        **jobs.REQUESTS,
    },
    responses={
        **workspaces.RESPONSES,
        **wire.RESPONSES,
        **versions.RESPONSES,
        **files.RESPONSES,
        **jobs.RESPONSES,
    },
)
