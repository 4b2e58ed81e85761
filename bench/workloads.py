"""The requests that are measured: a different CreateDataset each time, per provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.request import Request, urlopen

from bench.client import request
from emulator.core.contract.model import Contract

Maker = Callable[[int], bytes]
"""Makes the request with a number."""


def create_dataset(contract: Contract, change: Callable[[dict[str, Any], int], str]) -> Maker:
    """Make a provider's example request a different one by its number; `change` returns the path."""
    example = contract.seed["example"]

    def make(number: int) -> bytes:
        body = json.loads(json.dumps(example["body"]))
        path = change(body, number)
        url = f"/{contract.provider}{path}"
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


def makers(contracts: Mapping[str, Contract]) -> dict[str, Maker]:
    """Return the maker of requests of every provider."""
    return {name: create_dataset(contracts[name], change) for name, change in CHANGES.items()}


def prepare(base: str, contracts: Mapping[str, Contract], count: int) -> None:
    """Lift the quotas, and make the groups and projects the datasets go into."""
    unlimited = {"personalize": {"schemas": None, "dataset_groups": None}, "lookoutvision": {"projects": None, "datasets": None}}  # fmt: skip
    _send("PATCH", f"{base}/_emulator/quotas", {"Content-Type": "application/json"}, unlimited)
    for number in range(count):
        for provider, path, headers, body in containers(contracts, number):
            _send("POST", f"{base}/{provider}{path}", headers, body)


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


def moto_schema(port: int) -> Maker:
    """Create a schema in moto, and describe it each time: the nearest call moto has."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "Authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260401/us-east-1/personalize/aws4_request, SignedHeaders=host, Signature=0"}  # fmt: skip
    create = {**headers, "X-Amz-Target": "AmazonPersonalize.CreateSchema"}
    schema = {
        "name": "bench",
        "schema": json.dumps({"type": "record", "name": "Users", "fields": []}),
    }
    response = _send("POST", f"http://127.0.0.1:{port}/", create, schema)
    describe = {**headers, "X-Amz-Target": "AmazonPersonalize.DescribeSchema"}
    ready = request("POST", "/", describe, json.dumps(response).encode())
    return lambda _: ready


def constant() -> Maker:
    """The request to the bare Flask application, of the size of an ordinary one."""
    ready = request(
        "POST", "/", {"Content-Type": "application/json"}, b'{"name":"' + b"x" * 200 + b'"}'
    )
    return lambda _: ready


def _send(method: str, url: str, headers: dict[str, str], body: object) -> Any:
    sent = Request(url, json.dumps(body).encode(), headers, method=method)
    with urlopen(sent, timeout=30) as response:
        return json.loads(response.read() or b"null")
