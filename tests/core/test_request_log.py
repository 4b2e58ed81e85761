"""A line in the log for each request: what it was, what came of it, and why it was refused."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from werkzeug.test import Client

from emulator import Settings, create_app
from emulator.core.worlds.request_log import RequestLog

LOGGER = "emulator.requests"


@pytest.fixture
def client() -> Iterator[Client]:
    application = create_app(Settings(auth="off", demo=True))
    yield Client(application)
    application.close()


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines without the milliseconds, which nobody knows before."""
    words = [record.getMessage().split(" ") for record in caplog.records if record.name == LOGGER]
    return [" ".join(word for word in each if not _is_decimal(word)) for each in words]


def _is_decimal(word: str) -> bool:
    return "." in word and word.replace(".", "").isdecimal()


def test_a_line_says_what_came_and_what_came_of_it(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        client.get("/coactive/api/v1/encoders", headers={"Host": "api.coactive.ai"})
        client.post("/aitems/api/v1/schemas", json={"name": "s"}, query_string={"token": "HUSH"})
        client.get("/pai/api/v1/datasets/d-none")
        client.get("/pai/nowhere")
        client.get("/_emulator/clock")
        client.post("/api/v1/datasets")
    assert lines(caplog) == [
        "GET /api/v1/encoders coactive ListAvailableEncoders 200 ms",
        "POST /api/v1/schemas aitems CreateSchema 400 ms /datasetType breaks required",
        "GET /api/v1/datasets/d-none pai GetDataset 404 ms NotFound:dataset",
        "GET /nowhere pai - 404 ms NoSuchRoute",
        "POST /api/v1/datasets - - 400 ms ProviderUnknown",
    ]
    assert "HUSH" not in caplog.text


def test_an_ordered_error_is_told_with_its_fault(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    order = {"match": {"provider": "coactive"}, "effect": {"error": "ErrorResponse"}}
    fault = client.post("/_emulator/faults", json=order).get_json()["id"]
    with caplog.at_level(logging.INFO, LOGGER):
        client.get("/coactive/api/v1/encoders", headers={"Host": "api.coactive.ai"})
    (line,) = lines(caplog)
    assert line.endswith(f" ms Fault {fault} ordered ErrorResponse")


def test_a_path_stays_on_its_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        client.get("/pai/a%0AINFO:%20forged%1B[31m" + "x" * 300)
    (line,) = lines(caplog)
    assert line.isprintable()
    assert line.startswith("GET /a\\nINFO: forged\\x1b[31mxxx")
    assert len(line) < 300


def test_of_many_alike_few_get_a_line(caplog: pytest.LogCaptureFixture) -> None:
    noted = RequestLog()

    def note(path: str) -> None:
        noted.note(method="GET", path=path, provider="pai", operation="GetDataset", status=200, duration_ms=1, rejection=None)  # fmt: skip

    with caplog.at_level(logging.INFO, LOGGER):
        for _ in range(150):
            note("/a")
        note("/b")
        note("/a")
    first = "GET /a pai GetDataset 200 ms"
    assert lines(caplog) == [
        *[first] * 5,
        f"{first} (the 10th in a row)",
        f"{first} (the 100th in a row)",
        "GET /b pai GetDataset 200 ms",
        first,
    ]


def test_nothing_is_made_for_a_log_that_nobody_reads(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, LOGGER):
        RequestLog().note(method="GET", path="/", provider=None, operation=None, status=400, duration_ms=0, rejection=None)  # fmt: skip
    assert lines(caplog) == []
