"""The operations on jobs: each starts at once and depends only on the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.api import Call, Document, Handler, NotFound, NotReady, Params, clock
from emulator.providers.pai.files.resources import active
from emulator.providers.pai.jobs.resources import DatasetJob, new_id
from emulator.providers.pai.lookup import resolve_dataset, resolve_version
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.viewpoint import visible_dataset


def create_dataset_job(call: Call, params: Params) -> DatasetJob:
    """Start a job on the files of a version."""
    dataset = resolve_dataset(call, params, "CreateDatasetJob")
    version = resolve_version(call, dataset, params.dataset_version)
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


def list_dataset_jobs(call: Call, params: Params) -> Document:
    """List the jobs of a dataset, newest first by default."""
    dataset = resolve_dataset(call, params, "ListDatasetJobs")
    found = [
        job
        for job in call.resources.children(DatasetJob, dataset.id)
        if params.dataset_version in (None, "", job.dataset_version)
        and params.job_action in (None, job.job_action)
        and params.status in (None, job.state.name)
    ]
    if params.sort_by == "FinishTime":
        found.sort(key=lambda job: _view(call, job)["finish_time"] or 0)
    if params.order == "DESC":
        found.reverse()
    first = (params.page - 1) * params.most
    views = [_view(call, job) for job in found[first : first + params.most]]
    logs = {} if params.with_logs else {"logs": None}
    return {"dataset_jobs": [{**job, **logs} for job in views], "total": len(found)}


def get_dataset_job(call: Call, params: Params) -> Document:
    """Return a job with its state, its counts and its logs."""
    return _view(call, _job(call, params, "GetDatasetJob"))


def update_dataset_job(call: Call, params: Params) -> None:
    """Change the description of a job."""
    job = _job(call, params, "UpdateDatasetJob")
    if params.description is not None:
        job.description = params.description
        call.resources.change(job)


def delete_dataset_job(call: Call, params: Params) -> None:
    """Delete a job in any state; one that is being deleted goes no later for it."""
    dataset, _ = visible_dataset(call, params.dataset_id, "DeleteDatasetJob")
    job = _job_of(call, dataset, params.dataset_job_id)
    if job.state.phase != "deleting":
        job.left = _progress(call, job)
        call.resources.remove(job)


def stop_dataset_job(call: Call, params: Params) -> None:
    """Stop a running job; raises `NotReady` if it has ended."""
    job = _job(call, params, "StopDatasetJob")
    if job.state.phase not in ("pending", "running"):
        raise NotReady(DatasetJob.kind, id=job.id, state=job.state.name)
    call.resources.change(job, lifecycle="stop")


def _job(call: Call, params: Params, action: str) -> DatasetJob:
    """Return a job of a dataset, in the version of the request, if any."""
    job = _job_of(call, resolve_dataset(call, params, action), params.dataset_job_id)
    if params.dataset_version not in (None, "", job.dataset_version):
        raise NotFound(DatasetJob.kind, id=job.id)
    return job


def _job_of(call: Call, dataset: Dataset, job_id: str) -> DatasetJob:
    """Return a job of this dataset; raises `NotFound`."""
    job = call.resources.get(DatasetJob, job_id)
    if job.dataset_id != dataset.id:
        raise NotFound(DatasetJob.kind, id=job.id)
    return job


def _view(call: Call, job: DatasetJob) -> Document:
    return {**vars(job), "status": job.status, **(job.left or _progress(call, job))}


def _progress(call: Call, job: DatasetJob) -> dict[str, Any]:
    """Return the progress of a job; rules.json has the part of the files it completes."""
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
    """Return a log line for the start of a job and one for its outcome."""
    first_state = call.contract.rules["jobs"]["begins"]
    lines = [_line(job.created_at, first_state)]
    return (
        lines if job.state.name == first_state else [*lines, _line(job.updated_at, job.state.name)]
    )


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
