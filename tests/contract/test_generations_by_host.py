"""A host of Coactive's has one generation: it judges every body as that generation's framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from tests.contract.pydantic_oracle import DATASETS, application, ask_oracle
from tests.contract.test_pydantic1_oracle import CreateDataset, judged_by_pydantic

Way = tuple[str, Mapping[str, str]]
"""What stands before the path, and the headers."""

EARLIER: list[Way] = [
    ("", {"Host": "app.coactive.ai"}),
    ("", {"Host": "APP.coactive.ai:443"}),
    ("", {"Host": "public.app.coactive.ai"}),
    ("/coactive", {"Host": "app.coactive.ai"}),
    ("/app.coactive.ai", {}),
    ("/public.app.coactive.ai", {}),
    ("/coactive", {"X-Fern-SDK-Name": "coactive"}),
]
LATER: list[Way] = [
    ("", {"Host": "api.coactive.ai"}),
    ("/coactive", {"Host": "api.coactive.ai"}),
    ("/coactive", {"Host": "api.coactive.ai", "X-Fern-SDK-Name": "coactive"}),
    ("/api.coactive.ai", {}),
    ("/api.coactive.ai", {"X-Fern-SDK-Name": "coactive"}),
]
BODIES: list[Mapping[str, Any]] = [
    {"name": "Only Name"},
    {"name": "clips", "encoder_name": "multimodal"},
    {"name": "clips", "encoder_name": "multimodal", "encoder": "multimodal-tx-small1", "settings": {}},
    {"name": "a b", "encoder": "multimodal-tx-large3", "description": "d"},
    {"name": 5, "encoder_name": "clip"},
    {"name": [], "encoder": "clip"},
    {},
]  # fmt: skip


def post(way: Way, body: Mapping[str, Any]) -> TestResponse:
    application().world.reset("coactive")
    prefix, headers = way
    return Client(application()).post(f"{prefix}{DATASETS}", json=body, headers=headers)


@pytest.mark.parametrize("way", EARLIER, ids=repr)
def test_a_host_of_the_earlier_generation_judges_as_pydantic_1(way: Way) -> None:
    for body in BODIES:
        answer, wanted = post(way, body), judged_by_pydantic(CreateDataset, body)
        if isinstance(wanted, list):
            assert (answer.status_code, answer.get_json()) == (422, {"detail": wanted}), body
        else:
            assert (answer.status_code, answer.get_json()["name"]) == (200, wanted["name"]), body
            assert "datasetId" in answer.get_json()


@pytest.mark.parametrize("way", LATER, ids=repr)
def test_a_host_of_the_later_generation_judges_as_pydantic_2(way: Way) -> None:
    for body in BODIES:
        answer = post(way, body)
        wanted = ask_oracle("POST", DATASETS, json.dumps(body).encode(), "application/json")
        assert answer.status_code == wanted.status, body
        if wanted.status == 422:
            assert answer.get_json() == wanted.document, body
        else:
            assert "id" in answer.get_json()
            assert "datasetId" not in answer.get_json()


@pytest.mark.parametrize("way", [*EARLIER, *LATER], ids=repr)
def test_a_list_without_datasets_has_the_form_of_the_host(way: Way) -> None:
    application().world.reset("coactive")
    prefix, headers = way
    answer = Client(application()).get(f"{prefix}{DATASETS}?limit=10", headers=headers)
    page = answer.get_json()["meta"]["page"]
    assert ("currentPage" in page, "current_page" in page) == (way in EARLIER, way in LATER)
