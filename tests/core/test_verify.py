"""Checking what came: requests are counted by what they were, and the answer says which fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator import Settings
from emulator.app import Application
from tests.contract import catalogue

EXAMPLE = catalogue.contracts()["coactive"].seed["example"]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An emulator that was asked for two datasets, one of which there was already, and a list."""
    application = Application(Settings(demo=True, strict=True, clock="frozen"))
    client = Client(application)
    for name in ("a", "b"):
        body = {**EXAMPLE["body"], "name": name, "metadata": {"x/y": [1, {"z": None}]}}
        client.post("/coactive/api/v1/datasets", headers=EXAMPLE["headers"], json=body)
    client.get("/coactive/api/v1/datasets", headers=EXAMPLE["headers"])
    client.get("/pai/api/v1/datasets")
    yield client
    application.close()


def verify(client: Client, count: int, **match: Any) -> TestResponse:
    return client.post("/_emulator/verify", json={"match": match, "count": count})


@pytest.mark.parametrize(
    ("match", "count"),
    [
        ({}, 4),
        ({"provider": "coactive"}, 3),
        ({"provider": "aitems"}, 0),
        ({"operation": "CreateDataset"}, 2),
        ({"provider": "coactive", "operation": "GetDatasets"}, 1),
        ({"status": 200}, 3),
        ({"provider": "pai", "status": 400}, 1),
        ({"fields": {"name": "a"}}, 1),
        ({"fields": {"/name": "b"}}, 1),
        ({"fields": {"name": "c"}}, 0),
        ({"fields": {"/metadata/x~1y/0": 1}}, 2),
        ({"fields": {"/metadata/x~1y/1": {"z": None}, "name": "b"}}, 1),
        ({"provider": "pai", "fields": {"name": "a"}}, 0),
    ],
    ids=repr,
)
def test_requests_are_counted_that_are_like_a_match(
    client: Client, match: dict[str, Any], count: int
) -> None:
    answer = verify(client, count, **match)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok", "count": count})
    short = verify(client, count + 1, **match)
    told = short.get_json()
    assert (short.status_code, told["error"]) == (409, "NotVerified")
    assert told["message"] == f"{count} requests match, not {count + 1}."
    assert len(told["seen"]) == count
    listed = client.get("/_emulator/requests").get_json()["requests"]
    assert all(entry in listed for entry in told["seen"])


@pytest.mark.parametrize(
    "params",
    [{}, {"count": 1}, {"match": {}}, {"match": {}, "count": -1}, {"match": {"status": "x"}, "count": 1}, {"match": {"nth": 1}, "count": 1}],
    ids=repr,
)  # fmt: skip
def test_what_is_no_question_is_refused(client: Client, params: dict[str, Any]) -> None:
    answer = client.post("/_emulator/verify", json=params)
    assert (answer.status_code, answer.get_json()["error"]) == (400, "Invalid")


def test_another_world_saw_nothing_of_it(client: Client) -> None:
    answer = client.post("/w/other/_emulator/verify", json={"match": {}, "count": 0})
    assert answer.status_code == 200
