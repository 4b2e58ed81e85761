"""The rest of a dataset's life in PAI AIWorkSpace through Alibaba Cloud's SDK, both of its ways.

Every operation is called through the client that waits and the one that does not, and its
whole typed answer is compared with what was sent over the wire: the SDK drops in silence what
it cannot read.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client

from emulator.testing import World
from tests.clients import test_pai as shared
from tests.clients.test_pai import ACCOUNT, CALLER, START, connect, host_of, refused, request_of

pai = shared.pai

LATER = "2026-04-01T08:00:01.123Z"
ANOTHER = "208310175366414861"
NAS = {
    "property": "DIRECTORY",
    "data_source_type": "NAS",
    "uri": "nas://09f1abcdef.cn-hangzhou/2/",
}
Ask = Callable[..., dict[str, Any]]
Call = Callable[..., tuple[Any, dict[str, Any]]]


def is_kept(sent: Any, typed: Any) -> bool:
    """Whether all that was sent is in what the SDK made of it."""
    if isinstance(sent, dict):
        return all(name in typed and is_kept(value, typed[name]) for name, value in sent.items())
    if isinstance(sent, list):
        return len(sent) == len(typed) and all(map(is_kept, sent, typed))
    return bool(sent == typed)


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest, dataset_world: World, pai: Client) -> Call:
    """Call an operation by its name; gives the answer and its typed body as a document."""

    def call(name: str, *arguments: Any) -> tuple[Any, dict[str, Any]]:
        if request.param == "sync":
            answer = getattr(pai, name)(*arguments)
        else:
            answer = asyncio.run(getattr(pai, f"{name}_async")(*arguments))
        entry = dataset_world.requests.last()
        assert entry["operation"] == "".join(word.capitalize() for word in name.split("_"))
        assert answer.status_code == 200
        assert answer.body is not None
        typed: dict[str, Any] = answer.body.to_map()
        assert is_kept(json.loads(entry["response"]["body"]), typed)
        return answer, typed

    dataset_world.clock.freeze(START)
    return call


@pytest.fixture
def ask(call: Call) -> Ask:
    """Call an operation by its name; gives its document, without the id of the request."""

    def ask(name: str, *arguments: Any) -> dict[str, Any]:
        answer, typed = call(name, *arguments)
        assert typed.pop("RequestId") == answer.headers["x-acs-request-id"]
        return typed

    return ask


@pytest.fixture
def wait(dataset_world: World) -> Callable[[], object]:
    return lambda: dataset_world.clock.advance(1)


@pytest.fixture
def dataset(ask: Ask) -> str:
    params = request_of(labels=[models.Label(key="env", value="test")], provider="Github")
    created: str = ask("create_dataset", params)["DatasetId"]
    return created


def version(name: str = "v1", **members: Any) -> dict[str, Any]:
    """What the SDK prints of a version; it adds the lists."""
    return {
        "VersionName": name,
        "DataSourceType": "NAS",
        "Property": "DIRECTORY",
        "Uri": "nas://09f1abcdef.cn-hangzhou/",
        "SourceType": "USER",
        "Labels": [],
        "MountAccess": "RW",
        "UserMetricsEndpoints": [],
        "GmtCreateTime": START,
        "GmtModifiedTime": START,
        **members,
    }


def shown(dataset: str, **members: Any) -> dict[str, Any]:
    """What the SDK prints of a dataset in a list."""
    return {
        "DatasetId": dataset,
        "Name": "myName",
        "WorkspaceId": "478123",
        "OwnerId": ACCOUNT,
        "UserId": CALLER,
        "DataSourceType": "NAS",
        "DataType": "COMMON",
        "Property": "DIRECTORY",
        "Uri": "nas://09f1abcdef.cn-hangzhou/",
        "SourceType": "USER",
        "Accessibility": "PRIVATE",
        "ProviderType": "Ecs",
        "Edition": "BASIC",
        "Labels": [{"Key": "env", "Value": "test"}],
        "MountAccess": "RW",
        "MountAccessReadWriteRoleIdList": [],
        "IsShared": False,
        "GmtCreateTime": START,
        "GmtModifiedTime": START,
        "LatestVersion": version(),
        **members,
    }


def got(ask: Ask, dataset: str) -> dict[str, Any]:
    return ask("get_dataset", dataset, models.GetDatasetRequest())


def test_lists_show_datasets_without_their_provider(ask: Ask, dataset: str) -> None:
    listed = ask("list_datasets", models.ListDatasetsRequest())
    assert listed == {"Datasets": [shown(dataset)], "TotalCount": 1}
    assert got(ask, dataset) == shown(dataset, Provider="Github")


EVERY_FILTER: dict[str, Any] = {
    "accessibility": "PRIVATE", "data_source_types": "OSS,NAS", "data_types": "COMMON",
    "edition": "BASIC", "label": "tes", "name": "yNa", "properties": "DIRECTORY",
    "provider": "Github", "source_types": "USER,ITAG", "workspace_id": "478123",
    "order": "DESC", "sort_by": "GmtCreateTime", "page_number": 1, "page_size": 5,
}  # fmt: skip


def test_every_filter_is_sent_and_fits(ask: Ask, dataset: str) -> None:
    ask("create_dataset", request_of(name="another"))
    params = models.ListDatasetsRequest(**EVERY_FILTER, dataset_ids=f"{dataset},d-0")
    assert ask("list_datasets", params) == {"Datasets": [shown(dataset)], "TotalCount": 1}
    for name, value in (
        ("source_id", "s"),
        ("source_dataset_id", "d-0"),
        ("share_scope", "TO_ME"),
        ("label", "a b*~+/é"),
    ):
        params = models.ListDatasetsRequest(**{name: value})
        assert ask("list_datasets", params) == {"Datasets": [], "TotalCount": 0}


def test_every_member_that_is_updated_comes_back(
    ask: Ask, dataset: str, wait: Callable[[], None]
) -> None:
    wait()
    target = models.DatasetShareRelationship(
        tenant_id="1157703270994901",
        workspace_id="590221",
        allowed_mount_access_levels=["RO", "RW"],
        expires_at="2027-04-01T00:00:00Z",
        extra='{"AllowExportModel":true}',
        is_secure_mode=False,
    )
    params = models.UpdateDatasetRequest(
        name="新名",
        description="new",
        options='{"mountPath":"/mnt/b/"}',
        accessibility="ROLE_PUBLIC",
        accessible_role_id_list=["PAI.AlgoOperator"],
        edition="BASIC",
        mount_access_read_write_role_id_list=["*"],
        sharing_config=models.UpdateDatasetRequestSharingConfig(shared_to=[target]),
    )
    assert ask("update_dataset", dataset, params) == {}
    share = {
        **target.to_map(),
        "SharedAt": LATER,
        "SourceTenantId": ACCOUNT,
        "SourceWorkspaceId": "478123",
        "Status": "ACTIVE",
    }
    assert got(ask, dataset) == shown(
        dataset,
        **{name: value for name, value in params.to_map().items() if name != "SharingConfig"},
        Provider="Github",
        SharingConfig={"SharedTo": [share]},
        GmtModifiedTime=LATER,
        LatestVersion=version(Options='{"mountPath":"/mnt/b/"}', GmtModifiedTime=LATER),
    )


def test_publishing_and_deleting(ask: Ask, dataset: str, pai: Client) -> None:
    assert ask("publish_dataset", dataset, models.PublishDatasetRequest()) == {}
    assert got(ask, dataset)["Accessibility"] == "PUBLIC"
    assert ask("delete_dataset", dataset, models.DeleteDatasetRequest()) == {}
    errors = [
        refused(pai.get_dataset, dataset, models.GetDatasetRequest()),
        refused(pai.delete_dataset, dataset, models.DeleteDatasetRequest()),
    ]
    assert {(error.status_code, error.code) for error in errors} == {(404, "201300002")}
    assert ask("create_dataset", request_of())["DatasetId"] != dataset


def test_labels_of_a_dataset(ask: Ask, dataset: str) -> None:
    labels = [models.Label(key="a", value="1"), models.Label(key="env", value="prod")]
    assert (
        ask("create_dataset_labels", dataset, models.CreateDatasetLabelsRequest(labels=labels))
        == {}
    )
    both = [{"Key": "env", "Value": "prod"}, {"Key": "a", "Value": "1"}]
    assert got(ask, dataset)["Labels"] == both
    params = models.DeleteDatasetLabelsRequest(label_keys="env,zzz")
    assert ask("delete_dataset_labels", dataset, params) == {}
    assert got(ask, dataset)["Labels"] == both[1:]


EVERY_MEMBER: dict[str, Any] = {
    **NAS,
    "description": "second",
    "data_size": 10000,
    "data_count": 500,
    "labels": [models.Label(key="stage", value="raw")],
    "options": '{"mountPath":"/mnt/data/"}',
    "import_info": '{"region":"cn-hangzhou","fileSystemId":"09f1abcdef","path":"/",'
    '"mountTarget":"09f1abcdef-abc12.cn-hangzhou.nas.aliyuncs.com"}',
    "source_type": "ITAG",
    "source_id": "jdnhf000fnrimv",
    "dataset_task_ram_role": "acs:ram::1004110000006048:role/pai-task",
    "user_metrics_endpoints": [models.UserMetricsEndpoint(path="/metrics", port=9090)],
    "dry_run": False,
}


def test_every_member_of_a_version_comes_back(
    ask: Ask, dataset: str, wait: Callable[[], None]
) -> None:
    params = models.CreateDatasetVersionRequest(**EVERY_MEMBER)
    assert ask("create_dataset_version", dataset, params) == {"VersionName": "v2"}
    sent = {name: value for name, value in params.to_map().items() if name != "DryRun"}
    named = ("v2", models.GetDatasetVersionRequest())
    second = version("v2", **sent)
    assert ask("get_dataset_version", dataset, *named) == {**second, "DatasetId": dataset}
    assert got(ask, dataset) == shown(dataset, Provider="Github", LatestVersion=second)
    wait()
    change = models.UpdateDatasetVersionRequest(
        description="changed",
        options="{}",
        data_size=0,
        data_count=0,
        dataset_task_ram_role="r",
        user_metrics_endpoints=[],
    )
    assert ask("update_dataset_version", dataset, "v2", change) == {}
    second |= {**change.to_map(), "GmtModifiedTime": LATER}
    assert ask("get_dataset_version", dataset, *named) == {**second, "DatasetId": dataset}


def test_versions_are_listed_labelled_and_deleted(ask: Ask, dataset: str, pai: Client) -> None:
    ask("create_dataset_version", dataset, models.CreateDatasetVersionRequest(**NAS))
    labels = models.CreateDatasetVersionLabelsRequest(
        labels=[models.Label(key="a", value="1"), models.Label(key="b", value="2")]
    )
    assert ask("create_dataset_version_labels", dataset, "v2", labels) == {}
    params = models.DeleteDatasetVersionLabelsRequest(keys="a,zzz")
    assert ask("delete_dataset_version_labels", dataset, "v2", params) == {}
    filters = {"label_keys": "b", "label_values": "2", "order": "DESC", "sort_by": "DataSize"}
    more = {"properties": "DIRECTORY", "source_types": "USER", "page_number": 1, "page_size": 10}
    second = version("v2", Uri=NAS["uri"], Labels=[{"Key": "b", "Value": "2"}])
    paging = {"PageNumber": 1, "PageSize": 10}
    assert ask(
        "list_dataset_versions", dataset, models.ListDatasetVersionsRequest(**filters, **more)
    ) == {"DatasetVersions": [second], "TotalCount": 1, **paging}
    all_of_them = models.ListDatasetVersionsRequest(page_number=1, page_size=10)
    both = {"DatasetVersions": [version(), second], "TotalCount": 2, **paging}
    assert ask("list_dataset_versions", dataset, all_of_them) == both
    deletion = models.DeleteDatasetVersionRequest()
    assert ask("delete_dataset_version", dataset, "v2", deletion) == {}
    error = refused(pai.delete_dataset_version, dataset, "v1", deletion)
    assert (error.status_code, error.code) == (400, "InvalidParameter")
    unsaid = refused(pai.list_dataset_versions, dataset, models.ListDatasetVersionsRequest())
    assert (unsaid.status_code, unsaid.code) == (400, "MissingPageNumber")


def test_an_access_key_of_digits_is_the_user_who_calls(dataset_world: World, pai: Client) -> None:
    another = connect(host_of(dataset_world), ANOTHER, protocol="http")
    legacy = connect(host_of(dataset_world), ANOTHER, protocol="http", signature_algorithm="v2")
    for client in (another, legacy):
        error = refused(client.list_datasets, models.ListDatasetsRequest(workspace_id="478124"))
        assert (error.status_code, error.code) == (404, "100700008")
    member = models.CreateMemberRequestMembers(user_id=ANOTHER, roles=["PAI.AlgoDeveloper"])
    pai.create_member("478123", models.CreateMemberRequest(members=[member]))
    created = another.create_dataset(request_of(user_id=CALLER)).body.dataset_id
    own = another.get_dataset(created, models.GetDatasetRequest()).body
    assert (own.user_id, own.owner_id, own.mount_access) == (ANOTHER, ACCOUNT, "RW")
    hidden = pai.create_dataset(request_of(name="hidden")).body.dataset_id
    assert refused(another.get_dataset, hidden, models.GetDatasetRequest()).code == "100700008"
    assert another.list_datasets(models.ListDatasetsRequest()).body.total_count == 1
    assert pai.list_datasets(models.ListDatasetsRequest()).body.total_count == 2
