"""What datasets consist of.

Formats of ids: observed in answers of the live service (service.json, `notes`).
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulator.api import IndexKeys, Resource

DATASET_ID_ALPHABET = string.ascii_lowercase + string.digits
DATASET_ID_LENGTH = 18

EVERYONE = "everyone"
"""In an audience: all who have a role in the workspace."""

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
"""The members that lists can be filtered by, each by the whole of its value."""


@dataclass(kw_only=True)
class Labelled(Resource):
    """A resource with labels: their texts, by their keys."""

    labels: dict[str, str]


@dataclass(kw_only=True)
class Dataset(Labelled):
    """A dataset; what versions have, too, is here as the first version has it."""

    kind: ClassVar[str] = "dataset"

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
    """The shares of the dataset, with the names of the wire schema."""
    newest: int = 1
    """The number of the newest version there is."""
    highest: int = 1
    """The highest number a version ever had."""

    def audience(self) -> list[str]:
        """Name those who see it in its workspace, besides administrators."""
        if self.accessibility == "PUBLIC":
            return [EVERYONE]
        return [as_user(self.user_id), *map(as_role, self.accessible_role_id_list or ())]

    def index_keys(self) -> IndexKeys:
        """File what lists of a workspace are filtered by."""
        values = {name: getattr(self, name) for name in _FACETS}
        facets = {name: value for name, value in values.items() if value}
        scope = {"share_scope": "BY_ME"} if self.shared_to else {}
        return IndexKeys(
            facets={**facets, **scope, "audience": self.audience()},
            texts={"name": [self.name], "label": [*self.labels, *self.labels.values()]},
        )


def name_claim(workspace_id: str, name: str) -> str:
    """Write what only one dataset of a workspace may hold."""
    return f"dataset-name/{workspace_id}/{name}"


def as_user(user_id: str) -> str:
    """Name a user in an audience."""
    return f"user/{user_id}"


def as_role(role: str) -> str:
    """Name those who have a role in an audience."""
    return f"role/{role}"
