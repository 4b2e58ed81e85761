"""What PAI does with jobs and their configurations beyond the plain verbs.

A job starts at once and depends only on the clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.api import (
    Call,
    Document,
    Handler,
    Params,
    Resource,
    clock,
    create,
    named,
    references,
)
from emulator.providers.pai.files import active
from emulator.providers.pai.viewpoint import seen, version_of


def create_dataset_job(call: Call, params: Params) -> Resource:
    """Start a job on the files of a version."""
    found = references(call, params)
    version = version_of(call, params)
    files = active(call, version.id).total
    name = version.version_name
    return create(call, params, found, dataset_version=name, total_file_count=files)


def create_dataset_job_config(call: Call, params: Params) -> Resource:
    """Store the configuration for jobs of a type on a version; it is returned as sent."""
    found = references(call, params)
    name = version_of(call, params).version_name
    return create(call, params, found, dataset_version=name)


def list_dataset_jobs(call: Call, params: Params) -> Document:
    """List the jobs of a dataset, newest first by default."""
    dataset, _ = seen(call, params)
    # not the verb: a kind that expires by itself has no index
    jobs = [
        _shown(call, job)
        for job in call.list("dataset-job", parent=dataset.id).items
        if params.dataset_version in (None, "", job.dataset_version)
        and params.job_action in (None, job.job_action)
        and params.status in (None, job.status)
    ]
    if params.sort_by == "FinishTime":
        jobs.sort(key=lambda job: job.finish_time or 0)
    if params.order == "DESC":
        jobs.reverse()
    first = (params.page - 1) * params.most
    page = jobs[first : first + params.most]
    views = page if params.with_logs else [job.showing(logs=None) for job in page]
    return {"dataset_jobs": views, "total": len(jobs)}


def get_dataset_job(call: Call, params: Params) -> Resource:
    """Return a job with its state, its counts and its logs."""
    return _shown(call, named(call, params))


def delete_dataset_job(call: Call, params: Params) -> None:
    """Delete a job in any state; one that is being deleted goes no later for it."""
    job = named(call, params)
    if job.state.phase != "deleting":
        job.left = _progress(call, job)
        call.resources.remove(job)


def _shown(call: Call, job: Resource) -> Resource:
    return job.showing(**(job.left or _progress(call, job)))


def _progress(call: Call, job: Resource) -> dict[str, Any]:
    """Return the progress of a job; rules.json has the part of the files it completes."""
    total, parts = job.total_file_count, call.contract.rules["jobs"]["completed"]
    part = parts.get(job.state.name)
    completed = int(total * (part or 0))
    return {
        "completed_file_count": completed,
        "failed_file_count": 0 if part is None else total - completed,
        "finish_time": job.updated_at if job.state.phase in ("ready", "failed") else None,
        "logs": _logs(call, job),
    }


def _logs(call: Call, job: Resource) -> list[str]:
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
    "DeleteDatasetJob": delete_dataset_job,
    "CreateDatasetJobConfig": create_dataset_job_config,
}
