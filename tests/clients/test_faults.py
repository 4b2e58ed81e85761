"""What the vendors' own clients make of faults, on the real server and in process."""

from __future__ import annotations

import gc
import http.client
import socket
import time
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi import exceptions
from alibabacloud_tea_openapi.utils_models import Config as AlibabaConfig
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from darabonba.exceptions import UnretryableException

from emulator import Emulator, Settings
from tests.contract import catalogue
from tests.project.served import served

MODES = ("legacy", "standard")
LONG = 30
"""Seconds of a delay that nobody here waits for."""
AT_A_TIME = 50


@pytest.fixture(scope="module", params=["served", "in process"])
def running(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "served":
            yield stack.enter_context(served("--port", "0", "--strict", "--demo")).base
        else:
            settings = Settings(port=0, strict=True, demo=True)
            yield stack.enter_context(Emulator(settings)).endpoints.base


@pytest.fixture
def base(running: str, pauses: list[float]) -> str:
    """The URL of an emulator as it was at the start, whose clients do not wait between attempts."""
    requests.post(f"{running}/_emulator/reset", json={}, timeout=10).raise_for_status()
    return running


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What clients leave open of answers that broke off is theirs, and no matter here."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def order(base: str, provider: str, operation: str, times: int | None = None, **effect: object) -> None:  # fmt: skip
    match = {"provider": provider, "operation": operation}
    params = {"match": match, "effect": effect, "times": times}
    requests.post(f"{base}/_emulator/faults", json=params, timeout=10).raise_for_status()


def journal(base: str) -> list[dict[str, Any]]:
    listed = requests.get(f"{base}/_emulator/requests", timeout=10).json()["requests"]
    return [requests.get(f"{base}/_emulator/requests/{each['id']}", timeout=10).json() for each in listed]  # fmt: skip


def amazon(base: str, service: str, mode: str = "legacy", **config: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"{base}/{service}",
        region_name="us-east-1",
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",
        config=Config(retries={"mode": mode}, **config),
    )


def alibaba(base: str) -> Client:
    config = AlibabaConfig(
        access_key_id="k",
        access_key_secret="s",
        region_id="cn-hangzhou",
        endpoint=f"{urlsplit(base).netloc}/pai",
        protocol="http",
    )
    return Client(config)


def create(base: str, provider: str, **options: Any) -> requests.Response:
    """Create the dataset that is the provider's example."""
    example = catalogue.contracts()[provider].seed["example"]
    given = {"headers": example["headers"], "json": example["body"], "timeout": 10, **options}
    return requests.request(example["method"], f"{base}/{provider}{example['path']}", **given)


def listed(base: str, **options: Any) -> requests.Response:
    """List the datasets of Coactive, which anybody can do again and again."""
    headers = {"Authorization": "Bearer k:s"}
    return requests.get(f"{base}/coactive/api/v1/datasets", headers=headers, **{"timeout": 10, **options})  # fmt: skip


# ---- boto3


def test_the_default_client_gets_over_two_failures(base: str) -> None:
    """500 twice, then success."""
    order(base, "personalize", "ListSchemas", 2, error="InternalFailure")
    answer = amazon(base, "personalize").list_schemas()
    assert [schema["name"] for schema in answer["schemas"]] == ["demo-schema"]
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert [entry["status"] for entry in journal(base)] == [500, 500, 200]


def test_a_failure_that_stays_is_raised_with_its_code(base: str) -> None:
    order(base, "personalize", "ListSchemas", error="InternalFailure")
    with pytest.raises(ClientError) as caught:
        amazon(base, "personalize").list_schemas()
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("InternalFailure", 500)  # fmt: skip
    assert len(journal(base)) == 5


@pytest.mark.parametrize(("mode", "attempts"), [("legacy", 5), ("standard", 3)])
def test_a_throttled_client_tries_again_with_the_same_token(
    base: str, mode: str, attempts: int
) -> None:
    """429 and `Retry-After: 3`."""
    order(base, "lookoutvision", "CreateProject", error="ThrottlingException", retry_after=3)
    with pytest.raises(ClientError) as caught:
        amazon(base, "lookoutvision", mode).create_project(ProjectName="p")
    answer = caught.value.response
    assert answer["Error"]["Code"] == "ThrottlingException"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "3"
    assert answer["RetryAfterSeconds"] == 3
    entries = journal(base)
    assert [entry["status"] for entry in entries] == [429] * attempts
    assert len({entry["request"]["headers"]["X-Amzn-Client-Token"] for entry in entries}) == 1


@pytest.mark.parametrize("mode", MODES)
def test_what_was_created_although_an_error_was_sent_is_not_in_the_way(
    base: str, mode: str
) -> None:
    """500 after the dataset was stored; the retry with the same token gets the 202."""
    order(
        base, "lookoutvision", "CreateDataset", 1, error="InternalServerException", apply_first=True
    )
    client = amazon(base, "lookoutvision", mode)
    made = client.create_dataset(ProjectName="demo-project", DatasetType="train")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert made["ResponseMetadata"]["RetryAttempts"] == 1
    assert [entry["status"] for entry in journal(base)] == [500, 202]
    with pytest.raises(ClientError) as caught:
        client.create_dataset(ProjectName="demo-project", DatasetType="train")
    assert caught.value.response["Error"]["Code"] == "ConflictException"


def test_a_spent_quota_is_raised_at_once_with_its_members(base: str) -> None:
    """402 with `QuotaCode` and `ServiceCode`."""
    order(base, "lookoutvision", "CreateProject", error="ServiceQuotaExceededException")
    client = amazon(base, "lookoutvision")
    with pytest.raises(client.exceptions.ServiceQuotaExceededException) as caught:
        client.create_project(ProjectName="p")
    assert (caught.value.response["QuotaCode"], caught.value.response["ServiceCode"]) == ("L-00000001", "lookoutvision")  # fmt: skip
    assert len(journal(base)) == 1


# ---- Alibaba Cloud's SDK


def test_the_sdk_raises_its_throttling_exception(base: str) -> None:
    """PAI 51: `x-acs-retry-after: 1000`."""
    order(base, "pai", "ListDatasets", 1, error="Throttling.User", retry_after=1)
    with pytest.raises(exceptions.ThrottlingException) as caught:
        alibaba(base).list_datasets(models.ListDatasetsRequest())
    error = caught.value
    assert (error.status_code, error.code, error.retry_after) == (400, "Throttling.User", 1000)
    assert alibaba(base).list_datasets(models.ListDatasetsRequest()).status_code == 200


def test_without_the_header_the_sdk_raises_an_ordinary_one(base: str) -> None:
    order(base, "pai", "ListDatasets", 1, error="Throttling.Api")
    with pytest.raises(exceptions.ClientException) as caught:
        alibaba(base).list_datasets(models.ListDatasetsRequest())
    assert (caught.value.status_code, caught.value.code) == (400, "Throttling.Api")


def test_an_unavailable_service_is_a_server_exception(base: str) -> None:
    """PAI 52."""
    order(base, "pai", "ListDatasets", 1, error="ServiceUnavailable")
    with pytest.raises(exceptions.ServerException) as caught:
        alibaba(base).list_datasets(models.ListDatasetsRequest())
    assert (caught.value.status_code, caught.value.code) == (503, "ServiceUnavailable")


# ---- plain requests


@pytest.mark.parametrize(
    ("provider", "error", "status", "body"),
    [
        ("aitems", "400", 429, {"error": {"errorCode": "400", "message": "Quota Exceeded", "details": "More than 9 are not allowed."}}),
        ("aitems", "410", 429, {"error": {"errorCode": "410", "message": "Throttle Limited"}}),
        ("aitems", "420", 429, {"error": {"errorCode": "420", "message": "Rate Limited"}}),
        ("aitems", "500", 503, {"error": {"errorCode": "500", "message": "Endpoint Error"}}),
        ("aitems", "510", 504, {"error": {"errorCode": "510", "message": "Endpoint Timeout"}}),
        ("coactive", "Throttled", 429, {"detail": "Too Many Requests"}),
        ("coactive", "Unavailable", 503, {"detail": "Service Unavailable"}),
    ],
)  # fmt: skip
def test_a_client_reads_what_was_ordered(
    base: str, provider: str, error: str, status: int, body: Mapping[str, Any]
) -> None:
    order(base, provider, "CreateDataset", 1, error=error, retry_after=2)
    answer = create(base, provider)
    told = answer.json()
    if "details" in told.get("error", {}):
        told["error"]["details"] = "More than 9 are not allowed."
    assert (answer.status_code, answer.headers["Retry-After"], told) == (status, "2", body)
    assert create(base, provider).ok


# ---- late, cut off, in part


def test_a_client_that_does_not_wait_times_out(base: str) -> None:
    order(base, "personalize", "ListSchemas", delay=LONG)
    with pytest.raises(ReadTimeoutError):
        amazon(base, "personalize", "standard", read_timeout=0.1).list_schemas()
    assert [entry["status"] for entry in journal(base)] == [200] * 3
    order(base, "coactive", "GetDatasets", 1, delay=LONG)
    with pytest.raises(requests.ReadTimeout):
        listed(base, timeout=0.2)
    answer = listed(base, timeout=10)
    assert answer.elapsed.total_seconds() < LONG


@pytest.mark.parametrize("delay", [0.2])
def test_an_answer_is_late_by_what_was_ordered(base: str, delay: float) -> None:
    order(base, "coactive", "GetDatasets", 1, delay=delay)
    late, soon = listed(base), listed(base)
    assert late.status_code == 200
    assert late.elapsed.total_seconds() >= delay
    assert soon.elapsed.total_seconds() < late.elapsed.total_seconds()


@pytest.mark.parametrize("status", [429, 599])
def test_an_error_may_be_late_whatever_its_status(base: str, status: int) -> None:
    effect = {"error": "Odd", "status": status, "message": "m", "delay": 0.05}
    params = {"match": {"provider": "coactive"}, "effect": effect, "allow_undeclared": True}
    requests.post(f"{base}/_emulator/faults", json=params, timeout=10).raise_for_status()
    answer = listed(base)
    assert (answer.status_code, answer.json()) == (status, {"detail": "m"})


def test_a_cut_connection_is_an_error_of_the_connection(base: str) -> None:
    order(base, "coactive", "GetDatasets", 1, close_connection=True)
    with pytest.raises(requests.ConnectionError) as caught:
        listed(base)
    assert not isinstance(caught.value, requests.Timeout)
    order(base, "personalize", "ListSchemas", close_connection=True)
    with pytest.raises(ConnectionClosedError):
        amazon(base, "personalize").list_schemas()
    assert len([entry for entry in journal(base) if entry["provider"] == "personalize"]) == 5
    order(base, "pai", "ListDatasets", close_connection=True)
    with pytest.raises(UnretryableException, match="closed connection without response"):
        alibaba(base).list_datasets(models.ListDatasetsRequest())


def test_what_is_done_before_the_connection_is_cut_is_done(base: str) -> None:
    """The call took effect; a client with a token hears so when it asks again."""
    order(base, "lookoutvision", "CreateDataset", 1, close_connection=True)
    client = amazon(base, "lookoutvision")
    made = client.create_dataset(ProjectName="demo-project", DatasetType="train")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert made["ResponseMetadata"]["RetryAttempts"] == 1
    order(base, "aitems", "CreateDataset", 1, close_connection=True)
    with pytest.raises(requests.ConnectionError):
        create(base, "aitems")
    assert create(base, "aitems").json()["error"] == "DUPLICATE_NAME"


@pytest.mark.parametrize("length", [0, 10])
def test_a_body_that_ends_too_early_is_an_error_of_the_connection(base: str, length: int) -> None:
    order(base, "coactive", "GetDatasets", 1, truncate_bytes=length)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=f"{length} bytes read"):
        listed(base)
    order(base, "pai", "ListDatasets", truncate_bytes=length)
    with pytest.raises(UnretryableException, match=f"{length} bytes read"):
        alibaba(base).list_datasets(models.ListDatasetsRequest())
    order(base, "personalize", "ListSchemas", truncate_bytes=length)
    with pytest.raises(ConnectionClosedError):
        amazon(base, "personalize", "standard").list_schemas()
    assert [entry["status"] for entry in journal(base)][-3:] == [200] * 3


