"""What is misspelt in a command is refused: nothing is taken for something else, or for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from tests.contract import catalogue

LENIENT = {
    f"{method}{path}"
    for method in ("Get", "Head")
    for path in ("Health", "PlainHealth", "Ready", "PlainReady")
}
"""Whoever asks whether the emulator lives gets an answer, whatever else is asked."""
OPERATIONS = [
    operation for name, operation in catalogue.control().operations.items() if name not in LENIENT
]
QUERY = "?sice=1"


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    application = Application(Settings(strict=True))
    yield Client(application)
    application.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
@pytest.mark.parametrize("where", ["query", "body"])
def test_a_member_that_an_operation_does_not_know_is_refused(
    client: Client, operation: Any, where: str
) -> None:
    path = operation.path.replace("{", "").replace("+}", "").replace("}", "")
    sent: dict[str, Any] = {"json": {"sice": 1}} if where == "body" else {"json": {}}
    answer = client.open(path + QUERY * (where == "query"), method=operation.method, **sent)
    refusal = answer.get_json()
    assert (answer.status_code, refusal["error"]) in {(400, "Invalid"), (400, "InvalidState"), (404, "NotFound")}  # fmt: skip
    assert "sice" in refusal["message"]


@pytest.mark.parametrize("path", ["requests", "resources", "coverage", "operations"])
def test_a_filter_by_a_provider_that_there_is_not_is_refused(client: Client, path: str) -> None:
    answer = client.get(f"/_emulator/{path}?provider=personalise")
    told = {
        "error": "NotFound",
        "message": "There is no provider personalise. Did you mean personalize?",
    }
    assert (answer.status_code, answer.get_json()) == (404, told)


@pytest.mark.parametrize(
    ("method", "path", "params"),
    [
        ("GET", "requests?operation=CreateDatset", {}),
        ("GET", "requests?provider=personalize&operation=CreateProject", {}),
        ("POST", "verify", {"match": {"operation": "CreateDatset"}, "count": 0}),
        ("POST", "wait", {"until": {"requests": 0, "match": {"operation": "CreateDatset"}}}),
        ("POST", "faults", {"match": {"operation": "CreateDatset"}, "effect": {"delay": 1}}),
    ],
)
def test_an_operation_that_nobody_meant_has_is_refused(
    client: Client, method: str, path: str, params: dict[str, Any]
) -> None:
    answer = client.open(f"/_emulator/{path}", method=method, json=params)
    assert (answer.status_code, answer.get_json()["error"]) == (404, "NotFound")
    if "CreateDatset" in path or "CreateDatset" in str(params):
        near = "There is no operation CreateDatset. Did you mean CreateDataset?"
        assert answer.get_json()["message"] == near


def test_a_kind_or_a_state_that_nobody_meant_has_is_refused(client: Client) -> None:
    def told(query: str) -> tuple[int, Any]:
        answer = client.get(f"/_emulator/resources?{query}")
        return answer.status_code, answer.get_json().get("message")

    assert told("kind=datasets") == (404, "There is no kind datasets. Did you mean dataset?")
    assert told("provider=lookoutvision&kind=schema") == (404, "There is no kind schema.")
    states = "active, deleted, deleting, failed, inactive, pending, ready, running"
    assert told("provider=coactive&state=ACTIVE") == (400, f"Unknown state ACTIVE. Known: {states}.")  # fmt: skip
    for query in ("kind=schema", "state=ACTIVE", "state=failed", "provider=pai&kind=member"):
        assert told(query) == (200, None)


@pytest.mark.parametrize(
    ("resource", "state", "status"),
    [({"kind": "datasets"}, "ready", 404), ({"kind": "dataset"}, "Active", 400)],
)
def test_what_waits_for_a_kind_or_a_state_that_there_is_not_does_not_wait(
    client: Client, resource: dict[str, str], state: str, status: int
) -> None:
    until = {"resource": resource, "state": state}
    answer = client.post("/_emulator/wait", json={"until": until, "timeout": 600})
    assert answer.status_code == status


def test_what_waits_for_a_provider_that_there_is_not_does_not_wait(client: Client) -> None:
    until = {"resource": {"provider": "personalise"}, "state": "ready"}
    answer = client.post("/_emulator/wait", json={"until": until, "timeout": 600})
    assert (answer.status_code, answer.get_json()["error"]) == (404, "NotFound")
