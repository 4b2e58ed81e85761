"""Programs without the vendor's client, as published ones: they look for a dataset, then make it.

They log in at one host of the vendor and work with datasets at another; whoever has only a base
URL says the host as a prefix of the path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from emulator.testing import World

NAME = "MediaLake_Dataset_prod"
CREATION = {"name": NAME, "description": "managed", "encoder": "multimodal-tx-large3"}


@dataclass
class Program:
    """A program with one connection per call, as those that use `http.client`."""

    base: str
    prefixes: Mapping[str, str]
    """The prefix of the path for a host of the vendor; without one, the host is sent as `Host`."""

    def call(
        self, method: str, host: str, path: str, token: str, body: Any = None
    ) -> tuple[int, Any]:
        where = urlsplit(self.base)
        connection = HTTPConnection(where.hostname or "", where.port, timeout=10)
        prefix = self.prefixes.get(host)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        headers |= {"Host": host} if prefix is None else {}
        data = None if body is None else json.dumps(body)
        connection.request(method, f"{where.path}{prefix or ''}{path}", body=data, headers=headers)
        answer = connection.getresponse()
        document = json.loads(answer.read())
        connection.close()
        return answer.status, document

    def run(self) -> dict[str, Any]:
        """Log in, find the dataset by its name in any case, or make it."""
        grant = {"grant_type": "refresh_token"}
        status, login = self.call("POST", "api.coactive.ai", "/api/v0/login", "personal", grant)
        assert status == 200
        token, datasets = login["access_token"], "/api/v1/datasets"
        status, page = self.call("GET", "app.coactive.ai", f"{datasets}?limit=100", token)
        assert status == 200
        for dataset in page["data"]:
            if dataset["name"].lower() == NAME.lower():
                return {"made": False, "dataset_id": dataset["datasetId"]}
        status, made = self.call("POST", "app.coactive.ai", datasets, token, CREATION)
        assert status == 200
        return {"made": True, "dataset_id": made["datasetId"]}


WAYS: dict[str, Callable[[], Mapping[str, str]]] = {
    "hosts": dict,
    "hosts as prefixes": lambda: {host: f"/{host}" for host in ("api.coactive.ai", "app.coactive.ai")},
    "one prefix": lambda: dict.fromkeys(("api.coactive.ai", "app.coactive.ai"), "/coactive"),
    "no prefix": lambda: dict.fromkeys(("api.coactive.ai", "app.coactive.ai"), ""),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_the_second_run_finds_what_the_first_made(dataset_world: World, way: str) -> None:
    program = Program(dataset_world.base, WAYS[way]())
    first = program.run()
    dataset_world.settle()
    assert first["made"]
    assert program.run() == {**first, "made": False}


@pytest.mark.parametrize("way", WAYS)
def test_it_does_so_beside_a_dataset_of_the_later_generation(
    dataset_world: World, way: str
) -> None:
    program = Program(dataset_world.base, WAYS[way]())
    body = {"name": "clips", "encoder_name": "multimodal"}
    status, later = program.call("POST", "api.coactive.ai", "/api/v1/datasets", "token", body)
    assert (status, later["status"]) == (200, "active")
    first = program.run()
    assert program.run() == {**first, "made": False}
    status, shown = program.call(
        "GET", "api.coactive.ai", f"/api/v1/datasets/{later['id']}", "token"
    )
    assert (status, shown) == (200, later)
