"""What exists in PAI AIWorkSpace: workspaces, their members, datasets and their versions.

Formats of ids: observed in answers of the live service (service.json, `notes`).
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.core.resources import Resource

DATASET_ID_ALPHABET = string.ascii_lowercase + string.digits
DATASET_ID_LENGTH = 18

FIRST_VERSION = "v1"

THE_DEFAULT = "default"
"""The id of the one `DefaultWorkspace` of a region."""


@dataclass(kw_only=True)
class Workspace(Resource):
    """A workspace; mappings are kept under the vendor's names."""

    kind: ClassVar[str] = "workspace"

    workspace_name: str
    display_name: str
    description: str
    env_types: list[str]
    creator: str
    extra_infos: dict[str, str]
    admin_names: list[str]
    owner: dict[str, str]
    resource_group_id: str


@dataclass(kw_only=True)
class DefaultWorkspace(Resource):
    """Which workspace is the default one, and how its creation went."""

    kind: ClassVar[str] = "default-workspace"

    workspace_id: str
    conditions: list[dict[str, Any]]


@dataclass(kw_only=True)
class Member(Resource):
    """A user in a workspace."""

    kind: ClassVar[str] = "member"

    user_id: str
    roles: list[str]


@dataclass(kw_only=True)
class Dataset(Resource):
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
    labels: dict[str, str]
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


@dataclass(kw_only=True)
class DatasetVersion(Resource):
    """A version of a dataset, its parent."""

    kind: ClassVar[str] = "dataset-version"

    version_name: str
    data_source_type: str
    property: str
    uri: str
    source_type: str
    labels: dict[str, str]
    description: str | None = None
    options: str | None = None
    import_info: str | None = None
    source_id: str | None = None
    data_size: int | None = None
    data_count: int | None = None
    dataset_task_ram_role: str | None = None
    user_metrics_endpoints: list[dict[str, Any]] | None = None


def member_id(workspace_id: str, user_id: str) -> str:
    """Write `<workspace id>-<user id>`."""
    return f"{workspace_id}-{user_id}"
