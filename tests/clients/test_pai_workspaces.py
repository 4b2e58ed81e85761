"""Workspaces and members of PAI AIWorkSpace through Alibaba Cloud's SDK, both of its ways."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client

from tests.clients import test_pai as shared
from tests.clients import test_pai_life as life
from tests.clients.test_pai import CALLER, START, refused, request_of
from tests.clients.test_pai_life import ANOTHER, LATER, Ask

pai = shared.pai
call = life.call
ask = life.ask
wait = life.wait

RESOURCES = ("MaxCompute_share", "MaxCompute_isolate", "DLC_share", "PAI_isolate", "PAI_share", "DataWorks_isolate", "DataWorks_share")  # fmt: skip


@pytest.fixture
def workspace(ask: Ask) -> str:
    params = models.CreateWorkspaceRequest(
        workspace_name="my_workspace1",
        description="Mine.",
        env_types=["dev", "prod"],
        display_name="工作空间",
        resource_group_id="rg-000000000000000",
    )
    created: str = ask("create_workspace", params)["WorkspaceId"]
    return created


def shown(workspace: str) -> dict[str, object]:
    """What GetWorkspace tells of the workspace of these tests, once it is there."""
    return {
        "WorkspaceId": workspace,
        "WorkspaceName": "my_workspace1",
        "DisplayName": "工作空间",
        "Description": "Mine.",
        "EnvTypes": ["dev", "prod"],
        "Status": "ENABLED",
        "Creator": CALLER,
        "IsDefault": False,
        "ExtraInfos": {"TenantId": "428600000000098"},
        "AdminNames": ["emulator"],
        "ResourceGroupId": "rg-000000000000000",
        "GmtCreateTime": START,
        "GmtModifiedTime": START,
    }


def members_of(member: str, user: str, name: str, roles: list[str]) -> dict[str, object]:
    return {
        "MemberId": member,
        "UserId": user,
        "MemberName": name,
        "DisplayName": name,
        "AccountType": "5",
        "Roles": roles,
        "GmtCreateTime": START,
    }


def test_a_workspace_is_created_shown_and_listed(
    ask: Ask, workspace: str, wait: Callable[[], None]
) -> None:
    plain = ask("get_workspace", workspace, models.GetWorkspaceRequest())
    assert (plain["Status"], "Owner" in plain) == ("INITIALIZING", False)
    wait()
    verbose = ask("get_workspace", workspace, models.GetWorkspaceRequest(verbose=True))
    owner = {"DisplayName": "emulator", "UserId": CALLER, "UserKp": CALLER, "UserName": "emulator"}
    assert verbose == {**shown(workspace), "Owner": owner}
    params = models.ListWorkspacesRequest(
        workspace_ids=f"{workspace},1",
        workspace_name="my_workspace1",
        status="ENABLED",
        user_id=CALLER,
        resource_group_id="rg-000000000000000",
        option="GetWorkspaces",
        module_list="PAI",
        page_number=1,
        page_size=100,
        sort_by="GmtModifiedTime",
        order="DESC",
        verbose=True,
    )
    item = shown(workspace)
    item["resourceGroupId"] = item.pop("ResourceGroupId")
    assert ask("list_workspaces", params) == {"Workspaces": [item], "TotalCount": 1}


def test_other_options_of_the_list(ask: Ask) -> None:
    limits = ask("list_workspaces", models.ListWorkspacesRequest(option="GetResourceLimits"))
    assert limits == {"ResourceLimits": dict.fromkeys(RESOURCES, 10), "Workspaces": []}
    params = {"option": "CheckWorkspaceExists", "workspace_name": "default_workspace"}
    found = ask("list_workspaces", models.ListWorkspacesRequest(**params))
    assert found == {"TotalCount": 1, "Workspaces": []}
    ids = ask("list_workspaces", models.ListWorkspacesRequest(fields="Id"))
    assert [item["WorkspaceId"] for item in ids["Workspaces"]] == ["478123", "478124"]


def test_a_workspace_is_updated_and_deleted(
    ask: Ask, workspace: str, wait: Callable[[], None], pai: Client
) -> None:
    wait()
    params = models.UpdateWorkspaceRequest(display_name="Another", description="Changed.")
    assert ask("update_workspace", workspace, params) == {}
    got = ask("get_workspace", workspace, models.GetWorkspaceRequest())
    assert (got["DisplayName"], got["Description"]) == ("Another", "Changed.")
    assert (got["GmtCreateTime"], got["GmtModifiedTime"]) == (START, LATER)
    created = ask("create_dataset", request_of(workspace_id=workspace))["DatasetId"]
    assert ask("delete_workspace", workspace, models.DeleteWorkspaceRequest()) == {}
    gone = refused(pai.get_workspace, workspace, models.GetWorkspaceRequest())
    assert (gone.status_code, gone.code) == (404, "100400027")
    assert refused(pai.get_dataset, created, models.GetDatasetRequest()).code == "201300002"


def test_another_workspace_becomes_the_default(ask: Ask, workspace: str) -> None:
    params = models.UpdateDefaultWorkspaceRequest(workspace_id=workspace)
    assert ask("update_default_workspace", params) == {}
    default = ask("get_default_workspace", models.GetDefaultWorkspaceRequest(verbose=True))
    assert default["WorkspaceId"] == workspace
    assert default["Owner"] == {"UserId": CALLER, "UserKp": CALLER, "UserName": "emulator"}
    stages = [stage["Type"] for stage in default["Conditions"]]
    assert stages == ["WORKSPACE_CREATED", "MEMBERS_ADDED", "ENABLED"]
    created = ask("create_dataset", request_of())["DatasetId"]
    dataset = ask("get_dataset", created, models.GetDatasetRequest())
    assert dataset["WorkspaceId"] == workspace


def test_members_come_and_go(ask: Ask, workspace: str, pai: Client) -> None:
    roles, member = ["PAI.AlgoDeveloper", "role-hiuwpd01ncrokkgp21"], f"{workspace}-{ANOTHER}"
    wished = models.CreateMemberRequestMembers(user_id=ANOTHER, roles=roles)
    made = ask("create_member", workspace, models.CreateMemberRequest(members=[wished]))
    assert made == {
        "Members": [{"MemberId": member, "UserId": ANOTHER, "DisplayName": ANOTHER, "Roles": roles}]
    }
    shown = members_of(member, ANOTHER, ANOTHER, roles)
    for params in (
        models.GetMemberRequest(user_id=ANOTHER),
        models.GetMemberRequest(member_id=member),
    ):
        assert ask("get_member", workspace, params) == shown
    query = models.ListMembersRequest(
        member_name="2083",
        roles="PAI.LabelManager,PAI.AlgoDeveloper",
        user_id=ANOTHER,
        page_number=1,
        page_size=10,
    )
    listed = ask("list_members", workspace, query)
    assert listed == {"Members": [{**shown, "AccountName": ANOTHER}], "TotalCount": 1}
    params = models.DeleteMembersRequest(member_ids=member)
    assert ask("delete_members", workspace, params) == {}
    assert ask("list_members", workspace, models.ListMembersRequest())["TotalCount"] == 1
    gone = refused(pai.get_member, workspace, models.GetMemberRequest(user_id=ANOTHER))
    assert (gone.status_code, gone.code) == (404, "100600006")


def test_a_name_is_taken_once(workspace: str, pai: Client) -> None:
    params = models.CreateWorkspaceRequest(
        workspace_name="my_workspace1", description="Again.", env_types=["prod"]
    )
    error = refused(pai.create_workspace, params)
    assert (error.status_code, error.code) == (400, "100400009")
