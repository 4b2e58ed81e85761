"""What happens to jobs: each starts at once, and works on nothing but the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.api import Call, Document, Handler, NotFound, NotReady, clock
from emulator.providers.pai.files.resources import active
from emulator.providers.pai.jobs import wire
from emulator.providers.pai.jobs.resources import DatasetJob, new_id
from emulator.providers.pai.lookup import dataset_meant, version_meant


def create_dataset_job(call: Call, params: wire.CreateDatasetJob) -> DatasetJob:
    """Start a job on the files that are known of a version."""
    dataset = dataset_meant(call, params, "CreateDatasetJob")
    version = version_meant(call, dataset, params.dataset_version)
    job = DatasetJob(
        id=new_id(call, "dsjob", DatasetJob, dataset.id),
        dataset_id=dataset.id,
        workspace_id=dataset.workspace_id,
        dataset_version=version.version_name,
        job_action=params.job_action,
        job_mode=params.job_mode,
        job_spec=params.job_spec,
        total_file_count=active(call, version.id).total,
        description=params.description,
    )
    return call.resources.add(job, parent=dataset.id)


def list_dataset_jobs(call: Call, params: wire.ListDatasetJobs) -> Document:
    """List the jobs of a dataset, newest first if nothing else is asked for."""
    dataset = dataset_meant(call, params, "ListDatasetJobs")
    found = [
        job
        for job in call.resources.children(DatasetJob, dataset.id)
        if params.dataset_version in (None, "", job.dataset_version)
        and params.job_action in (None, job.job_action)
        and params.status in (None, job.state.name)
    ]
    if params.sort_by == "FinishTime":
        found.sort(key=lambda job: _shown(call, job)["finish_time"] or 0)
    if params.order == "DESC":
        found.reverse()
    first = (params.page_number - 1) * params.page_size
    shown = [_shown(call, job) for job in found[first : first + params.page_size]]
    logs = {} if params.with_logs else {"logs": None}
    return {"dataset_jobs": [{**job, **logs} for job in shown], "total_count": len(found)}


def get_dataset_job(call: Call, params: wire.NamedJob) -> Document:
    """Show a job with its state, its counts and its logs."""
    return _shown(call, _job(call, params, "GetDatasetJob"))


def update_dataset_job(call: Call, params: wire.UpdateDatasetJob) -> None:
    """Describe a job otherwise."""
    job = _job(call, params, "UpdateDatasetJob")
    if params.description is not None:
        job.description = params.description
        call.resources.change(job)


def delete_dataset_job(call: Call, params: wire.NamedJob) -> None:
    """Remove a job, whatever its state; one that is about to go goes no later for it."""
    job = _job(call, params, "DeleteDatasetJob")
    if job.state.means != "deleting":
        job.left = _progress(call, job)
        call.resources.remove(job)


def stop_dataset_job(call: Call, params: wire.NamedJob) -> None:
    """Stop a job that has not ended; raises `NotReady` for one that has."""
    job = _job(call, params, "StopDatasetJob")
    if job.state.means not in ("pending", "running"):
        raise NotReady(DatasetJob.kind, id=job.id, state=job.state.name)
    call.resources.change(job, lifecycle="stop")


def _job(call: Call, params: wire.NamedJob, action: str) -> DatasetJob:
    """Find a job of a dataset, in the version the request names if it does."""
    dataset = dataset_meant(call, params, action)
    job = call.resources.get(DatasetJob, params.dataset_job_id)
    is_meant = params.dataset_version in (None, "", job.dataset_version)
    if job.dataset_id != dataset.id or not is_meant:
        raise NotFound(DatasetJob.kind, id=job.id)
    return job


def _shown(call: Call, job: DatasetJob) -> Document:
    return {**vars(job), **(job.left or _progress(call, job))}


def _progress(call: Call, job: DatasetJob) -> dict[str, Any]:
    """Tell how far a job is; rules.json has what part of its files it completed when it ended."""
    total, parts = job.total_file_count, call.contract.rules["jobs"]["completed"]
    part = parts.get(job.state.name)
    completed = int(total * (part or 0))
    return {
        "completed_file_count": completed,
        "failed_file_count": 0 if part is None else total - completed,
        "finish_time": job.updated_at if job.has_ended else None,
        "logs": _logs(call, job),
    }


def _logs(call: Call, job: DatasetJob) -> list[str]:
    """Write a line for the beginning of a job, and one for what it came to."""
    begun = call.contract.rules["jobs"]["begins"]
    lines = [_line(job.created_at, begun)]
    return lines if job.state.name == begun else [*lines, _line(job.updated_at, job.state.name)]


def _line(at: int, text: str) -> str:
    return f"{clock.to_iso(at)[:23].replace('T', ' ')} INFO: {text}"


HANDLERS: Mapping[str, Handler] = {
    "CreateDatasetJob": create_dataset_job,
    "ListDatasetJobs": list_dataset_jobs,
    "GetDatasetJob": get_dataset_job,
    "UpdateDatasetJob": update_dataset_job,
    "DeleteDatasetJob": delete_dataset_job,
    "StopDatasetJob": stop_dataset_job,
}
