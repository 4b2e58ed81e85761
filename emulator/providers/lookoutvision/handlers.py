"""What happens in Amazon Lookout for Vision: one short function per operation.

The order of the checks is inferred: input, token, existence, uniqueness, quota. A
manifest is not part of it, for what is wrong with one shows in the dataset's state later.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.call import Call
from emulator.core.provider import Handler
from emulator.providers.lookoutvision import wire
from emulator.providers.lookoutvision.resources import Dataset, Project, dataset_id, project_arn


def create_project(call: Call, wish: wire.CreateProject) -> Mapping[str, Project]:
    """Make a project; it can be used at once."""
    name = wish.project_name
    project = call.store.add(Project(id=name, arn=project_arn(call.scope, name)))
    call.spend("projects", Project)
    return {"project_metadata": project}


def describe_project(call: Call, wish: wire.DescribeProject) -> Mapping[str, object]:
    """Show a project with its datasets, oldest first."""
    project = call.store.get(Project, wish.project_name)
    datasets = call.store.children(Dataset, project.id)
    return {"project_description": {**vars(project), "datasets": datasets}}


def create_dataset(call: Call, wish: wire.CreateDataset) -> Mapping[str, Dataset]:
    """Make an empty dataset at once, or start one from a manifest."""
    project = call.store.get(Project, wish.project_name)
    dataset = Dataset(
        id=dataset_id(project.id, wish.dataset_type),
        project_name=project.id,
        dataset_type=wish.dataset_type,
        manifest=wish.manifest,
    )
    lifecycle = "create" if wish.manifest else "create_empty"
    stored = call.store.add(dataset, lifecycle=lifecycle, parent=project.id)
    call.spend("datasets", Dataset)
    return {"dataset_metadata": stored}


def describe_dataset(call: Call, wish: wire.DescribeDataset) -> Mapping[str, Dataset]:
    """Show a dataset with its state and the number of its images."""
    project = call.store.get(Project, wish.project_name)
    asked = {"project_name": project.id, "dataset_type": wish.dataset_type}
    dataset = call.store.get(Dataset, dataset_id(project.id, wish.dataset_type), **asked)
    return {"dataset_description": dataset}


HANDLERS: Mapping[str, Handler] = {
    "CreateProject": create_project,
    "DescribeProject": describe_project,
    "CreateDataset": create_dataset,
    "DescribeDataset": describe_dataset,
}
