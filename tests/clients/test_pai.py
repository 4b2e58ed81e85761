"""PAI AIWorkSpace through Alibaba Cloud's SDK for Python, at the base URL of a world.

Its requests are known by their headers; tests/clients/test_signed_pai.py gives it a prefix as well.
"""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config

from emulator.testing import World

ACCOUNT, CALLER = "1004110000006048", "2485765000023475"
START = "2026-04-01T08:00:00.123Z"
BASE = {
    "name": "myName",
    "property": "DIRECTORY",
    "data_source_type": "NAS",
    "uri": "nas://09f1abcdef.cn-hangzhou/",
}
"""The members every dataset needs, under the SDK's names."""


def host_of(world: World) -> str:
    """What the SDK takes for the host: it may be followed by a path."""
    return world.base.partition("://")[2]


def connect(endpoint: str, access_key_id: str = "testKey", **config: Any) -> Client:
    return Client(
        Config(
            access_key_id=access_key_id,
            access_key_secret="testSecret",
            region_id="cn-hangzhou",
            endpoint=endpoint,
            **config,
        )
    )


@pytest.fixture
def pai(dataset_world: World) -> Client:
    return connect(host_of(dataset_world), protocol="http")


def request_of(**members: Any) -> models.CreateDatasetRequest:
    return models.CreateDatasetRequest(**{**BASE, **members})


def every_member() -> dict[str, Any]:
    return {
        "name": "数据集_1",
        "property": "FILE",
        "data_source_type": "OSS",
        "uri": "oss://bkt.oss-cn-hangzhou.aliyuncs.com/dir/data.csv",
        "data_type": "TEXT",
        "labels": [models.Label(key="env", value="test")],
        "source_type": "ITAG",
        "source_id": "jdnhf000fnrimv",
        "description": "This is a description of the dataset.",
        "workspace_id": "478124",
        "options": '{"mountPath":"/mnt/data/"}',
        "accessibility": "ROLE_PUBLIC",
        "accessible_role_id_list": ["PAI.AlgoOperator"],
        "provider_type": "Lingjun",
        "provider": "Github",
        "user_id": CALLER,
        "source_dataset_id": "d-bvfasdfxxxxj8o411",
        "source_dataset_version": "v2",
        "version_description": "This is a description of the first dataset version.",
        "version_labels": [models.Label(key="stage", value="raw")],
        "data_size": 10000,
        "data_count": 500,
        "mount_access_read_write_role_id_list": ["PAI.AlgoOperator", "role-hiuwpd01ncrokkgp21"],
        "import_info": '{"region":"cn-hangzhou","bucket":"bkt","path":"/dir/data.csv"}',
        "edition": "ADVANCED",
        "dataset_task_ram_role": "acs:ram::1004110000006048:role/pai-task",
        "user_metrics_endpoints": [models.UserMetricsEndpoint(path="/metrics", port=9090)],
        "dry_run": False,
    }


def shown(answer: Any) -> dict[str, Any]:
    """The whole typed body, without the id of its request; an empty one is a failure."""
    assert answer.status_code == 200
    assert answer.body is not None
    body = answer.body.to_map()
    assert body.pop("RequestId") == answer.headers["x-acs-request-id"]
    document: dict[str, Any] = body
    return document


