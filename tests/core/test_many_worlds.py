"""Many worlds at once on every database, over sockets: nothing leaks, nobody is in the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from emulator import Emulator, Settings
from tests.contract import catalogue
from tests.contract.answers import request_ids
from tests.core.conftest import new_database

pytestmark = pytest.mark.unmeasured

PROVIDERS = list(catalogue.contracts())
CONTROL = {"X-Emulator-Control": "1"}
THREADS = {"memory": 64, "file": 24, "postgresql": 24}
LISTS = {
    "personalize": ("POST", "/", {"X-Amz-Target": "AmazonPersonalize.ListDatasets"}, b"{}"),
    "lookoutvision": ("GET", "/2020-11-20/projects/demo-project", {}, b""),
    "pai": ("GET", "/api/v1/datasets", {}, b""),
    "aitems": ("GET", "/api/v1/datasets", {}, b""),
    "coactive": ("GET", "/api/v1/datasets", {}, b""),
}
"""A request of each provider that shows its datasets."""

Answer = tuple[int, Mapping[str, str], bytes]


@pytest.fixture(scope="module", params=THREADS)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Emulator, int]]:
    """An emulator that answers on a socket, on each database, and the threads it is to bear."""
    database = new_database(request, request.param)
    seed: Path = request.getfixturevalue("tmp_path_factory").mktemp("seed") / "seed.json"
    seed.write_text('{"version": 1, "clock": {"mode": "frozen", "now": "2026-04-01"}}')
    wished: dict[str, Any] = {
        "demo": True,
        "strict": True,
        "seed": str(seed),
        "id_seed": 5,
        "database": database,
    }
    with Emulator(Settings(port=0, **wished)) as emulator:
        yield emulator, THREADS[request.param]


@pytest.fixture
def emulator(served: tuple[Emulator, int]) -> Emulator:
    for world in served[0].application.worlds.all():
        served[0].application.worlds.drop(world.name)
    return served[0]


@pytest.fixture
def threads(served: tuple[Emulator, int]) -> int:
    return served[1]


class Caller:
    """A connection, which is used for requests in one world."""

    def __init__(self, emulator: Emulator, world: str) -> None:
        self.world = world
        self._connection = HTTPConnection("127.0.0.1", emulator.endpoints.port, timeout=60)

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        self._connection.request(method, f"/w/{self.world}{path}", body, dict(headers))
        answer = self._connection.getresponse()
        shown = {name.lower(): value for name, value in answer.getheaders()}
        shown.pop("date", None)  # the server's own, of the real time
        return answer.status, shown, answer.read()

    def create(self, provider: str) -> Answer:
        example = catalogue.contracts()[provider].seed["example"]
        body = json.dumps(example["body"]).encode()
        return self.ask(example["method"], f"/{provider}{example['path']}", example["headers"], body)  # fmt: skip

    def listed(self, provider: str) -> Answer:
        method, path, more, body = LISTS[provider]
        signed = catalogue.contracts()[provider].seed["example"]["headers"]
        return self.ask(method, f"/{provider}{path}", {**signed, **more}, body)

    def control(self, method: str, path: str, document: object = None) -> Any:
        body = b"" if document is None else json.dumps(document).encode()
        status, _, told = self.ask(method, f"/_emulator/{path}", CONTROL | {"Content-Type": "application/json"}, body)  # fmt: skip
        assert status == 200, told
        return json.loads(told)

    def datasets(self) -> list[str]:
        found = self.control("GET", "resources?kind=dataset")["resources"]
        return sorted(each["provider"] for each in found)

    def close(self) -> None:
        self._connection.close()


def in_worlds(emulator: Emulator, threads: int, live: Callable[[Caller, int], Any]) -> list[Any]:
    """Let each of many threads live in a world of its own, all from the same moment."""
    start = Barrier(threads)

    def begin(number: int) -> Any:
        caller = Caller(emulator, f"t{number}")
        start.wait(60)
        try:
            return live(caller, number)
        finally:
            caller.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))


def statuses() -> list[int]:
    return [catalogue.contracts()[name].operations["CreateDataset"].status for name in PROVIDERS]


def without(ids: list[str], answer: Answer) -> Answer:
    """Leave out of an answer the identifiers that were drawn, for each world has its own."""
    status, headers, body = answer
    of_request = request_ids(answer)
    for drawn in [*ids, *of_request]:
        body = body.replace(drawn.encode(), b"<id>")
    return status, {n: "<id>" if v in of_request else v for n, v in headers.items()}, body


def test_threads_that_create_the_same_in_a_world_each_get_equal_answers(
    emulator: Emulator, threads: int
) -> None:
    def live(caller: Caller, _: int) -> list[Answer]:
        answers = [caller.create(provider) for provider in PROVIDERS]
        assert [status for status, _, _ in answers] == statuses()
        answers += [caller.listed(provider) for provider in PROVIDERS]
        assert [status for status, _, _ in answers[5:]] == [200] * 5
        found = caller.control("GET", "resources?kind=dataset")["resources"]
        ids = [each["id"] for each in found if each["provider"] in ("pai", "aitems", "coactive")]
        assert len(ids) == 3
        return [without(ids, answer) for answer in answers]

    first, *others = in_worlds(emulator, threads, live)
    assert [other for other in others if other != first] == []
    other = Caller(emulator, "default")
    assert other.datasets() == []
    assert other.control("GET", "requests") == {"requests": []}
    for number in range(threads):
        other.world = f"t{number}"
        assert other.datasets() == sorted(PROVIDERS)
        journal = other.control("GET", "requests")["requests"]
        assert [each["provider"] for each in journal] == PROVIDERS * 2
    other.close()


def disturb(emulator: Emulator, threads: int, ended: threading.Event) -> int:
    """Reset a third of the worlds and drop another third, again and again until it has ended."""
    callers = [Caller(emulator, f"t{number}") for number in range(threads)]
    controller, rounds = Caller(emulator, "default"), 0
    while not ended.is_set():
        for caller in callers[1::3]:
            caller.control("POST", "reset", {})
        for caller in callers[2::3]:
            path = f"/_emulator/worlds/{caller.world}"
            assert controller.ask("DELETE", path, CONTROL)[0] in (200, 404)
        rounds += 1
    for caller in (*callers, controller):
        caller.close()
    return rounds


def test_a_world_that_is_reset_or_dropped_harms_nobody(emulator: Emulator, threads: int) -> None:
    """In worlds that are left alone everything is as if they were; in the others nothing breaks."""

    def live(caller: Caller, number: int) -> list[int]:
        made = [caller.create(provider)[0] for _ in range(2) for provider in PROVIDERS]
        return made + [caller.listed(provider)[0] for provider in PROVIDERS]

    ended = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        disturbing = pool.submit(disturb, emulator, threads, ended)
        try:
            lived = in_worlds(emulator, threads, live)
        finally:
            ended.set()
        assert disturbing.result(60) > 0
    assert [status for each in lived for status in each if status >= 500] == []
    for each in lived[::3]:
        assert each[:5] == statuses()
        assert {status // 100 for status in each[5:10]} == {4}
        assert each[10:] == [200] * 5
    check_what_is_left(emulator, threads)


def check_what_is_left(emulator: Emulator, threads: int) -> None:
    caller = Caller(emulator, "default")
    assert caller.datasets() == []
    listed = {each["name"] for each in caller.control("GET", "worlds")["worlds"]}
    for number in range(threads):
        caller.world = f"t{number}"
        if number % 3 == 0:
            assert (caller.datasets(), caller.world in listed) == (sorted(PROVIDERS), True)
        elif caller.world in listed:
            assert set(caller.datasets()) <= set(PROVIDERS)
        else:
            assert caller.datasets() == []
    caller.close()
