"""The earlier generation of Coactive AI's datasets: it is whole, and no input breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from emulator.app import Application
from emulator.core.contract.model import Contract
from emulator.settings import Settings
from tests.contract import catalogue
from tests.contract.test_bad_input import BODIES, everything_stored, send

CLIENT = {"X-Fern-SDK-Name": "coactive"}
WITH_BODY = ["CreateDataset", "UpdateDataset", "Login"]


@pytest.fixture(scope="module")
def contract() -> Contract:
    return catalogue.variants()["coactive-generation", "old"]


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(auth="off", strict=True, clock="frozen"))
    yield application
    application.close()


def test_every_operation_is_handled_and_nothing_is_left_over(contract: Contract) -> None:
    provider = catalogue.providers()["coactive"].under(["old"])
    emulated = {op.name for op in contract.operations.values() if op.emulated}
    assert provider.handlers.keys() <= emulated
    assert list(provider.faults(contract)) == []


def test_a_resource_can_be_in_every_lifecycle_of_the_other_generation(contract: Contract) -> None:
    later = catalogue.contracts()["coactive"].lifecycles
    assert contract.lifecycles["dataset"].keys() == later["dataset"].keys()


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("name", WITH_BODY)
def test_whatever_the_body_the_answer_is_json(
    application: Application, contract: Contract, name: str, body: bytes
) -> None:
    application.world.reset()
    before = everything_stored(application)
    answer = send(application, "coactive", contract.operations[name], data=body, headers=CLIENT)
    assert answer.status_code in (200, 400, 404, 413, 422), answer.text
    assert isinstance(json.loads(answer.text), dict)
    if name != "CreateDataset" or answer.status_code != 200:
        assert everything_stored(application) == before


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("given", ["x", "%00", "%F0%9F%92%A9", "a%20b", "x" * 5000, "%ff"])
def test_an_absurd_id_is_an_unknown_one(
    application: Application, contract: Contract, method: str, given: str
) -> None:
    operation = contract.operations["GetDataset"]
    path = f"/api/v1/datasets/{given}"
    answer = send(application, "coactive", operation, path=path, method=method, headers=CLIENT, data=b"{}")  # fmt: skip
    assert (answer.status_code, answer.json) == (404, {"detail": "Dataset not found"})