def everything_back(dataset_id: str) -> dict[str, Any]:
    """What GetDataset gives for `every_member`, as the SDK's model prints it."""
    version = {
        "DataSourceType": "OSS",
        "Property": "FILE",
        "Uri": "oss://bkt.oss-cn-hangzhou.aliyuncs.com/dir/data.csv",
        "Options": '{"mountPath":"/mnt/data/"}',
        "ImportInfo": '{"region":"cn-hangzhou","bucket":"bkt","path":"/dir/data.csv"}',
        "SourceType": "ITAG",
        "SourceId": "jdnhf000fnrimv",
        "MountAccess": "RW",
        "GmtCreateTime": START,
        "GmtModifiedTime": START,
    }
    return {
        **version,
        "DatasetId": dataset_id,
        "Name": "数据集_1",
        "Description": "This is a description of the dataset.",
        "WorkspaceId": "478124",
        "OwnerId": ACCOUNT,
        "UserId": CALLER,
        "DataType": "TEXT",
        "SourceDatasetId": "d-bvfasdfxxxxj8o411",
        "SourceDatasetVersion": "v2",
        "Accessibility": "ROLE_PUBLIC",
        "AccessibleRoleIdList": ["PAI.AlgoOperator"],
        "ProviderType": "Lingjun",
        "Provider": "Github",
        "Edition": "ADVANCED",
        "Labels": [{"Key": "env", "Value": "test"}],
        "MountAccessReadWriteRoleIdList": ["PAI.AlgoOperator", "role-hiuwpd01ncrokkgp21"],
        "IsShared": False,
        "LatestVersion": {
            **version,
            "VersionName": "v1",
            "Description": "This is a description of the first dataset version.",
            "DataSize": 10000,
            "DataCount": 500,
            "Labels": [{"Key": "stage", "Value": "raw"}],
            "DatasetTaskRamRole": "acs:ram::1004110000006048:role/pai-task",
            "UserMetricsEndpoints": [{"Path": "/metrics", "Port": 9090}],
        },
    }


@pytest.fixture
def at_start(dataset_world: World) -> None:
    dataset_world.clock.freeze(START)


@pytest.mark.usefixtures("at_start")
def test_every_member_that_is_created_comes_back(pai: Client) -> None:
    created = shown(pai.create_dataset(request_of(**every_member())))
    assert created.keys() == {"DatasetId"}
    assert re.fullmatch("d-[a-z0-9]{18}", created["DatasetId"])
    got = pai.get_dataset(created["DatasetId"], models.GetDatasetRequest())
    assert shown(got) == everything_back(created["DatasetId"])
    assert isinstance(got.body.latest_version, models.DatasetVersion)
    assert got.body.latest_version.labels[0].key == "stage"


@pytest.mark.usefixtures("at_start")
def test_the_async_client_gets_the_same(pai: Client) -> None:
    async def create_and_get() -> tuple[Any, Any]:
        created = await pai.create_dataset_async(request_of(**every_member()))
        got = await pai.get_dataset_async(created.body.dataset_id, models.GetDatasetRequest())
        return created, got

    created, got = asyncio.run(create_and_get())
    assert shown(got) == everything_back(created.body.dataset_id)


def test_a_dry_run_answers_without_an_id(pai: Client) -> None:
    assert shown(pai.create_dataset(request_of(dry_run=True))) == {}
    assert pai.create_dataset(request_of()).body.dataset_id


def test_workspaces(pai: Client) -> None:
    plain = pai.get_workspace("478123", models.GetWorkspaceRequest()).body
    verbose = pai.get_workspace("478123", models.GetWorkspaceRequest(verbose=True)).body
    default = pai.get_default_workspace(models.GetDefaultWorkspaceRequest(verbose=True)).body
    assert (plain.workspace_id, plain.status, plain.is_default) == ("478123", "ENABLED", True)
    assert plain.owner is None
    assert verbose.owner.user_id == CALLER
    assert (default.workspace_id, default.status) == ("478123", "ENABLED")
    assert default.conditions[-1].to_map() == {"Code": 200, "Message": "", "Type": "ENABLED"}


def refused(call: Any, *arguments: Any) -> ClientException:
    with pytest.raises(ClientException) as caught:
        call(*arguments)
    return caught.value


REFUSALS = {
    "a member is missing": (
        {"name": None},
        400,
        "MissingParameter",
        'The input parameter "Name" that is mandatory for processing this request is not supplied.',
    ),
    "options are an object": (
        {"options": {"mountPath": "/mnt/data/"}},
        400,
        "InvalidParameter",
        'The specified parameter "Options" is not valid.',
    ),
    "the name is taken": ({"name": "taken"}, 400, "201300003", "Dataset name already existed"),
    "the workspace is unknown": (
        {"workspace_id": "999999999"},
        404,
        "100400027",
        "Workspace not exists",
    ),
}


