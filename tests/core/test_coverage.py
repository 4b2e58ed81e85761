"""Coverage: what of the contracts was exercised, per world, at next to no cost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.errors.failures import (
    Failure,
    InternalError,
    Invalid,
    NotFound,
    Ordered,
    Throttled,
)
from emulator.core.errors.rendering import row_of
from emulator.core.worlds.coverage import Coverage
from emulator.settings import Settings
from tests.contract import catalogue


@pytest.fixture
def client() -> Client:
    return Client(Application(Settings(auth="off", strict=True, clock="frozen")))


def personalize(client: Client, operation: str, **members: Any) -> int:
    headers = {
        "X-Amz-Target": f"AmazonPersonalize.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return client.post("/", data=json.dumps(members), headers=headers).status_code


def coverage(client: Client, path: str = "/_emulator/coverage") -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_json()


def test_at_first_nothing_is_exercised_of_all_there_is(client: Client) -> None:
    found = coverage(client)
    assert list(found["providers"]) == list(catalogue.contracts())
    for name, contract in catalogue.contracts().items():
        one = found["providers"][name]
        emulated = [op.name for op in contract.operations.values() if op.emulated]
        assert one["operations"] == {op: {"calls": 0, "statuses": {}} for op in emulated}
        assert one["errors"] == {"exercised": [], "missing": list(contract.failures)}
        assert one["states"].keys() == contract.lifecycles.keys()
        assert one["totals"]["operations"] == {"exercised": 0, "total": len(emulated)}
        assert one["totals"]["errors"] == {"exercised": 0, "total": len(contract.failures)}
    for part in ("operations", "errors", "states"):
        of = sum(one["totals"][part]["total"] for one in found["providers"].values())
        assert found["totals"][part] == {"exercised": 0, "total": of}
    assert found["providers"]["personalize"]["states"]["dataset-group"] == {
        "exercised": [],
        "missing": [
            "CREATE PENDING",
            "CREATE IN_PROGRESS",
            "ACTIVE",
            "CREATE FAILED",
            "DELETE PENDING",
        ],
    }


def test_operations_error_rows_and_states_are_exercised(client: Client) -> None:
    arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group/g"
    assert personalize(client, "CreateDatasetGroup", name="g") == 200
    assert personalize(client, "CreateDatasetGroup", name="g") == 400
    assert personalize(client, "CreateDatasetGroup", name="") == 400
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    assert personalize(client, "DescribeDatasetGroup", datasetGroupArn=arn) == 200
    found = coverage(client, "/_emulator/coverage?provider=personalize")
    assert list(found["providers"]) == ["personalize"]
    one = found["providers"]["personalize"]
    called = {name: each for name, each in one["operations"].items() if each["calls"]}
    assert called == {
        "CreateDatasetGroup": {"calls": 3, "statuses": {"200": 1, "400": 2}},
        "DescribeDatasetGroup": {"calls": 1, "statuses": {"200": 1}},
    }
    assert set(one["errors"]["exercised"]) == {"AlreadyExists", "Invalid"}
    assert one["states"]["dataset-group"] == {
        "exercised": ["CREATE PENDING", "ACTIVE"],
        "missing": ["CREATE IN_PROGRESS", "CREATE FAILED", "DELETE PENDING"],
    }
    assert one["totals"]["operations"]["exercised"] == 2
    assert one["totals"]["errors"]["exercised"] == 2
    assert one["totals"]["states"]["exercised"] == 2
    assert found["totals"] == one["totals"]


def test_a_world_has_its_own_and_a_reset_clears_it(client: Client) -> None:
    personalize(client, "CreateDatasetGroup", name="g")
    other = coverage(client, "/w/other/_emulator/coverage")
    assert other["totals"]["states"]["exercised"] == 0
    client.post("/_emulator/reset", json={"provider": "pai"})
    assert coverage(client)["totals"]["states"]["exercised"] == 1
    client.post("/_emulator/reset", json={"provider": "personalize"})
    assert coverage(client)["totals"]["states"]["exercised"] == 0
    personalize(client, "CreateDatasetGroup", name="g")
    client.post("/_emulator/reset", json={})
    assert coverage(client)["totals"]["states"]["exercised"] == 0


def test_looking_at_coverage_and_resources_exercises_nothing(client: Client) -> None:
    before = coverage(client)
    client.get("/_emulator/resources")
    assert coverage(client) == before
    assert client.get("/_emulator/coverage?provider=x").status_code == 404


def test_a_call_that_fails_exercises_no_state(client: Client) -> None:
    personalize(client, "CreateDatasetGroup", name="g")
    client.post("/_emulator/reset", json={"provider": "personalize"})
    personalize(client, "CreateDataset", name="d", schemaArn="x", datasetGroupArn="y", datasetType="Users")  # fmt: skip
    assert coverage(client)["totals"]["states"]["exercised"] == 0


def ordered(error: str, status: int | None = None) -> Ordered:
    operation = catalogue.control().operations["Reset"]
    return Ordered(
        error, status=status, fault="1", operation=operation, document={}, known={}, limits={}
    )


@pytest.mark.parametrize(
    ("failure", "row"),
    [
        (Invalid([]), "Invalid"),
        (NotFound("provider", id="x"), "NotFound:provider"),
        (NotFound("nobody", id="x"), "NotFound"),
        (InternalError(), "InternalError"),
        (Throttled(), "Throttled"),
        (ordered("Refused:cross-site"), "Refused:cross-site"),
        (ordered("NotFound", status=404), "NotFound"),
        (ordered("MissingControlHeader"), "Refused:missing-control-header"),
        (ordered("Invented"), None),
    ],
    ids=repr,
)
def test_a_failure_is_of_the_row_that_speaks_for_it(failure: Failure, row: str | None) -> None:
    assert row_of(failure, catalogue.control()) == row


def test_64_threads_lose_no_call() -> None:
    noted = Coverage()

    def call(number: int) -> None:
        for turn in range(50):
            noted.note("p", "Op", 200, f"Row{number}")
            noted.note_states("p", [("kind", f"S{turn % 3}")])

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(call, range(64)))
    assert noted.calls("p") == {("Op", 200): 64 * 50}
    assert noted.rows("p") == {f"Row{number}" for number in range(64)}
    assert noted.states("p") == {("kind", f"S{turn}") for turn in range(3)}
    noted.clear("q")
    assert noted.rows("p")
    noted.clear("p")
    assert [len(each) for each in (noted.calls("p"), noted.rows("p"), noted.states("p"))] == [
        0,
        0,
        0,
    ]
