"""The resource of datasets.

Formats of ids: observed in responses of the live service (service.json, `notes`).
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulator.api import IndexKeys, Resource

DATASET_ID_ALPHABET = string.ascii_lowercase + string.digits
DATASET_ID_LENGTH = 18

EVERYONE = "everyone"
"""In an audience: everyone with a role in the workspace."""

_FACETS = (
    "data_source_type",
    "data_type",
    "property",
    "source_type",
    "source_id",
    "source_dataset_id",
    "accessibility",
    "edition",
    "provider",
)
"""The members that lists filter by, each by its whole value."""


@dataclass(kw_only=True)
class Labelled(Resource):
    """A resource with labels: values by key."""

    labels: dict[str, str]


@dataclass(kw_only=True)
class Dataset(Labelled):
    """A dataset; the members it shares with versions are those of the first version."""

    kind: ClassVar[str] = "dataset"
    identifier: ClassVar[str] = "dataset_id"

    name: str
    workspace_id: str
    owner_id: str
    user_id: str
    data_source_type: str
    data_type: str
    property: str
    uri: str
    source_type: str
    accessibility: str
    provider_type: str
    edition: str
    mount_access_read_write_role_id_list: list[str]
    accessible_role_id_list: list[str] | None = None
    description: str | None = None
    options: str | None = None
    import_info: str | None = None
    source_id: str | None = None
    source_dataset_id: str | None = None
    source_dataset_version: str | None = None
    provider: str | None = None
    is_shared: bool = False
    shared_to: list[dict[str, Any]] = field(default_factory=list)
    """The parties it is shared with, under the names of the schema in snake case."""
    newest: int = 1
    """The number of the newest existing version."""
    highest: int = 1
    """The highest number a version ever had."""

    def audience(self) -> list[str]:
        """Return the audience of a dataset in its workspace, besides administrators."""
        if self.accessibility == "PUBLIC":
            return [EVERYONE]
        return [as_user(self.user_id), *map(as_role, self.accessible_role_id_list or ())]

    def index_keys(self) -> IndexKeys:
        """Return the index keys for lists of a workspace."""
        values = {name: getattr(self, name) for name in _FACETS}
        facets = {name: value for name, value in values.items() if value}
        scope = {"share_scope": "BY_ME"} if self.shared_to else {}
        return IndexKeys(
            facets={**facets, **scope, "audience": self.audience()},
            texts={"name": [self.name], "label": [*self.labels, *self.labels.values()]},
        )


def name_claim(workspace_id: str, name: str) -> str:
    """Return the claim that makes a name unique in a workspace."""
    return f"dataset-name/{workspace_id}/{name}"


def as_user(user_id: str) -> str:
    """Return the audience key of a user."""
    return f"user/{user_id}"


def as_role(role: str) -> str:
    """Return the audience key of a role."""
    return f"role/{role}"