def test_a_body_that_ends_too_early_has_the_length_that_was_promised(base: str) -> None:
    order(base, "coactive", "GetDatasets", 1, truncate_bytes=10)
    answer = listed(base, stream=True)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) > 10
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="10 bytes read"):
        assert answer.content


def test_a_bound_beyond_the_body_leaves_it_whole(base: str) -> None:
    order(base, "coactive", "GetDatasets", 1, truncate_bytes=10**6)
    assert listed(base).json()["data"] == []


def test_after_cuts_and_stumps_the_server_is_fine(base: str) -> None:
    requests.post(f"{base}/_emulator/faults", json={"effect": {"close_connection": True}, "times": 20, "match": {"provider": "coactive"}}, timeout=10).raise_for_status()  # fmt: skip
    for _ in range(20):
        with pytest.raises(requests.ConnectionError):
            listed(base)
    order(base, "coactive", "GetDatasets", 5, truncate_bytes=3)
    for _ in range(5):
        with pytest.raises(requests.RequestException):
            listed(base)
    assert listed(base).status_code == 200
    assert requests.get(f"{base}/health", timeout=10).json()["status"] == "ok"


def test_a_cut_ends_the_connection_of_its_own_client_only(base: str) -> None:
    """Two connections from one machine: the other one goes on."""
    place = urlsplit(base)
    bystander = socket.create_connection((place.hostname, place.port), timeout=10)
    order(base, "coactive", "GetDatasets", 1, close_connection=True)
    with pytest.raises(requests.ConnectionError):
        listed(base)
    with bystander:
        bystander.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = http.client.HTTPResponse(bystander)
        answer.begin()
        assert answer.status == 200


def test_fifty_late_answers_hold_nobody_up(base: str) -> None:
    wait = 1.5
    order(base, "coactive", "GetDatasets", AT_A_TIME, delay=wait)
    began = time.monotonic()
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        late = [threads.submit(listed, base) for _ in range(AT_A_TIME)]
        used = 0
        while used < AT_A_TIME and time.monotonic() - began < wait:
            told = requests.get(f"{base}/_emulator/faults", timeout=10).json()["faults"]
            used = told[0]["applied"]
        soon = create(base, "aitems")
        statuses = [each.result().status_code for each in late]
    assert used > AT_A_TIME / 2
    assert soon.status_code == 201
    assert soon.elapsed.total_seconds() < wait / 2
    assert statuses == [200] * AT_A_TIME
    assert time.monotonic() - began < 4 * wait
