"""What Amazon Lookout for Vision does beyond the plain verbs.

The order of the checks is inferred: input, token, existence, uniqueness, state, quota. A manifest
is not part of it, because its errors show in the dataset's state later.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from emulator.api import (
    Call,
    Handler,
    NotFound,
    NotReady,
    Params,
    QuotaExceeded,
    Refused,
    Resource,
    create,
    named,
)
from emulator.providers.lookoutvision import content


def describe_project(call: Call, params: Params) -> Resource:
    """Return a project with its datasets, oldest first."""
    project = named(call, params)
    return project.showing(datasets=call.list("dataset", parent=project.id).items)


def create_dataset(call: Call, params: Params) -> Resource:
    """Create an empty dataset at once, or start one from a manifest."""
    source = (params.dataset_source or {}).get("ground_truth_manifest", {}).get("s3_object")
    if source:
        return content.create_from(call, params, source)
    return create(call, params, lifecycle="create_empty")


def update_dataset_entries(call: Call, params: Params) -> Resource:
    """Start to add images to a dataset; errors in them show in its state later."""
    changes = _changes(call, params.changes)
    dataset = named(call, params)
    if dataset.status == "CREATE_FAILED":
        raise NotReady("dataset", id=dataset.id, state=dataset.status)
    return content.update(call, dataset, changes)


def list_dataset_entries(call: Call, params: Params) -> Mapping[str, object]:
    """List the entries that match every filter, in the order in which they were added."""
    before, after = params.before_creation_date, params.after_creation_date
    dataset = named(call, params)

    def keep(entry: Resource) -> bool:
        return (
            entry.is_in(dataset.visible_revision)
            and params.labeled in (None, entry.label is not None)
            and params.anomaly_class in (None, entry.label)
            and (before is None or entry.created_at < before)
            and (after is None or entry.created_at > after)
            and (params.source_ref_contains or "") in entry.source_ref
        )

    page = call.list("entry", parent=dataset.id, most=params.most, token=params.token, keep=keep)
    return {"dataset_entries": [entry.line for entry in page.items], "token": page.token}


def tag_resource(call: Call, params: Params) -> None:
    """Set tags of a project; those of other keys stay."""
    project = _taggable_project(call, params.resource_arn)
    project.tags |= {tag["key"]: tag["value"] for tag in params.tags}
    limit = content.limit(call, "tags")
    if len(project.tags) > limit:
        raise QuotaExceeded("tags", limit=limit)
    call.resources.change(project)


def untag_resource(call: Call, params: Params) -> None:
    """Remove tags of a project; unknown keys are ignored."""
    project = _taggable_project(call, params.resource_arn)
    project.tags = {key: value for key, value in project.tags.items() if key not in params.tag_keys}
    call.resources.change(project)


def list_tags_for_resource(call: Call, params: Params) -> Mapping[str, object]:
    """List the tags of a project in the order in which they were first set."""
    tags = _taggable_project(call, params.resource_arn).tags
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


def _changes(call: Call, text: str) -> bytes:
    """Decode base64; the limit applies to the decoded bytes."""
    limit = call.contract.rules["changes"]["bytes"]
    changes = base64.b64decode(text)
    if len(changes) > limit:
        raise Refused("changes-too-long", limit=limit)
    return changes


def _taggable_project(call: Call, arn: str) -> Resource:
    """Return the resource of an ARN, if its kind can be tagged."""
    partition = call.facts["partition"]
    match arn.split(":", 5):
        case ["arn", given, "lookoutvision", _, _, resource] if given == partition:
            kind, _, name = resource.partition("/")
        case _:
            kind, name = "", ""
    if kind not in call.contract.rules["tags"]["taggable"]:
        raise Refused("not-taggable", arn=arn)
    project = call.find("project", name) if kind == "project" else None
    if project is None or project.project_arn != arn:
        raise NotFound(kind, id=name)
    return project


HANDLERS: Mapping[str, Handler] = {
    "DescribeProject": describe_project,
    "CreateDataset": create_dataset,
    "UpdateDatasetEntries": update_dataset_entries,
    "ListDatasetEntries": list_dataset_entries,
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
