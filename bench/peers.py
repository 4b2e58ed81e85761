"""The servers that others made, and the requests to them that are like ours."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

from bench.bare import BODY
from bench.library.client import request
from bench.library.servers import ROOT, Server
from bench.workloads import Maker, create_dataset, send
from emulator.control.openapi.components import Components
from emulator.core.contract.model import Contract, Operation

MOTO = ROOT / ".venv-bench/bin/moto_server"
NODE_MODULES = ROOT / "bench/peers/node_modules"
PRISM = NODE_MODULES / ".bin/prism"
WIREMOCK = NODE_MODULES / "wiremock/build"
JOURNAL = "1000"
"""Entries of WireMock's journal; the emulator keeps as many."""

Makers = Mapping[str, Maker]
"""Makers of requests, by the name of what is asked."""


@dataclass(frozen=True)
class Peer:
    """A server to compare with; `command` takes a port and the folder of OpenAPI documents."""

    name: str
    programs: Sequence[Path | str]
    """Files that have to exist, and names of programs that have to be installed."""
    command: Callable[[int, Path], Sequence[str]]
    makers: Callable[[Server, Mapping[str, Contract]], Makers]
    """Prepares the running server, and makes what is asked of it."""

    def command_in(self, folder: Path) -> Callable[[int], Sequence[str]]:
        """Return what makes the command with a port, given the folder of OpenAPI documents."""
        return lambda port: self.command(port, folder)

    @property
    def missing(self) -> str | None:
        """The first program that is missing."""
        for program in self.programs:
            if not (program.exists() if isinstance(program, Path) else shutil.which(program)):
                return str(program)
        return None


def peers(providers: Sequence[str]) -> list[Peer]:
    """List all of them; Prism has a server for each of our documents."""
    return [
        Peer("moto_server", [MOTO], _moto, _moto_makers),
        *(
            Peer("Prism", ["node", PRISM], partial(_prism, name), partial(_prism_makers, name))
            for name in providers
        ),
        Peer(
            "WireMock", ["java", WIREMOCK],
            partial(_wiremock, ["--max-request-journal-entries", JOURNAL]), _wiremock_makers,
        ),
        Peer(
            "WireMock without a journal", ["java", WIREMOCK],
            partial(_wiremock, ["--no-request-journal"]), _wiremock_makers,
        ),
    ]  # fmt: skip


def write_documents(emulator: Server, providers: Sequence[str], folder: Path) -> None:
    """Write the OpenAPI documents that a running emulator gives into a folder."""
    for name in providers:
        with urlopen(f"{emulator.base}/_emulator/openapi/{name}.json", timeout=30) as response:
            (folder / f"{name}.json").write_bytes(response.read())


# ---- moto_server: two calls of Amazon Personalize, the only ones of the five services


def _moto(port: int, folder: Path) -> Sequence[str]:
    return [str(MOTO), "-p", str(port)]


def _moto_makers(server: Server, contracts: Mapping[str, Contract]) -> Makers:
    example = contracts["personalize"].seed["example"]
    headers = {**example["headers"], "X-Amz-Target": "AmazonPersonalize.CreateSchema"}
    schema = json.dumps({"type": "record", "name": "Users", "fields": []})

    def create(number: int) -> bytes:
        body = {"name": f"bench{number}", "schema": schema}
        return request("POST", "/", headers, json.dumps(body).encode())

    made = send("POST", f"{server.base}/", headers, {"name": "bench", "schema": schema})
    describe = {**headers, "X-Amz-Target": "AmazonPersonalize.DescribeSchema"}
    described = request("POST", "/", describe, json.dumps(made).encode())
    return {"DescribeSchema": lambda _: described, "CreateSchema": create}


# ---- Prism: checks a request by our OpenAPI document, and answers an example made from it


def _prism(provider: str, port: int, folder: Path) -> Sequence[str]:
    document = str(folder / f"{provider}.json")
    # its log, a dozen lines a request, would cost it most of its speed
    return [str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), "-v", "silent", document]


def _prism_makers(provider: str, server: Server, contracts: Mapping[str, Contract]) -> Makers:
    return {f"{provider} CreateDataset": create_dataset(contracts[provider], "")}


# ---- WireMock: matches a body by our schema of the request, and answers a constant


def _wiremock(flags: Sequence[str], port: int, folder: Path) -> Sequence[str]:
    jar = next(WIREMOCK.glob("*.jar"))
    return [
        "java", "-jar", str(jar), "--port", str(port), "--bind-address", "127.0.0.1",
        "--disable-banner", "--root-dir", str(folder), *flags,
    ]  # fmt: skip


def _wiremock_makers(server: Server, contracts: Mapping[str, Contract]) -> Makers:
    makers, headers = {}, {"Content-Type": "application/json"}
    for name, contract in contracts.items():
        send("POST", f"{server.base}/__admin/mappings", headers, _stub(contract))
        makers[f"{name} CreateDataset"] = create_dataset(contract, f"/{name}")
    return makers


def _stub(contract: Contract) -> Mapping[str, Any]:
    operation = contract.operations["CreateDataset"]
    schema = json.dumps(_body_schema(operation))
    target = {"equalTo": operation.target}
    return {
        "request": {
            "method": operation.method,
            "urlPathTemplate": f"/{contract.provider}{operation.path}",
            "headers": {contract.protocol["targetHeader"]: target} if operation.target else {},
            "bodyPatterns": [{"matchesJsonSchema": schema, "schemaVersion": "V202012"}],
        },
        "response": {
            "status": operation.status,
            "headers": {"Content-Type": "application/json"},
            "body": BODY.decode(),
        },
    }


def _body_schema(operation: Operation) -> Mapping[str, Any]:
    """Return the schema of the request without members that the path or a header carries."""
    schema = Components({}).converted(operation.request.schema)
    for member in operation.members:
        if member.location != "body":
            del schema["properties"][member.name]
            schema["required"] = [n for n in schema.get("required", ()) if n != member.name]
    return cast("Mapping[str, Any]", schema)
