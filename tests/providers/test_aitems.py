"""AiTEMS: what general rules accept, and walks against a simple model of what is connected."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.settings import Settings

BASE = "/aitems/api/v1"
TYPES = {"user": "test_user", "item": "test_item", "interaction": "test_inter"}
OS_INFO = {"region": "KR", "bucket": "bucket", "key": "key.csv"}
WALKS, STEPS = 40, 40

CHARACTERS = st.sampled_from("aZ09_- .é\n")
EVERY_TEST = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(auth="off", demo=True, strict=True, clock="frozen"))
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Client:
    application.world.reset()
    return Client(application)


def send(client: Client, method: str, path: str, body: Any = None) -> TestResponse:
    data = b"" if body is None else json.dumps(body).encode()
    return client.open(f"{BASE}{path}", method=method, data=data, content_type="application/json")


def dataset(name: str, type_: str = "item", **members: Any) -> dict[str, Any]:
    params = {"type": type_, "name": name, "description": "", "schemaName": TYPES[type_]}
    return {**params, "osInfo": OS_INFO, **members}


@EVERY_TEST
@given(name=st.text(CHARACTERS, min_size=0, max_size=22))
def test_names_are_accepted_that_the_page_allows(client: Client, name: str) -> None:
    for path, body, allowed in (
        ("/datasets", dataset(name), "[A-Za-z_][A-Za-z0-9_-]{2,19}"),
        ("/services", {"name": name}, "[A-Za-z_][A-Za-z0-9_-]{2,19}"),
        (
            "/schemas",
            {
                "datasetType": "user",
                "name": name,
                "fields": [{"name": "USER_ID", "type": ["string"]}],
            },
            "[A-Za-z][A-Za-z0-9_-]{2,19}",
        ),
    ):
        answer = send(client, "POST", path, body)
        fits = re.fullmatch(allowed, name) is not None
        taken = answer.status_code == 400 and answer.get_json()["error"] == "DUPLICATE_NAME"
        assert (answer.status_code == 201 or taken) == fits


@EVERY_TEST
@given(text=st.text(max_size=103))
def test_descriptions_have_up_to_100_characters(client: Client, text: str) -> None:
    params = {"content": text}
    answer = send(client, "PUT", "/schemas/test_item", params)
    assert answer.status_code == (200 if len(text) <= 100 else 400)
    assert answer.status_code == 400 or answer.get_json()["description"] == text


@EVERY_TEST
@given(offset=st.integers(0, 8), limit=st.integers(0, 8))
def test_a_part_of_a_list_is_cut_from_the_whole(client: Client, offset: int, limit: int) -> None:
    if not send(client, "GET", "/datasets").get_json()["datasets"]:
        for number in range(6):
            send(client, "POST", "/datasets", dataset(f"dataset-{number}"))
    for kind in ("datasets", "schemas"):
        whole = send(client, "GET", f"/{kind}").get_json()[kind]
        part = send(client, "GET", f"/{kind}?offset={offset}&limit={limit}").get_json()
        assert part == {kind: whole[offset : offset + limit], "offset": offset, "limit": limit}


class Walk:
    """Calls at random, and what must then be there: names, types, and who uses whom."""

    def __init__(self, client: Client, rng: random.Random) -> None:
        self.client, self.rng = client, rng
        self.datasets: dict[str, tuple[str, str]] = {}
        self.services: dict[str, tuple[str, list[str]]] = {}

    def step(self) -> None:
        steps = [self.create, self.create, self.edit, self.delete, self.serve, self.attach]
        self.rng.choice([*steps, self.attach, self.rename, self.stop])()

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = send(self.client, method, path, body)
        assert answer.status_code in (200, 201, 400), answer.text
        return answer.get_json() if answer.status_code < 400 else None

    def name(self) -> str:
        return self.rng.choice(["abc", "abd", "abe", "abf", "abg", "abh", "abi"])

    def any_of(self, known: dict[str, Any]) -> str | None:
        return self.rng.choice(list(known)) if known else None

    def create(self) -> None:
        name, type_ = self.name(), self.rng.choice(list(TYPES))
        made = self.send("POST", "/datasets", dataset(name, type_))
        assert (made is None) == (name in {n for n, _ in self.datasets.values()})
        if made:
            self.datasets[made["datasetId"]] = (name, type_)

    def edit(self) -> None:
        id_, name = self.any_of(self.datasets), self.name()
        if id_ is None:
            return
        type_ = self.datasets[id_][1]
        others = {n for key, (n, _) in self.datasets.items() if key != id_}
        made = self.send("POST", f"/datasets/{id_}", dataset(name, type_))
        assert (made is None) == (name in others)
        if made:
            self.datasets[id_] = (name, type_)

    def delete(self) -> None:
        id_ = self.any_of(self.datasets)
        if id_:
            assert self.send("DELETE", f"/datasets/{id_}") == {"result": "ok"}
            del self.datasets[id_]
            for _, ids in self.services.values():
                ids[:] = [other for other in ids if other != id_]

    def serve(self) -> None:
        name = self.name()
        made = self.send("POST", "/services", {"name": name})
        assert (made is None) == (name in {n for n, _ in self.services.values()})
        if made:
            self.services[made["serviceId"]] = (name, [])

    def attach(self) -> None:
        id_ = self.any_of(self.services)
        if id_ is None or len(self.datasets) < 3:
            return
        ids = self.rng.sample(list(self.datasets), 3)
        made = self.send("POST", f"/services/{id_}/datasets", {"datasetIds": ids})
        assert (made is None) == (len({self.datasets[one][1] for one in ids}) < 3)
        if made:
            self.services[id_] = (self.services[id_][0], ids)

    def rename(self) -> None:
        id_, name = self.any_of(self.services), self.name()
        if id_ is None:
            return
        others = {n for key, (n, _) in self.services.items() if key != id_}
        made = self.send("PUT", f"/services/{id_}", {"name": name})
        assert (made is None) == (name in others)
        if made:
            self.services[id_] = (name, self.services[id_][1])

    def stop(self) -> None:
        id_ = self.any_of(self.services)
        if id_:
            assert self.send("DELETE", f"/services/{id_}") == {"result": "ok"}
            del self.services[id_]

    def check(self) -> None:
        listed = self.send("GET", "/datasets")["datasets"]
        assert {one["datasetId"]: (one["name"], one["type"]) for one in listed} == self.datasets
        for id_ in self.datasets:
            users = {key: name for key, (name, ids) in self.services.items() if id_ in ids}
            connected = self.send("GET", f"/datasets/{id_}")["connectedService"]
            assert {one["serviceId"]: one["name"] for one in connected} == users
            assert len(connected) == len(users)
        assert len(self.send("GET", "/services")["services"]) == len(self.services)
        for key, (name, ids) in self.services.items():
            shown = self.send("GET", f"/services/{key}")
            found = [(one["datasetId"], one["name"], one["type"]) for one in shown["datasets"]]
            assert shown["name"] == name
            assert found == [(id_, *self.datasets[id_]) for id_ in ids]


@pytest.mark.parametrize("seed", range(WALKS))
def test_both_sides_of_a_connection_agree_wherever_one_walks(client: Client, seed: int) -> None:
    walk = Walk(client, random.Random(seed))
    for _ in range(STEPS):
        walk.step()
    walk.check()