@pytest.mark.parametrize(
    ("members", "status", "code", "message"), REFUSALS.values(), ids=REFUSALS.keys()
)
def test_refusals_are_client_exceptions(
    pai: Client, members: dict[str, Any], status: int, code: str, message: str
) -> None:
    pai.create_dataset(request_of(name="taken"))
    error = refused(pai.create_dataset, request_of(**members))
    assert (error.status_code, error.code) == (status, code)
    assert error.message == f"code: {status}, {message} request id: {error.request_id}"
    assert re.fullmatch("[0-9A-F]{8}-[0-9A-F]{4}-5[-0-9A-F]{21}", error.request_id)
    assert error.data["HostId"] == "aiworkspace.cn-hangzhou.aliyuncs.com"
    assert error.request_id in error.data["Recommend"]


@pytest.mark.parametrize("dataset_id", ["d-000000000000000000", "", "a/b", "数据"])
def test_an_unknown_dataset_is_a_client_exception(pai: Client, dataset_id: str) -> None:
    error = refused(pai.get_dataset, dataset_id, models.GetDatasetRequest())
    code = "InvalidAction.NotFound" if dataset_id in ("", "a/b") else "201300002"
    assert (error.status_code, error.code) == (404, code)


def test_what_is_not_emulated_is_a_client_exception_at_once(
    dataset_world: World, pai: Client
) -> None:
    listed = refused(pai.list_prompts, models.ListPromptsRequest())
    removed = refused(pai.delete_run_label, "r", "k", models.DeleteRunLabelRequest())
    published = refused(pai.publish_image, "i", models.PublishImageRequest())
    errors = [listed, removed, published]
    assert {(error.status_code, error.code) for error in errors} == {(400, "NotEmulated")}
    assert "ListPrompts is not emulated; /_emulator/operations lists what is." in listed.message
    asked = [(entry["operation"], entry["status"]) for entry in dataset_world.requests.list()]
    assert asked == [("ListPrompts", 400), ("DeleteRunLabel", 400), ("PublishImage", 400)]


def test_an_endpoint_may_carry_its_scheme(dataset_world: World) -> None:
    client = connect(f"http://{host_of(dataset_world)}")
    created = client.create_dataset(request_of())
    got = client.get_dataset(created.body.dataset_id, models.GetDatasetRequest())
    assert shown(got)["Name"] == "myName"


def test_other_signatures_and_temporary_keys_are_known_as_well(dataset_world: World) -> None:
    clients = [
        connect(host_of(dataset_world), protocol="http", signature_algorithm="v2"),
        connect(host_of(dataset_world), protocol="http", security_token="testToken"),
    ]
    for number, client in enumerate(clients):
        assert client.create_dataset(request_of(name=f"n{number}")).body.dataset_id
    kept = [dataset_world.requests.get(each["id"]) for each in dataset_world.requests.list()]
    sent = json.dumps([entry["request"]["headers"] for entry in kept])
    assert "testToken" not in sent
    assert "Signature=" not in sent


@pytest.mark.dataset_emulator(demo=False, pai_default_workspace="absent")
def test_without_a_default_workspace_one_must_be_named(pai: Client) -> None:
    errors = [
        refused(pai.create_dataset, request_of()),
        refused(pai.list_datasets, models.ListDatasetsRequest()),
        refused(pai.get_default_workspace, models.GetDefaultWorkspaceRequest()),
    ]
    assert {(e.status_code, e.code) for e in errors} == {(404, "100400027")}
    assert pai.create_dataset(request_of(workspace_id="478124")).body.dataset_id
    workspace = pai.get_workspace("478124", models.GetWorkspaceRequest()).body
    assert workspace.is_default is False


@pytest.mark.dataset_emulator(demo=False, pai_names="lax")
def test_lax_names_are_those_of_the_live_service(pai: Client) -> None:
    names = ("zhuang.yihong", "_lakefs_cache")
    assert all(pai.create_dataset(request_of(name=name)).body.dataset_id for name in names)
    assert refused(pai.create_dataset, request_of(name="a b")).code == "InvalidParameter"
