"""Many at once: of those who want the same name, exactly one gets it, in every provider."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import catalogue

THREADS = 64


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(auth="off", demo=True, strict=True))
    yield application
    application.close()


@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_of_64_threads_that_create_the_same_exactly_one_wins(
    application: Application, name: str
) -> None:
    application.world.reset()
    contract = catalogue.contracts()[name]
    example, create = contract.seed["example"], contract.operations["CreateDataset"]
    start = Barrier(THREADS)

    def ask(_: int) -> int:
        client = Client(application)
        start.wait()
        return client.open(
            f"/{name}{example['path']}",
            method=example["method"],
            headers=example["headers"],
            data=json.dumps(example["body"]),
        ).status_code

    with ThreadPoolExecutor(THREADS) as threads:
        statuses = Counter(threads.map(ask, range(THREADS)))
    refused = contract.row("AlreadyExists:dataset") or contract.row("AlreadyExists") or {}
    assert statuses == {create.status: 1, refused["status"]: THREADS - 1}
