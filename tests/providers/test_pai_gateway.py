"""PAI: what explains a refusal that a switch allows, errors on order only, and malformed tokens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.contract.switches import switches_of
from emulator.settings import Settings
from tests.contract import catalogue

HEADERS = {
    "x-acs-version": "2021-02-04",
    "x-acs-date": "2026-04-01T08:00:00Z",
    "Authorization": "ACS3-HMAC-SHA256 Credential=emulator,SignedHeaders=host,Signature=0",
}
DATASET = {
    "Name": "myName",
    "Property": "DIRECTORY",
    "DataSourceType": "NAS",
    "Uri": "nas://09f1abcdef.cn-hangzhou/",
}
CPFS = {**DATASET, "DataSourceType": "CPFS", "Uri": "nas://cpfs-0a1b2c3d.cn-hangzhou/"}
WORKSPACE = {"WorkspaceName": "a" * 24, "Description": "d", "EnvTypes": ["prod"]}


def client_of(**settings: Any) -> Client:
    return Client(Application(Settings(strict=True, **settings)))


def post(client: Client, path: str, body: object, **headers: str) -> TestResponse:
    sent = {**HEADERS, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return client.post(f"/pai/api/v1/{path}", json=body, headers=sent)


def explained(client: Client) -> Any:
    last = client.get("/_emulator/requests").get_json()["requests"][-1]
    return client.get(f"/_emulator/requests/{last['id']}").get_json()["explain"]


@pytest.mark.parametrize(
    ("settings", "path", "body", "flag"),
    [
        ({}, "datasets", {**DATASET, "Name": "first.last"}, "--pai-names lax"),
        ({}, "datasets", {**DATASET, "Name": "_cache"}, "--pai-names lax"),
        ({}, "workspaces", WORKSPACE, "--pai-names lax"),
        ({"follow": "live"}, "datasets", CPFS, "--pai-uris pages"),
        (
            {"switches": {"pai-uris": "strict"}},
            "datasets",
            {**DATASET, "Uri": "nas://fs.files.example.com/"},
            "--pai-uris pages",
        ),
    ],
)
def test_explain_names_the_flag_that_allows_a_value(
    settings: Mapping[str, Any], path: str, body: object, flag: str
) -> None:
    refused = client_of(**settings)
    assert post(refused, path, body).status_code == 400
    rules = explained(refused)["rules"]
    assert [rule["allowed_by"] for rule in rules] == [flag]
    name, choice = flag.removeprefix("--").split()
    switches = {**settings.get("switches", {}), name: choice}
    allowed = client_of(**{**settings, "switches": switches})
    assert post(allowed, path, body).status_code == 200


def test_explain_names_no_flag_where_none_allows_a_value() -> None:
    client = client_of()
    assert post(client, "datasets", {**DATASET, "Property": "folder"}).status_code == 400
    assert "allowed_by" not in explained(client)["rules"][0]


def flags_in(node: object) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(flags_in, node))
    if not isinstance(node, dict):
        return set()
    found = flags_in([value for key, value in node.items() if key != "x-allowed-by"])
    return found | {*(node.get("x-allowed-by") or {}).values()}


@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_every_flag_that_is_named_is_a_choice_of_a_switch(name: str) -> None:
    files: list[Path] = sorted((catalogue.SCHEMAS / name).rglob("*.json"))
    named = set().union(*(flags_in(json.loads(file.read_text())) for file in files))
    switches = switches_of(catalogue.contracts()[name].service)
    known = {f"--{switch.flag} {choice}" for switch in switches for choice in switch.choices}
    assert named <= known


def test_what_plain_http_would_get_is_answered_on_order() -> None:
    client = client_of()
    rule = {
        "match": {"provider": "pai"},
        "effect": {"error": "InvalidProtocol.NeedSsl"},
        "allow_undeclared": True,
    }
    assert client.post("/_emulator/faults", json=rule).status_code < 300
    answer = post(client, "datasets", DATASET)
    assert (answer.status_code, answer.get_json()["Code"]) == (400, "InvalidProtocol.NeedSsl")
    assert answer.get_json()["Message"] == "Your request is denied as lack of ssl protect."


def test_a_token_of_another_form_is_malformed(tmp_path: Path) -> None:
    credential = {"provider": "pai", "id": "STS.abc", "secret": "s", "token": "CAISgood"}
    file = tmp_path / "credentials.json"
    file.write_text(json.dumps({"credentials": [credential]}))
    client = client_of(auth="verify", credentials=str(file))
    signed = "ACS3-HMAC-SHA256 Credential=STS.abc,SignedHeaders=host,Signature=0"
    codes = [
        post(client, "datasets", DATASET, Authorization=signed, x_acs_security_token=token)
        .get_json()["Code"]
        for token in ("not a token", "CAISother")
    ]  # fmt: skip
    assert codes == ["InvalidSecurityToken.Malformed", "InvalidSecurityToken.MismatchWithAccessKey"]


def test_credentials_that_are_not_checked_leave_version_and_action_unread() -> None:
    client = client_of(auth="off")
    headers = {"x_acs_version": "2020-01-01", "x_acs_action": "DeleteDataset"}
    assert post(client, "datasets", DATASET, **headers).status_code == 200
