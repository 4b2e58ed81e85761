"""File metas, jobs and their configurations through Alibaba Cloud's SDK, both of its ways.

Two answers differ from all others: one names its request `requestId`, one not at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client

from emulator.testing import World
from tests.clients import test_pai as shared
from tests.clients import test_pai_life as life
from tests.clients.test_pai import START, refused, request_of
from tests.clients.test_pai_life import Ask, Call

pai = shared.pai
call = life.call

WORKSPACE = "478123"
HERE = {"dataset_version": "v1", "workspace_id": WORKSPACE}
SPEC = '{"modelId":"model-1"}'
Wait = Callable[[float], object]


@pytest.fixture
def ask(call: Call) -> Ask:
    """Call an operation by its name; gives its document, whole."""
    return lambda name, *arguments: call(name, *arguments)[1]


@pytest.fixture
def wait(dataset_world: World) -> Wait:
    return dataset_world.clock.advance


@pytest.fixture
def dataset(ask: Ask) -> str:
    uri = "oss://bkt.oss-cn-hangzhou.aliyuncs.com/dir/"
    params = request_of(data_source_type="OSS", uri=uri, edition="ADVANCED")
    created: str = ask("create_dataset", params)["DatasetId"]
    return created


def wished(name: str, **members: Any) -> models.DatasetFileMetaContentCreate:
    return models.DatasetFileMetaContentCreate(
        uri=f"oss://bkt/dir/{name}",
        file_type="image",
        content_type="image/jpeg",
        file_finger_print="D41D8CD98F00B204E9800998ECF8427E",
        file_update_time="2026-03-01T10:00Z",
        **members,
    )


def shown(meta: str, name: str, **members: Any) -> dict[str, Any]:
    """What a list tells of a file."""
    return {
        "DatasetFileMetaId": meta,
        "Uri": f"oss://bkt/dir/{name}",
        "FileName": name,
        "FileType": "image",
        "ContentType": "image/jpeg",
        "FileFingerPrint": "D41D8CD98F00B204E9800998ECF8427E",
        "FileUpdateTime": "2026-03-01T10:00Z",
        "Status": "ACTIVE",
        **members,
    }


EVERYTHING = {
    "file_name": "a.jpg",
    "file_create_time": "2026-02-01T10:00Z",
    "data_size": 10,
    "comment": "c",
    "tags": '{"user":{"add":["sunny"]}}',
    "meta_attributes": '{"w":1}',
}


@pytest.fixture
def metas(ask: Ask, dataset: str) -> list[str]:
    """Note two files, the first of them with every member; gives their ids."""
    files = [wished("a.jpg", **EVERYTHING), wished("b.jpg")]
    params = models.CreateDatasetFileMetasRequest(dataset_file_metas=files, **HERE)
    made = ask("create_dataset_file_metas", dataset, params)
    assert (made["Status"], made["FailedDetails"]) == (True, [])
    ids = [detail["DatasetFileMetaId"] for detail in made["SucceedDetails"]]
    assert all(re.fullmatch("[0-9a-f]{64}", meta) for meta in ids)
    return ids


def listed(ask: Ask, dataset: str, **query: Any) -> dict[str, Any]:
    params = models.ListDatasetFileMetasRequest(**HERE, **query)
    return ask("list_dataset_file_metas", dataset, params)


FILE = {
    "DataSize": 10,
    "FileCreateTime": "2026-02-01T10:00Z",
    "Tags": '{"user":["sunny"]}',
    "MetaAttributes": '{"w":1}',
}


def test_every_member_of_a_file_meta_comes_back(
    ask: Ask, dataset: str, metas: list[str], pai: Client
) -> None:
    params = models.GetDatasetFileMetaRequest(**HERE)
    got = ask("get_dataset_file_meta", dataset, metas[0], params)
    more = {"FileDir": "dir", "Comment": "c", "TagUpdateTime": START}
    assert got["DatasetFileMeta"] == {**shown(metas[0], "a.jpg"), **FILE, **more}
    place = {"DatasetId": dataset, "DatasetVersion": "v1", "WorkspaceId": WORKSPACE}
    assert {name: got[name] for name in place} == place
    found = listed(ask, dataset, query_tags_include_all=["sunny"], dataset_file_meta_ids=metas)
    numbers = {"TotalCount": 1, "MaxResults": 10, "PageSize": 10}
    assert found == {"DatasetFileMetas": [{**shown(metas[0], "a.jpg"), **FILE}], **place, **numbers}
    error = refused(pai.get_dataset_file_meta, dataset, "0" * 64, params)
    assert (error.status_code, error.code) == (404, "201300003")


def test_file_metas_are_listed_page_by_page(ask: Ask, dataset: str, metas: list[str]) -> None:
    seen: list[Any] = []
    token = None
    while token or not seen:
        page = listed(ask, dataset, max_results=1, next_token=token)
        assert page["TotalCount"] == 2
        seen += [meta["DatasetFileMetaId"] for meta in page["DatasetFileMetas"]]
        token = page.get("NextToken")
    assert sorted(seen) == sorted(metas)


def test_file_metas_are_updated_counted_and_deleted(
    ask: Ask, dataset: str, metas: list[str]
) -> None:
    change = models.DatasetFileMetaConentUpdate(
        dataset_file_meta_id=metas[1],
        file_name="B.jpg",
        file_type="video",
        tags='{"ai":["car"]}',
        semantic_index_job_id="dsjob-1",
        semantic_index_update_time="2026-04-01T08:00Z",
    )
    unknown = models.DatasetFileMetaConentUpdate(dataset_file_meta_id="0")
    params = models.UpdateDatasetFileMetasRequest(
        dataset_file_metas=[change, unknown], tag_job_id="dsjob-2", **HERE
    )
    updated = ask("update_dataset_file_metas", dataset, params)
    assert updated["Status"] is False
    assert [detail["DatasetFileMetaId"] for detail in updated["FailedDetails"]] == ["0"]
    counting = models.GetDatasetFileMetasStatisticsRequest(aggregate_by="FileType", **HERE)
    counted = ask("get_dataset_file_metas_statistics", dataset, counting)
    assert re.fullmatch("[0-9A-F]{8}-[0-9A-F]{4}-5[-0-9A-F]{21}", counted.pop("requestId"))
    stats = [{"Key": "image", "Count": 1}, {"Key": "video", "Count": 1}]
    assert counted == {"DatasetFileMetasStats": stats, "TotalCount": 2}
    forget = models.DeleteDatasetFileMetasRequest(dataset_file_meta_ids=",".join(metas), **HERE)
    deleted = ask("delete_dataset_file_metas", dataset, forget)
    assert (deleted["Status"], deleted["FailedDetails"]) == (True, [])
    assert listed(ask, dataset)["TotalCount"] == 0
    assert listed(ask, dataset, status="DELETED")["TotalCount"] == 2


def test_a_basic_dataset_has_no_file_metas(ask: Ask, pai: Client) -> None:
    basic = ask("create_dataset", request_of(name="basic"))["DatasetId"]
    params = models.CreateDatasetFileMetasRequest(dataset_file_metas=[wished("a")], **HERE)
    error = refused(pai.create_dataset_file_metas, basic, params)
    assert (error.status_code, error.code) == (400, "InvalidParameter")


@pytest.fixture
def job(ask: Ask, dataset: str, metas: list[str]) -> str:
    params = models.CreateDatasetJobRequest(
        job_action="SemanticIndex",
        job_mode="Increment",
        job_spec=SPEC,
        description="d",
        **HERE,
    )
    created: str = ask("create_dataset_job", dataset, params)["DatasetJobId"]
    assert re.fullmatch("dsjob-[a-z0-9]{18}", created)
    return created


def state(ask: Ask, dataset: str, job: str) -> dict[str, Any]:
    got = ask("get_dataset_job", dataset, job, models.GetDatasetJobRequest(**HERE))
    got.pop("RequestId")
    return got


def test_a_job_runs_on_the_clock(ask: Ask, dataset: str, job: str, wait: Wait) -> None:
    begun = "2026-04-01 08:00:00.123 INFO: Pending"
    pending = {
        "Description": "d",
        "JobAction": "SemanticIndex",
        "JobMode": "Increment",
        "JobSpec": SPEC,
        "Status": "Pending",
        "TotalFileCount": 2,
        "CompletedFileCount": 0,
        "FailedFileCount": 0,
        "Logs": [begun],
        "CreateTime": "2026-04-01T08:00:00Z",
    }
    assert state(ask, dataset, job) == pending
    wait(1)
    assert state(ask, dataset, job)["Status"] == "Running"
    wait(60)
    done = {
        "Status": "Succeeded",
        "CompletedFileCount": 2,
        "Logs": [begun, "2026-04-01 08:00:02.123 INFO: Succeeded"],
        "FinishTime": "2026-04-01T08:00:02Z",
    }
    assert state(ask, dataset, job) == {**pending, **done}
    params = models.ListDatasetJobsRequest(
        job_action="SemanticIndex",
        status="Succeeded",
        page_number=1,
        page_size=10,
        sort_by="CreateTime",
        order="DESC",
        with_logs=True,
        **HERE,
    )
    found = ask("list_dataset_jobs", dataset, params)
    names = {"DatasetJobId": job, "DatasetVersion": "v1", "WorkspaceId": WORKSPACE}
    assert (found["DatasetJobs"], found["TotalCount"]) == ([{**pending, **done, **names}], 1)


@pytest.mark.parametrize(
    "end", [("fail", "Failed", 0, 2), ("partial", "PartialFailed", 1, 1)], ids=lambda end: end[1]
)
def test_a_job_may_end_otherwise(
    ask: Ask, dataset_world: World, dataset: str, job: str, end: tuple[str, str, int, int]
) -> None:
    lifecycle, status, *counts = end
    saved = dataset_world.save()
    (stored,) = (each for each in saved["providers"]["pai"]["resources"] if each["id"] == job)
    stored["lifecycle"] = lifecycle
    dataset_world.load(saved)
    dataset_world.clock.advance(2)
    ended = state(ask, dataset, job)
    assert (ended["Status"], ended["FinishTime"]) == (status, "2026-04-01T08:00:02Z")
    assert [ended["CompletedFileCount"], ended["FailedFileCount"]] == counts


def test_a_job_is_described_stopped_and_deleted(
    ask: Ask, dataset: str, job: str, wait: Wait, pai: Client
) -> None:
    params = models.UpdateDatasetJobRequest(description="new", **HERE)
    ask("update_dataset_job", dataset, job, params)
    ask("stop_dataset_job", dataset, job, models.StopDatasetJobRequest())
    stopped = state(ask, dataset, job)
    assert (stopped["Status"], stopped["Description"]) == ("ManuallyStop", "new")
    error = refused(pai.stop_dataset_job, dataset, job, models.StopDatasetJobRequest(**HERE))
    assert (error.status_code, error.code) == (400, "InvalidParameter")
    ask("delete_dataset_job", dataset, job, models.DeleteDatasetJobRequest())
    assert state(ask, dataset, job)["Status"] == "Deleting"
    wait(1)
    error = refused(pai.get_dataset_job, dataset, job, models.GetDatasetJobRequest())
    assert (error.status_code, error.code) == (404, "201300003")


def test_configurations_of_jobs(ask: Ask, dataset: str, wait: Wait, pai: Client) -> None:
    params = models.CreateDatasetJobConfigRequest(
        config_type="MultimodalIntelligentTag", config='{"apiKey":"sk-x"}', **HERE
    )
    config = ask("create_dataset_job_config", dataset, params)["DatasetJobConfigId"]
    assert re.fullmatch("dscfg-[a-z0-9]{18}", config)
    wait(1)
    change = models.UpdateDatasetJobConfigRequest(
        config="{}", config_type="MultimodalSemanticIndex", workspace_id=WORKSPACE
    )
    ask("update_dataset_job_config", dataset, config, change)
    seeing = models.GetDatasetJobConfigRequest(workspace_id=WORKSPACE)
    got = ask("get_dataset_job_config", dataset, config, seeing)
    got.pop("RequestId")
    told = {
        "WorkspaceId": WORKSPACE,
        "ConfigType": "MultimodalSemanticIndex",
        "Config": "{}",
        "CreateTime": "2026-04-01T08:00:00Z",
        "ModifyTime": "2026-04-01T08:00:01Z",
    }
    assert got == {"DatasetId": dataset, **told}
    listing = models.ListDatasetJobConfigsRequest(
        config_type="MultimodalSemanticIndex", page_number="1", page_size="10", **HERE
    )
    found = ask("list_dataset_job_configs", dataset, listing)
    item = {"DatasetJobConfigId": config, "DatasetVersion": "v1", **told}
    assert (found["DatasetJobConfigs"], found["TotalCount"]) == ([item], 1)
    forget = models.DeleteDatasetJobConfigRequest(workspace_id=WORKSPACE)
    ask("delete_dataset_job_config", dataset, config, forget)
    error = refused(pai.get_dataset_job_config, dataset, config, seeing)
    assert (error.status_code, error.code) == (404, "201300003")
