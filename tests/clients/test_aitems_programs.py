"""Programs of AiTEMS as published ones: signed calls written by hand, and run twice."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from emulator.testing import World

ACCESS, SECRET = "emulator", "emulator"
FIELDS = {
    "user": [("USER_ID", "string")],
    "item": [("ITEM_ID", "string")],
    "interaction": [("USER_ID", "string"), ("ITEM_ID", "string"), ("TIMESTAMP", "long")],
}


class Program:
    """Every call is signed as the page of the gateway shows it."""

    def __init__(self, base: str, settle: Callable[[], object]) -> None:
        self.base, self.settle = base, settle

    def call(self, method: str, target: str, body: Any = None) -> tuple[int, Any]:
        timestamp = str(int(time.time() * 1000))
        text = f"{method} {target}\n{timestamp}\n{ACCESS}"
        mac = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "x-ncp-apigw-timestamp": timestamp,
            "x-ncp-iam-access-key": ACCESS,
            "x-ncp-apigw-signature-v2": base64.b64encode(mac).decode(),
        }
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.base}{target}", json=body, headers=headers)
        return answer.status_code, answer.json()

    def made(self, path: str, listed: str, key: str, body: dict[str, Any]) -> str:
        """Make a resource, or find it by its name where there is one already."""
        status, answer = self.call("POST", f"/api/v1/{path}", body)
        if status == 400:
            assert answer["error"] == "DUPLICATE_NAME"
            _, page = self.call("GET", f"/api/v1/{path}")
            return next(str(one[key]) for one in page[listed] if one["name"] == body["name"])
        assert status == 201, answer
        return str(answer[key])

    def run(self) -> dict[str, Any]:
        """Make schemas, datasets and a service, train it, and wait for the results."""
        ids = []
        for type_, fields in FIELDS.items():
            schema = {
                "datasetType": type_,
                "name": f"{type_}_schema",
                "fields": [{"name": name, "type": [kind]} for name, kind in fields],
            }
            name = self.made("schemas", "schemas", "name", schema)
            dataset = {
                "type": type_,
                "name": f"{type_}-v2",
                "description": "",
                "schemaName": name,
                "osInfo": {"region": "KR", "bucket": "bucket", "key": f"{type_}.csv"},
            }
            ids.append(self.made("datasets", "datasets", "datasetId", dataset))
        service = self.made("services", "services", "serviceId", {"name": "Version2"})
        target = f"/api/v1/services/{service}"
        assert self.call("POST", f"{target}/datasets", {"datasetIds": ids})[0] == 200
        training = {"types": ["personalRecommend", "pop"], "hpConfig": {"is_enabled": False}}
        _, begun = self.call("POST", target, training)
        assert begun["status"] == "learning"
        self.settle()
        _, learnt = self.call("GET", target)
        _, trains = self.call("GET", f"{target}/trains?isRecent=true")
        return {
            "service": service,
            "datasets": ids,
            "status": learnt["status"],
            "results": {each["dataType"]: each["rowCount"] for each in learnt["infers"]},
            "versions": [each["trainVersion"] for each in learnt["infers"]],
            "recent": [each["version"] for each in trains["trains"]],
        }


@pytest.mark.parametrize("prefix", ["", "/aitems", "/aitems.apigw.ntruss.com"])
def test_the_second_run_finds_what_the_first_made(dataset_world: World, prefix: str) -> None:
    program = Program(f"{dataset_world.base}{prefix}", dataset_world.settle)
    first, second = program.run(), program.run()
    for run in (first, second):
        assert run["status"] == "learnable"
        assert run["results"] == {"personalRecommend": 7, "pop": 11}
        assert run["versions"] == run["recent"]
    kept = ("service", "datasets")
    assert [first[name] for name in kept] == [second[name] for name in kept]
    assert not {*first["versions"]} & {*second["versions"]}
