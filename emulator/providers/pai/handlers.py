"""What happens to datasets: one short function per operation.

The order of the checks is inferred: the request by itself, the workspace and what the
caller may do there, the dataset, the name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from emulator.api import Call, Document, Handler, Refused
from emulator.providers.pai import wire
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
from emulator.providers.pai.viewpoint import Viewpoint, dataset_seen, viewpoint
from emulator.providers.pai.workspaces.handlers import workspace_meant


def create_dataset(call: Call, params: wire.CreateDataset) -> Dataset | Document:
    """Make a dataset and its first version; they can be used at once.

    A dry run makes them, too, so that the store checks the name, and takes them away.
    """
    workspace = workspace_meant(call, params.workspace_id)
    here = viewpoint(call, workspace.id).enter("CreateDataset")
    claim = name_claim(workspace.id, params.name)
    dataset = call.resources.add(_dataset(here, params), parent=workspace.id, claims=[claim])
    first = {"description": params.version_description, "labels": params.version_labels}
    add_version(call, dataset, {**vars(params), **first})
    if params.dry_run:
        call.resources.drop(dataset)
        return {}
    return dataset


def list_datasets(call: Call, params: wire.ListDatasets) -> Document:
    """List the datasets of a workspace that the caller sees, a page at a time."""
    here = _workspace_listed(call, params)
    page = datasets_of(here, params)
    shown = [here.show(dataset, _newest(call, dataset)) for dataset in page.items]
    return {"datasets": shown, "total_count": page.total}


def get_dataset(call: Call, params: wire.NamedDataset) -> Document:
    """Show a dataset with its newest version."""
    dataset, here = dataset_seen(call, params.dataset_id, "GetDataset")
    return here.show(dataset, _newest(call, dataset))


def update_dataset(call: Call, params: wire.UpdateDataset) -> None:
    """Change what was sent; the options are those of the first version, too."""
    dataset, here = dataset_seen(call, params.dataset_id, "UpdateDataset")
    sent = {name: value for name, value in vars(params).items() if value is not None}
    changed = replace(dataset, **members_of(Dataset, sent))
    _settle_roles(changed)
    _check_edition(call, dataset, changed)
    if "shared_to" in params.sharing_config:
        changed.shared_to = shares(here, dataset, params.sharing_config["shared_to"])
    if changed.name != dataset.name:
        call.resources.release(dataset, name_claim(dataset.workspace_id, dataset.name))
        call.resources.claim(dataset, name_claim(dataset.workspace_id, changed.name))
    call.resources.change(changed, lifecycle="update")
    if params.options is not None:
        first = call.resources.get(DatasetVersion, version_id(dataset.id, FIRST))
        call.resources.change(replace(first, options=params.options), lifecycle="update")


def delete_dataset(call: Call, params: wire.NamedDataset) -> None:
    """Delete a dataset with its versions and all that belongs to them; its data stay."""
    dataset, _ = dataset_seen(call, params.dataset_id, "DeleteDataset")
    call.resources.remove(dataset)


def publish_dataset(call: Call, params: wire.NamedDataset) -> None:
    """Show a dataset to everybody in its workspace; one that is shown to them stays so."""
    dataset, _ = dataset_seen(call, params.dataset_id, "PublishDataset")
    published = replace(dataset, accessibility="PUBLIC", accessible_role_id_list=None)
    if published != dataset:
        call.resources.change(published, lifecycle="update")


def create_dataset_labels(call: Call, params: wire.CreateDatasetLabels) -> None:
    """Add labels to a dataset; its versions keep their own."""
    dataset, _ = dataset_seen(call, params.dataset_id, "CreateDatasetLabels")
    add_labels(call, dataset, params.labels)


def delete_dataset_labels(call: Call, params: wire.DeleteDatasetLabels) -> None:
    """Take labels off a dataset; its versions keep their own."""
    dataset, _ = dataset_seen(call, params.dataset_id, "DeleteDatasetLabels")
    delete_labels(call, dataset, params.label_keys)


def _dataset(here: Viewpoint, params: wire.CreateDataset) -> Dataset:
    """Make a dataset; who does not administer the workspace makes only his own."""
    call, workspace_id = here.call, here.workspace_id
    purpose = call.purpose(Dataset.kind, f"{workspace_id}/{params.name}")
    tail = call.identifiers.text(DATASET_ID_ALPHABET, DATASET_ID_LENGTH, *purpose)
    owner = params.user_id if params.user_id and here.administers else call.scope.caller
    members = {
        **members_of(Dataset, vars(params)),
        "id": f"d-{tail}",
        "workspace_id": workspace_id,
        "owner_id": call.scope.account,
        "user_id": owner,
    }
    dataset = Dataset(**members)
    _settle_roles(dataset)
    return dataset


def _settle_roles(dataset: Dataset) -> None:
    """Forget roles that have no effect; only ROLE_PUBLIC takes any, and needs them."""
    if dataset.accessibility != "ROLE_PUBLIC":
        dataset.accessible_role_id_list = None
    elif not dataset.accessible_role_id_list:
        raise Refused("no-accessible-roles")


def _check_edition(call: Call, before: Dataset, after: Dataset) -> None:
    """Refuse an edition that the dataset cannot change to."""
    allowed = call.contract.rules["editions"]["changes"].get(before.edition, [])
    only_for = call.contract.rules["editions"]["dataSourceTypes"]
    if after.edition == before.edition:
        return
    if after.edition not in allowed or before.data_source_type not in only_for:
        raise Refused("edition")


def _workspace_listed(call: Call, params: wire.ListDatasets) -> Viewpoint:
    """Find the workspace to list; the platform's own datasets are in one that has no members."""
    platform = call.contract.rules["platform"]
    if params.provider == platform["provider"]:
        return viewpoint(call, platform["workspace"])
    workspace = workspace_meant(call, params.workspace_id)
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
