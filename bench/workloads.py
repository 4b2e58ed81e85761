"""The requests that are measured: a different CreateDataset each time, per provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import Request, urlopen

from bench.library.client import drive, request
from emulator.core.contract.model import Contract

Maker = Callable[[int], bytes]
"""Makes the request with a number."""


def create_dataset(contract: Contract, prefix: str) -> Maker:
    """Make a provider's example request a different one by its number, under a prefix of paths."""
    example, change = contract.seed["example"], CHANGES[contract.provider]

    def make(number: int) -> bytes:
        body = json.loads(json.dumps(example["body"]))
        path = change(body, number)
        url = prefix + path
        return request(example["method"], url, example["headers"], json.dumps(body).encode())

    return make


def renamed(path: str, prefix: str) -> Callable[[dict[str, Any], int], str]:
    """Return a change that gives every dataset a name of its own."""

    def change(body: dict[str, Any], number: int) -> str:
        body["Name" if "Name" in body else "name"] = f"{prefix}{number}"
        return path

    return change


def in_groups_of_their_own(body: dict[str, Any], number: int) -> str:
    """Put every dataset in a dataset group of its own."""
    body["datasetGroupArn"] = body["datasetGroupArn"].replace("demo-group", f"g{number}")
    return "/"


def in_projects_of_their_own(_: dict[str, Any], number: int) -> str:
    """Put every dataset in a project of its own."""
    return f"/2020-11-20/projects/p{number}/datasets"


CHANGES: Mapping[str, Callable[[dict[str, Any], int], str]] = {
    "personalize": in_groups_of_their_own,
    "lookoutvision": in_projects_of_their_own,
    "pai": renamed("/api/v1/datasets", "bench-"),
    "aitems": renamed("/api/v1/datasets", "bench"),
    "coactive": renamed("/api/v1/datasets", "bench_"),
}
"""How a provider's example becomes another dataset, by its number."""


def prepare(port: int, contracts: Mapping[str, Contract], count: int) -> None:
    """Lift the quotas, and make the groups and projects the datasets go into."""
    unlimited = {name: dict.fromkeys(c.quotas) for name, c in contracts.items() if c.quotas}
    quotas = f"http://127.0.0.1:{port}/_emulator/quotas"
    send("PATCH", quotas, {"Content-Type": "application/json"}, unlimited)
    made = [
        request("POST", f"/{provider}{path}", headers, json.dumps(body).encode())
        for number in range(count)
        for provider, path, headers, body in containers(contracts, number)
    ]
    assert drive(port, made, connections=8).statuses == {200}


Container = tuple[str, str, dict[str, str], object]
"""Provider, path, headers and body of a request."""


def containers(contracts: Mapping[str, Contract], number: int) -> list[Container]:
    """Return the requests that create the group and the project with a number."""
    group, project = (
        contracts[name].seed["example"]["headers"] for name in ("personalize", "lookoutvision")
    )
    group = {**group, "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"}
    return [
        ("personalize", "/", group, {"name": f"g{number}"}),
        ("lookoutvision", "/2020-11-20/projects", project, {"ProjectName": f"p{number}"}),
    ]


def constant() -> Maker:
    """Make the request to the bare Flask application, of the size of an ordinary one."""
    ready = request(
        "POST", "/", {"Content-Type": "application/json"}, b'{"name":"' + b"x" * 200 + b'"}'
    )
    return lambda _: ready


def send(method: str, url: str, headers: dict[str, str], body: object) -> Any:
    """Send JSON and return the JSON of the response; raises `HTTPError` for an error."""
    sent = Request(url, json.dumps(body).encode(), headers, method=method)
    with urlopen(sent, timeout=30) as response:
        return json.loads(response.read() or b"null")
