"""The operations of Amazon Lookout for Vision, one function each.

The order of the checks is inferred: input, token, existence, uniqueness, state, quota. A manifest
is not part of it, because its errors show in the dataset's state later.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from emulator.api import (
    Call,
    Handler,
    InUse,
    NotFound,
    NotReady,
    Page,
    Params,
    QuotaExceeded,
    Refused,
)
from emulator.providers.lookoutvision import content
from emulator.providers.lookoutvision.resources import (
    Dataset,
    Entry,
    Project,
    dataset_id,
    project_arn,
)


def create_project(call: Call, params: Params) -> Mapping[str, Project]:
    """Create a project; it is ready at once."""
    name = params.project_name
    project = call.resources.add(
        Project(id=name, project_name=name, arn=project_arn(call.scope, name))
    )
    # After the insert, which decides about uniqueness; a full quota rolls it back.
    call.check_quota("projects")
    return {"project_metadata": project}


def list_projects(call: Call, params: Params) -> Page[Project]:
    """List projects, oldest first."""
    return call.resources.page(Project, most=params.most, token=params.token)


def describe_project(call: Call, params: Params) -> Mapping[str, object]:
    """Return a project with its datasets, oldest first."""
    project = call.resources.get(Project, params.project_name)
    datasets = call.resources.children(Dataset, project.id)
    return {"project_description": {**vars(project), "datasets": datasets}}


def delete_project(call: Call, params: Params) -> Project:
    """Delete a project without datasets."""
    project = call.resources.get(Project, params.project_name)
    if call.resources.has(Dataset, project.id):
        raise InUse("project", id=project.id)
    call.resources.remove(project)
    return project


def create_dataset(call: Call, params: Params) -> Mapping[str, Dataset]:
    """Create an empty dataset at once, or start one from a manifest."""
    project = call.resources.get(Project, params.project_name)
    manifest = _manifest(params.dataset_source or {})
    dataset = Dataset(
        id=dataset_id(project.id, params.dataset_type),
        project_name=project.id,
        dataset_type=params.dataset_type,
        manifest=manifest,
    )
    if manifest:
        stored = content.create(call, dataset)
    else:
        stored = call.resources.add(dataset, lifecycle="create_empty", parent=project.id)
    call.check_quota("datasets")
    return {"dataset_metadata": stored}


def describe_dataset(call: Call, params: Params) -> Mapping[str, Dataset]:
    """Return a dataset with its state and the number of its images."""
    return {"dataset_description": _dataset(call, params)}


def delete_dataset(call: Call, params: Params) -> Mapping[str, object]:
    """Start to delete a dataset with its entries, unless it is busy."""
    dataset = _dataset(call, params)
    if dataset.busy:
        raise NotReady("dataset", id=dataset.id, state=dataset.state.name)
    call.resources.remove(dataset)
    return {}


def update_dataset_entries(call: Call, params: Params) -> Dataset:
    """Start to add images to a dataset; errors in them show in its state later."""
    changes = _changes(call, params.changes)
    dataset = _dataset(call, params)
    if not dataset.changeable:
        raise NotReady("dataset", id=dataset.id, state=dataset.state.name)
    return content.update(call, dataset, changes)


def list_dataset_entries(call: Call, params: Params) -> Mapping[str, object]:
    """List the entries that match every filter, in the order in which they were added."""
    before, after = params.before_creation_date, params.after_creation_date
    dataset = _dataset(call, params)

    def keep(entry: Entry) -> bool:
        return (
            entry.is_in(dataset.visible_revision)
            and params.labeled in (None, entry.label is not None)
            and params.anomaly_class in (None, entry.label)
            and (before is None or entry.created_at < before)
            and (after is None or entry.created_at > after)
            and (params.source_ref_contains or "") in entry.source_ref
        )

    page = call.resources.page(
        Entry, parent=dataset.id, most=params.most, token=params.token, keep=keep
    )
    return {"dataset_entries": [entry.line for entry in page.items], "token": page.token}


def tag_resource(call: Call, params: Params) -> Mapping[str, object]:
    """Set tags of a project; those of other keys stay."""
    project = _taggable_project(call, params.resource_arn)
    project.tags |= {tag["key"]: tag["value"] for tag in params.tags}
    limit = content.limit(call, "tags")
    if len(project.tags) > limit:
        raise QuotaExceeded("tags", limit=limit)
    call.resources.change(project)
    return {}


def untag_resource(call: Call, params: Params) -> Mapping[str, object]:
    """Remove tags of a project; unknown keys are ignored."""
    project = _taggable_project(call, params.resource_arn)
    project.tags = {key: value for key, value in project.tags.items() if key not in params.tag_keys}
    call.resources.change(project)
    return {}


def list_tags_for_resource(call: Call, params: Params) -> Mapping[str, object]:
    """List the tags of a project in the order in which they were first set."""
    tags = _taggable_project(call, params.resource_arn).tags
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _dataset(call: Call, params: Params) -> Dataset:
    project = call.resources.get(Project, params.project_name)
    facts = {"project_name": project.id, "dataset_type": params.dataset_type}
    return call.resources.get(Dataset, dataset_id(project.id, params.dataset_type), **facts)


def _manifest(source: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the S3 object that holds the manifest, if the source names one."""
    manifest: Mapping[str, Any] = source.get("ground_truth_manifest", {})
    return manifest.get("s3_object")


def _changes(call: Call, text: str) -> bytes:
    """Decode base64; the limit applies to the decoded bytes."""
    limit = call.contract.rules["changes"]["bytes"]
    changes = base64.b64decode(text)
    if len(changes) > limit:
        raise Refused("changes-too-long", limit=limit)
    return changes


def _taggable_project(call: Call, arn: str) -> Project:
    """Return the resource of an ARN, if its kind can be tagged."""
    match arn.split(":", 5):
        case ["arn", "aws", "lookoutvision", _, _, resource]:
            kind, _, name = resource.partition("/")
        case _:
            kind, name = "", ""
    if kind not in call.contract.rules["tags"]["taggable"]:
        raise Refused("not-taggable", arn=arn)
    project = call.resources.find(Project, name) if kind == "project" else None
    if project is None or project.arn != arn:
        raise NotFound(kind, id=name)
    return project


HANDLERS: Mapping[str, Handler] = {
    "CreateProject": create_project,
    "ListProjects": list_projects,
    "DescribeProject": describe_project,
    "DeleteProject": delete_project,
    "CreateDataset": create_dataset,
    "DescribeDataset": describe_dataset,
    "DeleteDataset": delete_dataset,
    "UpdateDatasetEntries": update_dataset_entries,
    "ListDatasetEntries": list_dataset_entries,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
