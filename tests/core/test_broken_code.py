"""What happens if the code of a provider that the emulator is installed with cannot be used."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.catalogue import Entry, ProviderError
from emulator.commands.validate import Validation
from emulator.core.contract.files import ContractError
from emulator.core.pipeline.provider import Provider
from emulator.settings import Settings

BROKEN = "aitems"
LOAD = Entry.load


def cannot_be_imported(entry: Entry) -> Provider:
    return LOAD(replace(entry, module="emulator.nothing") if entry.name == BROKEN else entry)


def handles_nothing(entry: Entry) -> Provider:
    provider = LOAD(entry)
    return replace(provider, handlers={}) if entry.name == BROKEN else provider


def has_no_scheme(entry: Entry) -> Provider:
    provider = LOAD(entry)
    return replace(provider, schemes={}) if entry.name == BROKEN else provider


FAULTS: dict[str, tuple[Callable[[Entry], Provider], str]] = {
    "cannot be imported": (cannot_be_imported, "aitems: cannot load emulator.nothing:PROVIDER: "),
    "handles nothing": (handles_nothing, "aitems/service.json: /operations/"),
    "has no scheme": (has_no_scheme, "aitems/service.json: /credentials: there is no scheme "),
}


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Break the code of a provider; returns how the line about it begins."""
    load, line = FAULTS[request.param]
    monkeypatch.setattr(Entry, "load", load)
    return line


@pytest.fixture
def application(fault: str) -> Iterator[Application]:
    application = Application(Settings())
    yield application
    application.close()


def test_requests_get_the_vendors_500_and_the_log_a_line(
    application: Application, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    client, row = Client(application), application.contracts[BROKEN].row("InternalError")
    assert row is not None
    for path in ("/api/v1/datasets", "/api/v1/datasets/a"):
        answer = client.get(f"/{BROKEN}{path}")
        assert answer.status_code == row["status"] == 500
        assert answer.get_json() == {"error": row["code"], "message": row["text"]}
    (record,) = caplog.records
    assert record.getMessage().startswith(fault)
    assert (record.levelno, record.exc_info) == (logging.ERROR, None)
    assert "\n" not in record.getMessage()
    journal = [entry.status for entry in application.world.journal]
    assert journal == [500, 500]


def test_a_route_that_it_has_not_got_is_a_404(application: Application) -> None:
    assert Client(application).get(f"/{BROKEN}/nothing").status_code == 404


def test_the_other_providers_and_the_control_api_are_served(application: Application) -> None:
    client = Client(application)
    assert client.get("/_emulator/clock").status_code == 200
    assert client.get("/coactive/api/v1/datasets").status_code == 401


def test_validate_finds_it_and_so_does_whoever_does_not_trust(fault: str) -> None:
    assert [line for line in Validation(None).faults() if line.startswith(fault)]
    with pytest.raises((ProviderError, ContractError), match=fault):
        Application(Settings(), trusting=False)


def test_an_overlay_has_the_code_checked_at_the_start(fault: str, tmp_path: Path) -> None:
    with pytest.raises((ProviderError, ContractError), match=fault):
        Application(Settings(schemas=str(tmp_path)))
