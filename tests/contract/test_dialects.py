"""Three vendors on one port, asked by many at once: nobody is answered in another's dialect."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from tests.contract import catalogue
from tests.project.served import served

THREADS, REQUESTS = 16, 5_000
SERVICE_ERROR = {"timestamp", "path", "status", "error", "requestId", "errorCode", "message"}


@dataclass(frozen=True)
class Said:
    """An answer, read."""

    status: int
    headers: Mapping[str, str]
    document: Any


def in_pai(said: Said) -> bool:
    """PAI names every request, in the body as in the header."""
    named = said.document.get("RequestId")
    error = {"RequestId", "HostId", "Code", "Message", "Recommend"}
    in_shape = said.status == 200 or error == said.document.keys()
    return named == said.headers.get("x-acs-request-id") and len(named) == 36 and in_shape


def in_aitems(said: Said) -> bool:
    """AiTEMS refuses in seven members, its gateway in one; both write lower camel case."""
    if said.status >= 400:
        return said.document.keys() in (SERVICE_ERROR, {"error"})
    return bool(said.document.keys() & {"datasetId", "datasets"})


def in_coactive(said: Said) -> bool:
    """Coactive refuses with a detail, and has snake case or a list with its meta."""
    if said.status >= 400:
        return bool(said.document.keys() == {"detail"})
    return bool(said.document.keys() & {"created_dt", "meta"})


ROUTE = "/api/v1/datasets"
DIALECTS: Mapping[str, tuple[Callable[[Said], bool], Mapping[str, str], Mapping[str, Any]]] = {
    "pai": (
        in_pai,
        catalogue.contracts()["pai"].seed["example"]["headers"],
        {"Property": "FILE", "DataSourceType": "NAS", "Uri": "nas://09f1abcdef.cn-hangzhou/"},
    ),
    "aitems": (
        in_aitems,
        catalogue.contracts()["aitems"].seed["example"]["headers"],
        {
            "type": "item",
            "description": "",
            "schemaName": "test_item",
            "osInfo": {"region": "KR", "bucket": "b", "key": "k.csv"},
        },
    ),
    "coactive": (
        in_coactive,
        {"Authorization": "Bearer token", "Content-Type": "application/json"},
        {"encoder_name": "multimodal"},
    ),
}
NAME = {"pai": "Name", "aitems": "name", "coactive": "name"}


def requests_of(vendor: str, number: int) -> tuple[str, str, bytes]:
    """Choose what is asked: what succeeds, and what is wrong in every way there is."""
    members = {**DIALECTS[vendor][2], NAME[vendor]: f"name{number}"}
    body = json.dumps(members).encode()
    chosen: list[tuple[str, str, bytes]] = [
        ("POST", ROUTE, body),
        ("POST", ROUTE, json.dumps({**members, NAME[vendor]: "name1"}).encode()),
        ("POST", ROUTE, b"{}"),
        ("POST", ROUTE, b'{"name":'),
        ("GET", ROUTE, b""),
        ("GET", f"{ROUTE}/f47ac10b-58cc-4372-a567-0e02b2c3d479", b""),
        ("PATCH", f"{ROUTE}/unknown", b"{}"),
        ("GET", "/api/v1/nope", b""),
    ]
    return chosen[number % len(chosen)]


def ask(connection: HTTPConnection, vendor: str, number: int) -> Said:
    method, path, body = requests_of(vendor, number)
    connection.request(method, path, body or None, dict(DIALECTS[vendor][1]))
    answer: HTTPResponse = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    return Said(answer.status, headers, json.loads(answer.read()))


def test_nobody_is_answered_in_anothers_dialect() -> None:
    with served("--demo", "--port", "0") as emulator:
        place = urlsplit(emulator.base).netloc
        vendors = list(DIALECTS)

        def work(thread: int) -> Counter[tuple[str, int]]:
            draw, seen = random.Random(thread), Counter[tuple[str, int]]()
            connection = HTTPConnection(place, timeout=60)
            for number in range(thread, REQUESTS, THREADS):
                vendor = draw.choice(vendors)
                said = ask(connection, vendor, number)
                assert DIALECTS[vendor][0](said), (vendor, number, said)
                seen[vendor, said.status] += 1
            connection.close()
            return seen

        with ThreadPoolExecutor(THREADS) as pool:
            seen = sum(pool.map(work, range(THREADS)), Counter[tuple[str, int]]())
    assert sum(seen.values()) == REQUESTS
    for vendor, created in (("pai", 200), ("aitems", 201), ("coactive", 200)):
        assert seen[vendor, created]
        assert any(status >= 400 for name, status in seen if name == vendor)
