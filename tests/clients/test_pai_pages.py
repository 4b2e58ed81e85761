"""Pages of file metas, workspaces and members of PAI AIWorkSpace, through both ways of the SDK."""

from __future__ import annotations

from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models

from tests.clients import test_pai as shared
from tests.clients import test_pai_jobs as jobs
from tests.clients.test_pai_jobs import HERE, listed, wished
from tests.clients.test_pai_life import Ask

pai = shared.pai
call = jobs.call
ask = jobs.ask
dataset = jobs.dataset

MANY = 45
ORDERS = [{}, {"order": "ASC"}, {"sort_by": "FileUpdateTime"}, {"sort_by": "FileCreateTime", "order": "ASC"}]  # fmt: skip


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_file_metas_that_are_deleted_page_by_page(
    ask: Ask, dataset: str, order: dict[str, str]
) -> None:
    files = [wished(str(number)) for number in range(7)]
    params = models.CreateDatasetFileMetasRequest(dataset_file_metas=files, **HERE)
    ask("create_dataset_file_metas", dataset, params)
    left: list[Any] = []
    token = None
    while token or not left:
        page = listed(ask, dataset, max_results=2, next_token=token, **order)
        left.append(page["TotalCount"])
        ids = ",".join(meta["DatasetFileMetaId"] for meta in page["DatasetFileMetas"])
        forget = models.DeleteDatasetFileMetasRequest(dataset_file_meta_ids=ids, **HERE)
        assert ask("delete_dataset_file_metas", dataset, forget)["Status"] is True
        token = page.get("NextToken")
    assert left == [7, 5, 3, 1]
    assert listed(ask, dataset)["TotalCount"] == 0
    assert listed(ask, dataset, status="DELETED")["TotalCount"] == 7


@pytest.mark.parametrize("order", ["ASC", "DESC"])
def test_many_workspaces_are_listed_page_by_page(ask: Ask, order: str) -> None:
    for number in range(MANY):
        params = models.CreateWorkspaceRequest(
            workspace_name=f"w_{number}", description="d", env_types=["prod"]
        )
        ask("create_workspace", params)
    pages = [
        ask("list_workspaces", models.ListWorkspacesRequest(page_number=number, order=order))
        for number in (1, 2, 3, 4)
    ]
    assert [len(page["Workspaces"]) for page in pages] == [20, 20, 7, 0]
    assert {page["TotalCount"] for page in pages} == {MANY + 2}
    ids = {workspace["WorkspaceId"] for page in pages for workspace in page["Workspaces"]}
    assert len(ids) == MANY + 2


def test_many_members_are_listed_page_by_page(ask: Ask) -> None:
    users = [str(10**16 + number) for number in range(MANY)]
    wished = models.CreateMemberRequestMembers(user_id=",".join(users), roles=["PAI.AlgoDeveloper"])
    made = ask("create_member", "478124", models.CreateMemberRequest(members=[wished]))
    assert [member["UserId"] for member in made["Members"]] == users
    pages = [
        ask("list_members", "478124", models.ListMembersRequest(page_number=number))
        for number in (1, 2, 3, 4)
    ]
    assert [len(page["Members"]) for page in pages] == [20, 20, 6, 0]
    assert {page["TotalCount"] for page in pages} == {MANY + 1}
    found = {member["UserId"] for page in pages for member in page["Members"]}
    assert found == {*users, shared.CALLER}
