"""Names that say what is to become of what they name."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from emulator import Settings, create_app
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.pipeline.name_suffixes import outcome_from_name
from emulator.core.primitives.clock import SECOND
from tests.contract import catalogue


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("clicks--fails", Outcome(fails=True)),
        ("clicks__fails", Outcome(fails=True)),
        ("a--manual", Outcome(mode="manual")),
        ("a--immediate", Outcome(mode="immediate")),
        ("a--timed", Outcome(mode="timed")),
        ("a--stays-30", Outcome(hold=30 * SECOND)),
        ("a__stays_5", Outcome(hold=5 * SECOND)),
        ("fails", DEFAULT_OUTCOME),
        ("a-fails", DEFAULT_OUTCOME),
        ("a--fails-not", DEFAULT_OUTCOME),
        ("a--stays", DEFAULT_OUTCOME),
        ("", DEFAULT_OUTCOME),
    ],
)
def test_the_ending_of_a_name_asks_for_an_outcome(name: str, outcome: Outcome) -> None:
    for member in ("name", "Name", "jobName", "ProjectName"):
        assert outcome_from_name({member: name, "description": "x--manual"}) == outcome


@pytest.mark.parametrize(
    "document", [None, [], "a--fails", {"schemaName": "a--fails"}, {"name": 1}]
)
def test_nothing_else_asks_for_one(document: object) -> None:
    assert outcome_from_name(document) == DEFAULT_OUTCOME


@pytest.mark.parametrize(("on", "states"), [(True, {"CREATE FAILED"}), (False, {"ACTIVE"})])
def test_names_count_only_where_that_was_switched_on(on: bool, states: set[str]) -> None:
    settings = Settings(outcomes_in_names=on, demo=True, clock="frozen", strict=True)
    application = create_app(settings)
    client, example = Client(application), catalogue.contracts()["personalize"].seed["example"]
    body = {**example["body"], "name": "clicks--fails"}
    assert client.post("/personalize/", headers=example["headers"], json=body).status_code == 200
    client.post("/_emulator/clock/advance", json={"until": "settled"})
    found = client.get("/_emulator/resources?provider=personalize&kind=dataset").get_json()
    assert {each["state"] for each in found["resources"]} == states
    application.close()
