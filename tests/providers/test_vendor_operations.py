"""What AiTEMS and Coactive have and the emulator does not says so, with the status it is listed with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import catalogue

NCP = {
    "x-ncp-apigw-timestamp": "1629528478302",
    "x-ncp-iam-access-key": "k",
    "x-ncp-apigw-signature-v2": "s",
}
HEADERS: Mapping[str, Mapping[str, str]] = {
    "aitems": NCP,
    "coactive": {"Authorization": "Bearer a"},
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    application = Application(Settings(strict=True, clock="frozen"))
    yield Client(application)
    application.close()


def listed(client: Client, provider: str) -> list[dict[str, Any]]:
    every = client.get("/_emulator/operations").get_json()["operations"]
    return [each for each in every if each["provider"] == provider]


@pytest.mark.parametrize("provider", HEADERS)
def test_an_operation_is_listed_with_the_status_that_it_is_refused_with(
    client: Client, provider: str
) -> None:
    others = [each for each in listed(client, provider) if not each["emulated"]]
    assert others
    for each in others:
        path = re.sub(r"\{\w+\}", "f47ac10b-58cc-4372-a567-0e02b2c3d479", each["path"])
        answer = client.open(f"/{provider}{path}", method=each["method"], headers=HEADERS[provider])
        assert answer.status_code == each["status"] == 400, each
        said = answer.get_json()
        text = said["detail"] if provider == "coactive" else said["message"]
        assert each["operation"] in text, each
        assert "is not emulated" in text, each
        if provider == "aitems":
            assert (said["error"], said["errorCode"]) == ("NOT_EMULATED", "BAD_REQUEST")


def test_every_published_operation_of_coactive_is_listed(client: Client) -> None:
    """The OpenAPI document has 118 (openapiFull), the client 44 (sdk), of which 20 are in both."""
    published = {(each["method"], re.sub(r"\{\w+\}", "{}", each["path"])) for each in listed(client, "coactive")}  # fmt: skip
    evidence = [op.evidence for op in catalogue.contracts()["coactive"].operations.values()]
    assert sum("openapi" in each for each in evidence) == 118
    assert len(published) == len(evidence)
    for route in [("POST", "/api/v0/chat"), ("GET", "/api/v3/dynamic-tags/groups"), ("POST", "/api/v1/search/text-to-image"), ("GET", "/api/v1/ingestion/jobs/{}/status"), ("POST", "/api/v1/classify/image/file")]:  # fmt: skip
        assert route in published


GATEWAY = {
    "100": (400, "Bad Request Exception"),
    "200": (401, "Authentication Failed"),
    "210": (401, "Permission Denied"),
    "230": (403, "Forbidden"),
    "300": (404, "Not Found Exception"),
    "400": (429, "Quota Exceeded"),
    "410": (429, "Throttle Limited"),
    "420": (429, "Rate Limited"),
    "430": (413, "Request Entity Too Large"),
    "500": (503, "Endpoint Error"),
    "510": (504, "Endpoint Timeout"),
    "900": (500, "Unexpected Error"),
}
"""Codes, statuses and messages of the API gateway, as its page lists them (gateway)."""


@pytest.mark.parametrize("code", GATEWAY)
def test_every_documented_error_of_the_gateway_can_be_ordered(client: Client, code: str) -> None:
    by_itself = code in ("100", "300", "430")  # of encodings, routes and sizes: of no operation
    rule = {
        "match": {"provider": "aitems"},
        "effect": {"error": code},
        "times": 1,
        "allow_undeclared": by_itself,
    }
    answer = client.post("/_emulator/faults", json=rule, headers={"X-Emulator-Control": "1"})
    assert answer.status_code in (200, 201), answer.text
    answer = client.get("/aitems/api/v1/datasets", headers=NCP)
    status, message = GATEWAY[code]
    said = answer.get_json()["error"]
    assert (answer.status_code, said["errorCode"], said["message"]) == (status, code, message)
    assert said.keys() <= {"errorCode", "message", "details"}
