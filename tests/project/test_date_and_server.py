"""The headers that a server adds by itself: the date is the emulator's, and none names software."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from emulator import Emulator, Settings
from tests.contract import catalogue
from tests.project.served import served

MOMENT = "2031-02-03T04:05:06Z"
DATE = "Mon, 03 Feb 2031 04:05:06 GMT"


@pytest.fixture(scope="module", params=["served", "in this process"])
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "served":
        with served("--port", "0", "--demo") as emulator:
            yield emulator.base
    else:
        with Emulator(Settings(port=0, demo=True)) as emulator:
            yield emulator.endpoints.base


@pytest.mark.parametrize("provider", catalogue.contracts())
@pytest.mark.parametrize("path", [None, "/no/such/route"], ids=["success", "failure"])
def test_an_answer_has_the_date_of_the_clock_and_no_name_of_a_server(
    base: str, provider: str, path: str | None
) -> None:
    clock = {"mode": "frozen", "now": MOMENT}
    requests.put(f"{base}/_emulator/clock", json=clock, timeout=10).raise_for_status()
    requests.post(f"{base}/_emulator/reset", json={"provider": provider}, timeout=10)
    example = catalogue.contracts()[provider].seed["example"]
    answer = requests.post(
        f"{base}/{provider}{path or example['path']}",
        headers=example["headers"],
        json=example["body"],
        timeout=10,
    )
    assert answer.ok is (path is None), answer.text
    assert answer.headers["Date"] == DATE
    assert "Server" not in answer.headers
