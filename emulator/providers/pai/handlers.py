"""The operations on datasets, one function each.

The order of the checks is inferred: the request by itself, the workspace and what the caller may
do there, the dataset, the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.api import Call, Document, Handler, Params, Refused
from emulator.providers.pai.labels import add_labels, delete_labels
from emulator.providers.pai.lists import datasets_of
from emulator.providers.pai.resources import (
    DATASET_ID_ALPHABET,
    DATASET_ID_LENGTH,
    Dataset,
    name_claim,
)
from emulator.providers.pai.sharing import shares
from emulator.providers.pai.versions.handlers import add_version, members_of
from emulator.providers.pai.versions.resources import FIRST, DatasetVersion, version_id
from emulator.providers.pai.viewpoint import Viewpoint, viewpoint, visible_dataset
from emulator.providers.pai.workspaces.handlers import resolve_workspace


def create_dataset(call: Call, params: Params) -> Dataset | Document:
    """Create a dataset and its first version; both are ready at once.

    A dry run creates them, too, so that the database checks the name, and deletes them again.
    """
    workspace = resolve_workspace(call, params.workspace_id)
    viewer = viewpoint(call, workspace.id).enter("CreateDataset")
    claim = name_claim(workspace.id, params.name)
    dataset = call.resources.add(_dataset(viewer, params), parent=workspace.id, claims=[claim])
    first = {"description": params.version_description, "labels": params.version_labels}
    add_version(call, dataset, {**vars(params), **first})
    if params.dry_run:
        call.resources.drop(dataset)
        return {}
    return dataset


def list_datasets(call: Call, params: Params) -> Document:
    """List the datasets of a workspace that the caller can see, one page at a time."""
    viewer = _viewpoint_of_list(call, params)
    page = datasets_of(viewer, params)
    views = [viewer.show(dataset, _newest(call, dataset)) for dataset in page.items]
    return {"datasets": views, "total": page.total}


def get_dataset(call: Call, params: Params) -> Document:
    """Return a dataset with its newest version."""
    dataset, viewer = visible_dataset(call, params.dataset_id, "GetDataset")
    return viewer.show(dataset, _newest(call, dataset))


def update_dataset(call: Call, params: Params) -> None:
    """Change the sent members; the options are also those of the first version."""
    dataset, viewer = visible_dataset(call, params.dataset_id, "UpdateDataset")
    sent = {name: value for name, value in vars(params).items() if value is not None}
    changed = replace(dataset, **members_of(Dataset, sent))
    _normalize_roles(changed)
    _check_edition(call, dataset, changed)
    if params.sharing_config and "shared_to" in params.sharing_config:
        changed.shared_to = shares(viewer, dataset, params.sharing_config["shared_to"])
    if changed.name != dataset.name:
        call.resources.release(dataset, name_claim(dataset.workspace_id, dataset.name))
        call.resources.claim(dataset, name_claim(dataset.workspace_id, changed.name))
    call.resources.change(changed, lifecycle="update")
    if params.options is not None:
        first = call.resources.get(DatasetVersion, version_id(dataset.id, FIRST))
        call.resources.change(replace(first, options=params.options), lifecycle="update")


def delete_dataset(call: Call, params: Params) -> None:
    """Delete a dataset with its versions and everything under them; its data stay."""
    dataset, _ = visible_dataset(call, params.dataset_id, "DeleteDataset")
    call.resources.remove(dataset)


def publish_dataset(call: Call, params: Params) -> None:
    """Publish a dataset to its workspace; it stays public."""
    dataset, _ = visible_dataset(call, params.dataset_id, "PublishDataset")
    published = replace(dataset, accessibility="PUBLIC", accessible_role_id_list=None)
    if published != dataset:
        call.resources.change(published, lifecycle="update")


def create_dataset_labels(call: Call, params: Params) -> None:
    """Add labels to a dataset; its versions keep their own."""
    dataset, _ = visible_dataset(call, params.dataset_id, "CreateDatasetLabels")
    add_labels(call, dataset, params.labels)


def delete_dataset_labels(call: Call, params: Params) -> None:
    """Remove labels of a dataset; its versions keep their own."""
    dataset, _ = visible_dataset(call, params.dataset_id, "DeleteDatasetLabels")
    delete_labels(call, dataset, params.label_keys)


def _dataset(viewer: Viewpoint, params: Params) -> Dataset:
    """Return a new dataset.

    A caller who does not administer the workspace creates only their own.
    """
    call, workspace_id = viewer.call, viewer.workspace_id
    purpose = call.purpose(Dataset.kind, f"{workspace_id}/{params.name}")
    tail = call.identifiers.text(DATASET_ID_ALPHABET, DATASET_ID_LENGTH, *purpose)
    owner = params.user_id if params.user_id and viewer.administers else call.scope.caller
    members = {
        **members_of(Dataset, vars(params)),
        "id": f"d-{tail}",
        "workspace_id": workspace_id,
        "owner_id": call.scope.account,
        "user_id": owner,
    }
    dataset = Dataset(**members)
    _normalize_roles(dataset)
    return dataset


def _normalize_roles(dataset: Dataset) -> None:
    """Drop roles without effect; only ROLE_PUBLIC allows any, and requires them."""
    if dataset.accessibility != "ROLE_PUBLIC":
        dataset.accessible_role_id_list = None
    elif not dataset.accessible_role_id_list:
        raise Refused("no-accessible-roles")


def _check_edition(call: Call, before: Dataset, after: Dataset) -> None:
    """Reject an edition that the dataset cannot change to."""
    allowed = call.contract.rules["editions"]["changes"].get(before.edition, [])
    only_for = call.contract.rules["editions"]["dataSourceTypes"]
    if after.edition == before.edition:
        return
    if after.edition not in allowed or before.data_source_type not in only_for:
        raise Refused("edition")


def _viewpoint_of_list(call: Call, params: Params) -> Viewpoint:
    """Return the workspace to list; the platform's own datasets are in one without members."""
    platform = call.contract.rules["platform"]
    if params.provider == platform["provider"]:
        return viewpoint(call, platform["workspace"])
    workspace = resolve_workspace(call, params.workspace_id)
    return viewpoint(call, workspace.id).enter("ListDatasets")


def _newest(call: Call, dataset: Dataset) -> DatasetVersion:
    return call.resources.get(DatasetVersion, version_id(dataset.id, dataset.newest))


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "ListDatasets": list_datasets,
    "GetDataset": get_dataset,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
    "PublishDataset": publish_dataset,
    "CreateDatasetLabels": create_dataset_labels,
    "DeleteDatasetLabels": delete_dataset_labels,
}
