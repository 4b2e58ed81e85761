"""The id of a request is generated when it is needed; a seeded one counts whether it is or not."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from emulator.core.primitives.identifiers import Identifiers
from emulator.dialects.naver.gateway_json import GatewayJson
from tests.core.conftest import ask


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that the protocol of AiTEMS generates; it shows them in errors alone."""
    ids, generate = list[str](), GatewayJson.request_id

    def noted(self: GatewayJson, identifiers: Identifiers, purpose: str) -> str:
        ids.append(generate(self, identifiers, purpose))
        return ids[-1]

    monkeypatch.setattr(GatewayJson, "request_id", noted)
    return ids


@pytest.fixture(params=[None, 7])
def application(request: pytest.FixtureRequest) -> Iterator[Application]:
    application = Application(Settings(demo=True, id_seed=request.param))
    yield application
    application.close()


def test_an_id_that_nobody_sees_is_generated_for_a_seed_alone(
    application: Application, drawn: list[str]
) -> None:
    client, is_seeded = Client(application), application.settings.id_seed is not None
    assert ask(client, "aitems").status_code == 201
    assert len(drawn) == is_seeded
    refused = ask(client, "aitems")
    assert len(drawn) == 1 + is_seeded
    assert json.loads(refused.data)["requestId"] == drawn[-1]
    assert len(set(drawn)) == len(drawn)


def test_every_request_counts_for_the_next_id_of_its_kind(drawn: list[str]) -> None:
    application = Application(Settings(demo=True, id_seed=7))
    unseen, *seen = [ask(Client(application), "aitems") for _ in range(3)]
    application.close()
    assert "requestId" not in json.loads(unseen.data)
    assert [json.loads(refused.data)["requestId"] for refused in seen] == drawn[1:]
    assert len(set(drawn)) == 3
