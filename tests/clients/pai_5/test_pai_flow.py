"""PAI AIWorkSpace through an older SDK, 5.1.2, which has an interpreter of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator.testing import World
from tests.programs import missing

HERE = Path(__file__).parent
PYTHON = HERE.parents[2] / ".venv-pai-5" / "bin" / "python"
SECONDS = 120
START = "2099-04-01T08:00:00.123Z"
ANOTHER = "208310175366414861"
TIMES = {"GmtCreateTime": START, "GmtModifiedTime": START}
ENV = {"Key": "env", "Value": "test"}
NOTHING: dict[str, Any] = {}


def ask(world: World, way: str) -> list[list[Any]]:
    """Run the flow; ids that are drawn are `<dataset>` and `<workspace>` in what it heard."""
    if not PYTHON.exists():
        missing(f"{PYTHON} (make clients)")
    world.clock.freeze(START)
    host = world.base.partition("://")[2]
    done = subprocess.run(
        [PYTHON, HERE / "pai_flow.py", host, way],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )
    assert done.returncode == 0, done.stderr
    heard = re.sub(r"d-[a-z0-9]{18}", "<dataset>", done.stdout)
    (workspace,) = re.findall(r'"create_workspace", 200, \{"WorkspaceId": "(\d{6})"', heard)
    document: list[list[Any]] = json.loads(heard.replace(workspace, "<workspace>"))
    return document


def version(**members: Any) -> dict[str, Any]:
    return {
        "VersionName": "v1",
        "Description": "first",
        "DataSourceType": "NAS",
        "Property": "DIRECTORY",
        "Uri": "nas://09f1abcdef.cn-hangzhou/",
        "Options": '{"mountPath":"/mnt/data/"}',
        "SourceType": "USER",
        "DataSize": 10000,
        "DataCount": 500,
        "Labels": [ENV],
        **TIMES,
        **members,
    }


def dataset(**members: Any) -> dict[str, Any]:
    return {
        "DatasetId": "<dataset>",
        "Name": "myName",
        "WorkspaceId": "478123",
        "OwnerId": "1004110000006048",
        "UserId": "2485765000023475",
        "DataSourceType": "NAS",
        "DataType": "COMMON",
        "Property": "DIRECTORY",
        "Uri": "nas://09f1abcdef.cn-hangzhou/",
        "Options": '{"mountPath":"/mnt/data/"}',
        "SourceType": "USER",
        "Accessibility": "PRIVATE",
        "ProviderType": "Ecs",
        "Labels": [ENV],
        "LatestVersion": version(),
        **TIMES,
        **members,
    }


SECOND = {
    "DatasetId": "<dataset>",
    "VersionName": "v2",
    "Description": "second",
    "DataSourceType": "NAS",
    "Property": "FILE",
    "Uri": "nas://09f1abcdef.cn-hangzhou/2",
    "SourceType": "USER",
    "DataSize": 1,
    "Labels": [ENV],
    **TIMES,
}
PUBLIC = {"Description": "new", "Accessibility": "PUBLIC", "Labels": [{"Key": "a", "Value": "b"}]}
VERSIONS = {"DatasetVersions": [version()], "PageNumber": 1, "PageSize": 1, "TotalCount": 2}
OWNER = {"UserId": "2485765000023475", "UserKp": "2485765000023475", "UserName": "emulator"}
PLAIN = {
    "WorkspaceId": "<workspace>",
    "WorkspaceName": "older",
    "Description": "d",
    "EnvTypes": ["prod"],
    "Status": "INITIALIZING",
    "Creator": "2485765000023475",
    **TIMES,
}
WORKSPACE = {**PLAIN, "IsDefault": False, "ExtraInfos": {"TenantId": "428600000000098"}}
VERBOSE = {
    "DisplayName": "Older",
    "AdminNames": ["emulator"],
    "Owner": {"DisplayName": "emulator", **OWNER},
}
NEW_MEMBER = {
    "MemberId": f"<workspace>-{ANOTHER}",
    "UserId": ANOTHER,
    "DisplayName": ANOTHER,
    "Roles": ["PAI.AlgoDeveloper"],
}
MEMBER = {**NEW_MEMBER, "MemberName": ANOTHER, "GmtCreateTime": START}
LOGIN = {"AccountName": ANOTHER}

DATASETS: list[list[Any]] = [
    ["create_dataset", 200, {"DatasetId": "<dataset>"}],
    ["create_dataset", 400, "201300003"],
    ["list_datasets", 200, {"Datasets": [dataset()], "TotalCount": 1}],
    ["update_dataset", 200, NOTHING],
    ["publish_dataset", 200, NOTHING],
    ["create_dataset_labels", 200, NOTHING],
    ["delete_dataset_labels", 200, NOTHING],
    ["get_dataset", 200, dataset(**PUBLIC)],
    ["create_dataset_version", 200, {"VersionName": "v2"}],
    ["update_dataset_version", 200, NOTHING],
    ["create_dataset_version_labels", 200, NOTHING],
    ["get_dataset_version", 200, SECOND],
    ["delete_dataset_version_labels", 200, NOTHING],
    ["list_dataset_versions", 200, VERSIONS],
    ["delete_dataset_version", 400, "InvalidParameter"],
    ["delete_dataset_version", 200, NOTHING],
    ["delete_dataset", 200, NOTHING],
    ["get_dataset", 404, "201300002"],
]
WORKSPACES: list[list[Any]] = [
    ["create_workspace", 200, {"WorkspaceId": "<workspace>"}],
    ["update_workspace", 200, NOTHING],
    ["get_workspace", 200, {**WORKSPACE, **VERBOSE}],
    ["list_workspaces", 200, {"Workspaces": [WORKSPACE], "TotalCount": 1}],
    ["create_member", 200, {"Members": [NEW_MEMBER]}],
    ["list_members", 200, {"Members": [{**MEMBER, **LOGIN}], "TotalCount": 1}],
    ["get_member", 200, MEMBER],
    ["delete_members", 200, NOTHING],
    ["update_default_workspace", 200, NOTHING],
    ["get_default_workspace", 200, {**PLAIN, "DisplayName": "Older", "Owner": OWNER, "Conditions": []}],
    ["delete_workspace", 200, NOTHING],
    ["get_default_workspace", 404, "100400027"],
]  # fmt: skip


@pytest.mark.parametrize("way", ["sync", "async"])
def test_the_older_sdk_finds_the_same_service(dataset_world: World, way: str) -> None:
    assert ask(dataset_world, way) == [*DATASETS, *WORKSPACES]
    assert dataset_world.requests.count() == len(DATASETS) + len(WORKSPACES)
