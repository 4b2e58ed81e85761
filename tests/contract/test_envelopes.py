"""Every row of errors.json has the shape that it names: `<envelope>.error.json`."""

from __future__ import annotations

import json
from functools import partial
from unittest.mock import Mock

import pytest
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.contract.model import Contract
from emulator.core.errors.failures import Ordered
from emulator.core.errors.rendering import render
from emulator.core.http.exchange import Exchange, Request, Response
from emulator.settings import Settings
from tests.contract import catalogue

LAYERED = [contract for contract in catalogue.variants().values() if contract.layers]
ROWS = [
    pytest.param(contract, row, id="-".join((contract.provider, *contract.layers, row)))
    for contract in (*catalogue.contracts().values(), catalogue.control(), *LAYERED)
    for row in contract.failures
]


def ordered(contract: Contract, row: str, message: str | None) -> tuple[str, Response]:
    """Order the error of a row, with a message if given; return the name of its envelope and the response."""
    operation = next(each for each in contract.operations.values() if each.emulated)
    request = Request(
        method=operation.method,
        target=operation.path,
        prefix="",
        path=operation.path,
        query=(),
        headers={},
        parameters={},
        peer="",
        body=b"{}",
    )
    protocol = catalogue.protocol_of(contract)
    exchange = Exchange(
        contract=contract,
        operation=operation,
        request=request,
        request_id_for=lambda _: protocol.request_id(Mock(**IDENTIFIERS), "a test"),
        arrived=0,
        world=Mock(),
    )
    failure = Ordered(
        row,
        fault="1",
        operation=operation,
        document={},
        known={"account": "1", "region": "r", "caller": "c", "partition": "p", "page": "/page"},
        limits={},
        message=message,
    )
    error = render(failure, contract, partial(protocol.describe, exchange))
    return error.envelope, protocol.failure(exchange, error)


IDENTIFIERS = {
    "uuid.return_value": "1CC71C91-3A0B-5D5C-9B0E-7E3A5C2F0B11",
    "hex.return_value": "3fd67b58",
}


@pytest.mark.parametrize(("contract", "row"), ROWS)
@pytest.mark.parametrize("message", [None, "Not today"])
def test_an_ordered_failure_fits_the_envelope_of_its_row(
    contract: Contract, row: str, message: str | None
) -> None:
    envelope, response = ordered(contract, row, message)
    is_json = "json" in dict(response.headers)["Content-Type"]
    body = response.body.decode()
    assert contract.envelopes(envelope).violations(json.loads(body) if is_json else body) == []
    assert message is None or message in body


def test_every_envelope_is_named_by_a_row() -> None:
    for contract in (*catalogue.contracts().values(), catalogue.control()):
        folder = catalogue.SCHEMAS / contract.provider
        files = {file.name.removesuffix(".error.json") for file in folder.glob("*.error.json")}
        assert files == set(contract.envelope_names)


@pytest.mark.parametrize("provider", catalogue.contracts())
def test_strict_mode_replaces_an_error_that_breaks_its_envelope(
    provider: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    contract = catalogue.contracts()[provider]
    client = Client(Application(Settings(strict=True)))
    kind = type(catalogue.protocol_of(contract))
    failure = kind.failure

    def broken(self: object, exchange: Exchange, error: object) -> Response:
        response = failure(self, exchange, error)  # type: ignore[arg-type]
        if response.status >= 500:
            return response
        headers = [("Content-Type", "application/json")]
        return Response(status=response.status, headers=headers, body=b'{"oops": 1}')

    assert client.get(f"/{provider}/nowhere").status_code in (403, 404, 405)
    assert not caplog.records
    monkeypatch.setattr(kind, "failure", broken)
    assert client.get(f"/{provider}/nowhere").status_code == 500
    assert "the error breaks" in caplog.text
