"""Waiting over HTTP: an answer that comes once what is waited for holds, or when the time is up."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from emulator import Emulator, Settings
from tests.contract import catalogue
from tests.project.served import served

EXAMPLE = catalogue.contracts()["personalize"].seed["example"]
READY = {"resource": {"provider": "personalize", "kind": "dataset"}, "state": "ready"}
PATIENCE = 20
"""Seconds that are enough for anything that does come; most of it comes within one."""


@pytest.fixture(scope="module", params=["served", "in process"])
def running(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "served":
            asked = ("--demo", "--clock", "frozen", "--port", "0", "--strict")
            yield stack.enter_context(served(*asked)).base
        else:
            settings = Settings(demo=True, clock="frozen", port=0, strict=True)
            yield stack.enter_context(Emulator(settings)).endpoints.base


@pytest.fixture
def base(running: str) -> str:
    requests.post(f"{running}/_emulator/reset", json={}, timeout=PATIENCE)
    return running


def create(base: str) -> None:
    answer = requests.post(
        f"{base}/personalize/", headers=EXAMPLE["headers"], json=EXAMPLE["body"], timeout=PATIENCE
    )
    assert answer.status_code == 200


def wait(base: str, until: dict[str, Any], timeout: float) -> tuple[int, Any]:
    params = {"until": until, "timeout": timeout}
    answer = requests.post(f"{base}/_emulator/wait", json=params, timeout=PATIENCE + timeout)
    return answer.status_code, answer.json()


def settle(base: str) -> None:
    params = {"until": "settled"}
    requests.post(f"{base}/_emulator/clock/advance", json=params, timeout=PATIENCE)


def test_what_holds_already_is_not_waited_for(base: str) -> None:
    create(base)
    settle(base)
    assert wait(base, READY, 0) == (200, {"status": "ok"})
    assert wait(base, {**READY, "state": "ACTIVE"}, 0) == (200, {"status": "ok"})
    assert wait(base, {"requests": 1, "match": {"operation": "CreateDataset"}}, 0)[0] == 200


def test_what_does_not_come_true_in_time_is_said(base: str) -> None:
    create(base)
    begun = time.monotonic()
    [there] = requests.get(f"{base}/_emulator/resources?provider=personalize&kind=dataset", timeout=PATIENCE).json()["resources"]  # fmt: skip
    told = {
        "error": "Timeout",
        "message": "Timed out after 0.3 seconds.",
        "seen": [there],
    }
    assert wait(base, READY, 0.3) == (408, told)
    assert there["state"] == "CREATE PENDING"
    [came] = requests.get(f"{base}/_emulator/requests", timeout=PATIENCE).json()["requests"]
    assert wait(base, {"requests": 2}, 0)[1]["seen"] == [came]
    assert 0.3 <= time.monotonic() - begun < PATIENCE


def test_a_state_is_waited_for_until_it_is_reached(base: str) -> None:
    create(base)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(wait, base, READY, PATIENCE)
        while not waiting.running():
            pass
        settle(base)
        assert waiting.result(PATIENCE) == (200, {"status": "ok"})


def test_a_state_that_comes_by_itself_is_waited_for(base: str) -> None:
    requests.put(f"{base}/_emulator/clock", json={"mode": "real", "speed": 10}, timeout=PATIENCE)
    create(base)
    begun = time.monotonic()
    assert wait(base, READY, PATIENCE) == (200, {"status": "ok"})
    assert time.monotonic() - begun < PATIENCE / 2


def test_a_state_that_is_set_ends_a_wait(base: str) -> None:
    create(base)
    [there] = requests.get(f"{base}/_emulator/resources?provider=personalize&kind=dataset", timeout=PATIENCE).json()["resources"]  # fmt: skip
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(wait, base, {**READY, "state": "failed"}, PATIENCE)
        path = f"resources/personalize/dataset/{there['id']}/state"
        requests.put(f"{base}/_emulator/{path}", json={"state": "CREATE FAILED"}, timeout=PATIENCE)
        assert waiting.result(PATIENCE) == (200, {"status": "ok"})


def test_requests_are_waited_for_until_so_many_have_come(base: str) -> None:
    until = {"requests": 2, "match": {"provider": "personalize", "status": 200}}
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(wait, base, until, PATIENCE)
        create(base)
        assert wait(base, until, 0)[0] == 408
        headers = {**EXAMPLE["headers"], "X-Amz-Target": "AmazonPersonalize.ListDatasets"}
        requests.post(f"{base}/personalize/", headers=headers, json={}, timeout=PATIENCE)
        assert waiting.result(PATIENCE) == (200, {"status": "ok"})


def test_fifty_who_wait_hold_nobody_up(base: str) -> None:
    with ThreadPoolExecutor(50) as pool:
        waiting = [pool.submit(wait, base, READY, PATIENCE) for _ in range(50)]
        create(base)
        settle(base)
        assert [each.result(PATIENCE) for each in waiting] == [(200, {"status": "ok"})] * 50


def test_who_goes_away_while_waiting_harms_nobody(base: str) -> None:
    place = urlsplit(base)
    body = b'{"until": {"requests": 1000000}, "timeout": 1}'
    head = f"POST /_emulator/wait HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"  # fmt: skip
    for _ in range(5):
        with socket.create_connection((place.hostname, place.port), PATIENCE) as connection:
            connection.sendall(head.encode() + body)
    create(base)
    assert wait(base, {"requests": 1}, 0)[0] == 200
