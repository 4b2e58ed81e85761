"""What PAI does with datasets and labels beyond the plain verbs.

The order of the checks is inferred: the request by itself, the workspace and what the caller may
do there, the dataset, the name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.api import (
    Call,
    Document,
    Handler,
    Params,
    Refused,
    Resource,
    create,
    list_,
    named,
    update,
)
from emulator.providers.pai.viewpoint import (
    FIRST,
    Viewpoint,
    cell,
    entered,
    refused,
    seen,
    viewpoint,
)

_LEVELS = ["RO"]
"""The default permission on a mount for parties a dataset is shared with."""


def create_dataset(call: Call, params: Params) -> Resource | Document:
    """Create a dataset and its first version; both are ready at once.

    A caller who does not administer the workspace creates only their own. A dry run creates both,
    too, so that the database checks the name, and deletes them again.
    """
    viewer = entered(call, params.workspace_id)
    if not viewer.may(cell(is_own=True, is_public=params.accessibility != "PRIVATE")):
        raise refused(call)
    dataset = create(
        call,
        params,
        {},
        workspace_id=viewer.workspace_id,
        user_id=_owner(viewer, params.user_id),
        accessible_role_id_list=_roles(params.accessibility, params.accessible_role_id_list),
    )
    create(
        call,
        params,
        {},
        beside="dataset-version",
        dataset_id=dataset.id,
        number=FIRST,
        description=params.version_description,
        labels=params.version_labels,
    )
    if params.dry_run:
        call.resources.drop(dataset)
        return {}
    return dataset


def list_datasets(call: Call, params: Params) -> Document:
    """List the datasets of a workspace that the caller can see, one page at a time."""
    viewer = _viewpoint_of_list(call, params)
    page = list_(
        call,
        params,
        where=viewer.filters,
        parent=viewer.workspace_id,
        ids=params.dataset_ids or None,
    )
    views = [viewer.show(dataset, _newest(call, dataset)) for dataset in page.items]
    return {"datasets": views, "total": page.total}


def get_dataset(call: Call, params: Params) -> Resource:
    """Return a dataset with its newest version."""
    dataset, viewer = seen(call, params)
    return viewer.show(dataset, _newest(call, dataset))


def update_dataset(call: Call, params: Params) -> None:
    """Change the sent members; the options are also those of the first version."""
    dataset, viewer = seen(call, params)
    roles = params.accessible_role_id_list
    if roles is None:
        roles = dataset.accessible_role_id_list
    roles = _roles(params.accessibility or dataset.accessibility, roles)
    members: dict[str, Any] = {"accessible_role_id_list": roles}
    _check_edition(call, dataset, params.edition)
    if params.sharing_config and "shared_to" in params.sharing_config:
        members["shared_to"] = _shares(viewer, dataset, params.sharing_config["shared_to"])
    update(call, params, dataset, **members)
    if params.options is not None:
        first = call.get("dataset-version", f"{dataset.id}/v{FIRST}")
        first.options = params.options
        call.resources.change(first, lifecycle="update")


def publish_dataset(call: Call, params: Params) -> None:
    """Publish a dataset to its workspace; it stays public."""
    dataset, _ = seen(call, params)
    if dataset.accessibility != "PUBLIC":
        dataset.accessibility, dataset.accessible_role_id_list = "PUBLIC", None
        call.resources.change(dataset, lifecycle="update")


def add_labels(call: Call, params: Params) -> None:
    """Add labels to a dataset or to a version; an existing key gets the new value."""
    labelled = named(call, params)
    _label(call, labelled, {**labelled.labels, **params.labels})


def delete_labels(call: Call, params: Params) -> None:
    """Remove labels of a dataset or of a version; unknown keys are ignored."""
    labelled = named(call, params)
    kept = {key: text for key, text in labelled.labels.items() if key not in params.keys}
    _label(call, labelled, kept)


def _owner(viewer: Viewpoint, user_id: str | None) -> str:
    """Return the owner of a new dataset: the caller, or the member that an administrator names."""
    call = viewer.call
    if not (user_id and viewer.administers):
        return call.scope.caller
    is_known = user_id in (call.scope.caller, call.scope.account)
    if not is_known and call.find("member", f"{viewer.workspace_id}-{user_id}") is None:
        raise Refused("owner-is-no-member")
    return user_id


def _label(call: Call, labelled: Resource, labels: Mapping[str, str]) -> None:
    """Store labels; unchanged ones do not count as an update."""
    if labels != labelled.labels:
        labelled.labels = labels
        call.resources.change(labelled, lifecycle="update")


def _roles(accessibility: str, roles: Sequence[str] | None) -> Sequence[str] | None:
    """Drop roles without effect; only ROLE_PUBLIC allows any, and requires them."""
    if accessibility != "ROLE_PUBLIC":
        return None
    if not roles:
        raise Refused("no-accessible-roles")
    return roles


def _check_edition(call: Call, dataset: Resource, edition: str | None) -> None:
    """Reject an edition that the dataset cannot change to."""
    rule = call.contract.rules["editions"]
    if edition in (None, dataset.edition):
        return
    allowed = rule["changes"].get(dataset.edition, [])
    if edition not in allowed or dataset.data_source_type not in rule["dataSourceTypes"]:
        raise Refused("edition")


def _shares(
    viewer: Viewpoint, dataset: Resource, requested: Sequence[Document]
) -> Sequence[Document]:
    """Return the parties a dataset is shared with from now on; existing ones keep their date.

    Only administrators may share. Of two entries for one workspace the last wins.
    """
    if not viewer.administers:
        raise refused(viewer.call)
    since = {_target(share): share["shared_at"] for share in dataset.shared_to}
    result = {}
    for number, share in enumerate(requested, start=1):
        if share["workspace_id"] == dataset.workspace_id:
            raise Refused("shared-with-itself", number=number)
        result[_target(share)] = {
            "allowed_mount_access_levels": _LEVELS,
            **share,
            "shared_at": since.get(_target(share), viewer.call.now),
            "source_tenant_id": dataset.owner_id,
            "source_workspace_id": dataset.workspace_id,
        }
    return list(result.values())


def _target(share: Document) -> tuple[str, str]:
    return share["tenant_id"], share["workspace_id"]


def _viewpoint_of_list(call: Call, params: Params) -> Viewpoint:
    """Return the workspace to list; the platform's own datasets are in one without members."""
    platform = call.contract.rules["platform"]
    if params.provider == platform["provider"]:
        return viewpoint(call, platform["workspace"])
    return entered(call, params.workspace_id)


def _newest(call: Call, dataset: Resource) -> Resource:
    return call.get("dataset-version", f"{dataset.id}/v{dataset.newest}")


HANDLERS: Mapping[str, Handler] = {
    "CreateDataset": create_dataset,
    "ListDatasets": list_datasets,
    "GetDataset": get_dataset,
    "UpdateDataset": update_dataset,
    "PublishDataset": publish_dataset,
    "CreateDatasetLabels": add_labels,
    "DeleteDatasetLabels": delete_labels,
    "CreateDatasetVersionLabels": add_labels,
    "DeleteDatasetVersionLabels": delete_labels,
}
