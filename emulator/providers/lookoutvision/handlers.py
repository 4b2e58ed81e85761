"""What happens in Amazon Lookout for Vision: one short function per operation.

The order of the checks is inferred: input, token, existence, uniqueness, state, quota. A
manifest is not part of it, for what is wrong with one shows in the dataset's state later.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from emulator.api import Call, Handler, InUse, NotFound, NotReady, QuotaExceeded, Refused
from emulator.providers.lookoutvision import content, wire
from emulator.providers.lookoutvision.resources import (
    Dataset,
    Entry,
    Project,
    dataset_id,
    project_arn,
)


def create_project(call: Call, wish: wire.CreateProject) -> Mapping[str, Project]:
    """Make a project; it can be used at once."""
    name = wish.project_name
    project = call.store.add(Project(id=name, project_name=name, arn=project_arn(call.scope, name)))
    call.spend("projects")
    return {"project_metadata": project}


def list_projects(call: Call, wish: wire.ListProjects) -> Mapping[str, object]:
    """List projects, oldest first."""
    page = call.store.page(Project, most=wish.max_results, token=wish.next_token)
    return {"projects": page.items, "next_token": page.token}


def describe_project(call: Call, wish: wire.DescribeProject) -> Mapping[str, object]:
    """Show a project with its datasets, oldest first."""
    project = call.store.get(Project, wish.project_name)
    datasets = call.store.children(Dataset, project.id)
    return {"project_description": {**vars(project), "datasets": datasets}}


def delete_project(call: Call, wish: wire.DeleteProject) -> Mapping[str, str]:
    """Remove a project that has no datasets any more."""
    project = call.store.get(Project, wish.project_name)
    if call.store.has(Dataset, project.id):
        raise InUse("project", id=project.id)
    call.store.remove(project)
    return {"project_arn": project.arn}


def create_dataset(call: Call, wish: wire.CreateDataset) -> Mapping[str, Dataset]:
    """Make an empty dataset at once, or start one from a manifest."""
    project = call.store.get(Project, wish.project_name)
    dataset = Dataset(
        id=dataset_id(project.id, wish.dataset_type),
        project_name=project.id,
        dataset_type=wish.dataset_type,
        manifest=wish.manifest,
    )
    if wish.manifest:
        stored = content.create(call, dataset)
    else:
        stored = call.store.add(dataset, lifecycle="create_empty", parent=project.id)
    call.spend("datasets")
    return {"dataset_metadata": stored}


def describe_dataset(call: Call, wish: wire.DescribeDataset) -> Mapping[str, Dataset]:
    """Show a dataset with its state and the number of its images."""
    return {"dataset_description": _dataset(call, wish)}


def delete_dataset(call: Call, wish: wire.DeleteDataset) -> Mapping[str, object]:
    """Start to remove a dataset with its entries, unless it is being worked on."""
    dataset = _dataset(call, wish)
    if dataset.busy:
        raise NotReady("dataset", id=dataset.id, state=dataset.state.name)
    call.store.remove(dataset)
    return {}


def update_dataset_entries(call: Call, wish: wire.UpdateDatasetEntries) -> Mapping[str, str]:
    """Start to add images to a dataset; what is wrong with them shows in its state later."""
    changes = _changes(call, wish.changes)
    dataset = _dataset(call, wish)
    if not dataset.changeable:
        raise NotReady("dataset", id=dataset.id, state=dataset.state.name)
    updated = content.update(call, dataset, changes)
    return {"status": updated.state.name}


def list_dataset_entries(call: Call, wish: wire.ListDatasetEntries) -> Mapping[str, object]:
    """List the entries that fit every filter, in the order in which they were added."""
    before, after = wish.before_creation_date, wish.after_creation_date
    dataset = _dataset(call, wish)

    def keep(entry: Entry) -> bool:
        return (
            entry.is_in(dataset.seen)
            and wish.labeled in (None, entry.label is not None)
            and wish.anomaly_class in (None, entry.label)
            and (before is None or entry.created_at < before)
            and (after is None or entry.created_at > after)
            and (wish.source_ref_contains or "") in entry.source_ref
        )

    page = call.store.page(
        Entry, parent=dataset.id, most=wish.max_results, token=wish.next_token, keep=keep
    )
    return {"dataset_entries": [entry.line for entry in page.items], "next_token": page.token}


def tag_resource(call: Call, wish: wire.TagResource) -> Mapping[str, object]:
    """Set tags of a project; those of other keys stay."""
    project = _tagged(call, wish.resource_arn)
    project.tags |= {tag["Key"]: tag["Value"] for tag in wish.tags}
    most = content.limit(call, "tags")
    if len(project.tags) > most:
        raise QuotaExceeded("tags", limit=most)
    call.store.change(project)
    return {}


def untag_resource(call: Call, wish: wire.UntagResource) -> Mapping[str, object]:
    """Remove tags of a project; keys it does not have are passed over."""
    project = _tagged(call, wish.resource_arn)
    project.tags = {key: value for key, value in project.tags.items() if key not in wish.tag_keys}
    call.store.change(project)
    return {}


def list_tags_for_resource(call: Call, wish: wire.ListTagsForResource) -> Mapping[str, object]:
    """List the tags of a project in the order in which they were first set."""
    tags = _tagged(call, wish.resource_arn).tags
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _dataset(call: Call, wish: wire.OfDataset) -> Dataset:
    project = call.store.get(Project, wish.project_name)
    asked = {"project_name": project.id, "dataset_type": wish.dataset_type}
    return call.store.get(Dataset, dataset_id(project.id, wish.dataset_type), **asked)


def _changes(call: Call, text: str) -> bytes:
    """Decode base64; the limit counts the bytes it stands for."""
    longest = call.contract.rules["changes"]["bytes"]
    changes = base64.b64decode(text)
    if len(changes) > longest:
        raise Refused("changes-too-long", limit=longest)
    return changes


def _tagged(call: Call, arn: str) -> Project:
    """Find what an ARN names, if that is of a kind that can be tagged."""
    match arn.split(":", 5):
        case ["arn", "aws", "lookoutvision", _, _, named]:
            kind, _, name = named.partition("/")
        case _:
            kind, name = "", ""
    if kind not in call.contract.rules["tags"]["taggable"]:
        raise Refused("not-taggable", arn=arn)
    project = call.store.find(Project, name) if kind == "project" else None
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
