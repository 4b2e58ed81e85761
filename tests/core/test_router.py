"""Which provider a request is for, by prefix, host, marks and port, and never by a guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

from emulator import Settings, create_app
from emulator.app import Application
from tests.contract import catalogue

SIGV4 = "AWS4-HMAC-SHA256 Credential=AKID/20260401/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
DATASETS = "/api/v1/datasets"
MARKS: dict[str, list[dict[str, Any]]] = {
    "personalize": [
        {"path": "/", "headers": {"X-Amz-Target": "AmazonPersonalize.CreateDataset"}},
        {"path": "/", "headers": {"Authorization": SIGV4.format("personalize")}},
        {"path": "/?X-Amz-Credential=AKID%2F20260401%2Fus-east-1%2Fpersonalize%2Faws4_request"},
        {"path": "/", "headers": {"Host": "personalize.eu-west-1.amazonaws.com"}},
    ],
    "lookoutvision": [
        {"path": "/2020-11-20/projects"},
        {"path": "/x", "headers": {"Authorization": SIGV4.format("lookoutvision")}},
        {"path": "/x", "headers": {"Host": "lookoutvision.us-east-1.amazonaws.com:443"}},
    ],
    "pai": [
        {"path": DATASETS, "headers": {"Authorization": "ACS3-HMAC-SHA256 Credential=x"}},
        {"path": DATASETS, "headers": {"x-acs-action": "CreateDataset"}},
        {"path": DATASETS, "headers": {"Host": "aiworkspace.cn-hangzhou.aliyuncs.com"}},
    ],
    "aitems": [
        {"path": DATASETS, "headers": {"x-ncp-iam-access-key": "k"}},
        {"path": DATASETS, "headers": {"Host": "aitems.apigw.ntruss.com"}},
    ],
    "coactive": [
        {"path": DATASETS, "headers": {"Authorization": "Bearer token"}},
        {"path": DATASETS, "headers": {"Authorization": "bearer token"}},
        {"path": DATASETS, "headers": {"Authorization": "Basic eDp5"}},
        {"path": DATASETS, "headers": {"X-Fern-SDK-Name": "coactive"}},
        {"path": DATASETS, "headers": {"Host": "API.coactive.ai"}},
    ],
}


@pytest.fixture(scope="module")
def made() -> Application:
    return create_app(Settings(auth="off"))


def provider_of_last(application: Application) -> str | None:
    return list(application.world.journal)[-1].provider


@pytest.mark.parametrize(
    ("name", "request_"), [(name, request) for name, some in MARKS.items() for request in some]
)
def test_a_mark_or_a_host_settles_it(
    application: Application, client: Client, name: str, request_: dict[str, Any]
) -> None:
    client.post(**request_)
    assert provider_of_last(application) == name


@pytest.mark.parametrize("name", list(MARKS))
def test_a_prefix_is_trusted_most(application: Application, client: Client, name: str) -> None:
    headers = {"Host": "aitems.apigw.ntruss.com", "Authorization": "Bearer token"}
    client.post(f"/{name}/api/v1/nope", headers=headers)
    assert provider_of_last(application) == name
    client.post(f"/{name}", headers=headers)
    assert list(application.world.journal)[-1].path == "/"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("app.coactive.ai", "coactive"),
        ("API.coactive.ai", "coactive"),
        ("aitems.apigw.ntruss.com", "aitems"),
        ("aiworkspace.cn-hangzhou.aliyuncs.com", "pai"),
        ("personalize.eu-west-1.amazonaws.com", "personalize"),
    ],
)
def test_a_host_as_a_prefix_is_as_good_as_the_host(
    application: Application, client: Client, host: str, name: str
) -> None:
    headers = {"Host": "127.0.0.1", "x-ncp-iam-access-key": "k"}
    client.post(f"/{host}/api/v1/nope", headers=headers)
    entry = list(application.world.journal)[-1]
    assert (entry.provider, entry.path) == (name, "/api/v1/nope")


def test_a_prefix_that_is_no_host_of_a_vendor_is_a_path(client: Client) -> None:
    answer = client.post("/app.example.com/api/v1/datasets")
    assert (answer.status_code, answer.get_json()["providers"]) == (400, [])


def test_a_host_is_trusted_more_than_marks(application: Application, client: Client) -> None:
    headers = {"Host": "api.coactive.ai", "x-ncp-iam-access-key": "k"}
    client.post(DATASETS, headers=headers)
    assert provider_of_last(application) == "coactive"


def test_a_port_of_its_own_settles_what_nothing_else_does(application: Application) -> None:
    application.give_ports({"pai": 4683, "coactive": 4685})
    client = Client(application)
    client.post(DATASETS, base_url="http://127.0.0.1:4683")
    assert provider_of_last(application) == "pai"
    client.post(DATASETS, base_url="http://127.0.0.1:4685")
    assert provider_of_last(application) == "coactive"
    client.post(DATASETS, base_url="http://127.0.0.1:4685", headers={"x-ncp-iam-access-key": "k"})
    assert provider_of_last(application) == "aitems"
    application.give_ports({})


def test_a_bare_request_is_not_guessed_but_told_whose_it_may_be(
    application: Application, client: Client
) -> None:
    answer = client.post(DATASETS, json={"name": "x"})
    assert answer.status_code == 400
    assert answer.content_type == "application/json"
    document = answer.get_json()
    owners = [
        name
        for name, contract in catalogue.contracts().items()
        if any((op.method, op.path) == ("POST", DATASETS) for op in contract.operations.values())
    ]
    assert {"pai", "aitems", "coactive"} <= set(owners)
    assert document["providers"] == owners
    assert document["how_to_select"]["prefix"] == [
        f"/{name}{DATASETS}" for name in document["providers"]
    ]
    assert list(document["how_to_select"]) == ["prefix", "host", "headers", "port"]
    assert provider_of_last(application) is None


def test_marks_of_two_providers_are_refused(client: Client) -> None:
    headers = {"x-ncp-iam-access-key": "k", "x-acs-action": "CreateDataset"}
    answer = client.post(DATASETS, headers=headers)
    assert answer.status_code == 400
    assert answer.get_json()["providers"] == ["pai", "aitems"]


def test_a_route_nobody_has_is_refused_with_every_prefix(client: Client) -> None:
    answer = client.get("/nope")
    assert answer.status_code == 400
    prefixes = [f"/{name}/nope" for name in catalogue.contracts()]
    assert answer.get_json()["how_to_select"]["prefix"] == prefixes
    assert client.head("/nope").get_data() == b""


def test_three_owners_of_one_route_in_the_same_second_are_all_right(
    application: Application,
) -> None:
    owners: dict[str, tuple[dict[str, str], int]] = {
        "pai": ({"x-acs-action": "CreateDataset"}, 400),
        "aitems": ({"x-ncp-iam-access-key": "k"}, 400),
        "coactive": ({"Authorization": "Bearer t"}, 422),
    }
    dialects = {
        "pai": {"RequestId", "HostId", "Code", "Message", "Recommend"},
        "coactive": {"detail"},
    }
    dialects["aitems"] = {
        "timestamp",
        "path",
        "status",
        "error",
        "requestId",
        "errorCode",
        "message",
    }

    def ask(number: int) -> bool:
        name = list(owners)[number % 3]
        headers, status = owners[name]
        answer = Client(application).post(DATASETS, json={}, headers=headers)
        return answer.status_code == status and answer.get_json().keys() == dialects[name]

    with ThreadPoolExecutor(16) as threads:
        assert all(threads.map(ask, range(600)))
