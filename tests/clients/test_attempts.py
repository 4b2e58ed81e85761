"""How often boto3 sends a call again, by the error it gets: what an error costs a client.

The numbers were measured with botocore against a server that answers the same errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import Any, NoReturn

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator import Settings, create_app
from emulator.core.errors.failures import InUse, QuotaExceeded, Throttled
from emulator.server.in_process import Listener
from emulator.testing import World
from emulator.testing.clients import connect
from tests.clients.instead import Perform, instead

MODES = ("legacy", "standard")


class OutOfOrder(Exception):
    """Not a failure anybody foresaw: the emulator's own, which becomes a 500."""


pytestmark = [
    pytest.mark.dataset_emulator(demo=False, allow_errors=True),
    pytest.mark.usefixtures("pauses"),
]


def retrying(mode: str) -> Config:
    return Config(retries={"mode": mode})


def always(error: Exception) -> Perform:
    def fail(*_: object) -> NoReturn:
        raise error

    return fail


@dataclass(frozen=True)
class Cost:
    """An error, how it looks to the client, and the attempts it costs in each mode."""

    error: Exception
    status: int
    code: str
    attempts: tuple[int, int]


def failing(client: Any, operation: str, **members: str) -> Any:
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**members)
    return caught.value.response


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "cost",
    [
        Cost(InUse("dataset", id="x"), 400, "ResourceInUseException", (1, 1)),
        Cost(QuotaExceeded("schemas", limit=500), 400, "LimitExceededException", (1, 3)),
        Cost(Throttled(), 400, "ThrottlingException", (5, 3)),
        Cost(OutOfOrder(), 500, "InternalFailure", (5, 3)),
    ],
    ids=lambda cost: cost.code,
)
def test_personalize(
    dataset_world: World, monkeypatch: pytest.MonkeyPatch, mode: str, cost: Cost
) -> None:
    instead(monkeypatch, "DescribeSchema", always(cost.error))
    arn = "arn:aws:personalize:us-east-1:123456789012:schema/s"
    client = dataset_world.client("personalize", config=retrying(mode))
    answer = failing(client, "describe_schema", schemaArn=arn)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == cost.status
    assert answer["Error"]["Code"] == cost.code
    assert dataset_world.requests.count() == cost.attempts[MODES.index(mode)]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "cost",
    [
        Cost(QuotaExceeded("projects", limit=1), 402, "ServiceQuotaExceededException", (1, 1)),
        Cost(Throttled(), 429, "ThrottlingException", (5, 3)),
        Cost(OutOfOrder(), 500, "InternalServerException", (5, 3)),
    ],
    ids=lambda cost: cost.code,
)
def test_lookoutvision(
    dataset_world: World, monkeypatch: pytest.MonkeyPatch, mode: str, cost: Cost
) -> None:
    instead(monkeypatch, "CreateProject", always(cost.error))
    client = dataset_world.client("lookoutvision", config=retrying(mode))
    answer = failing(client, "create_project", ProjectName="p")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == cost.status
    assert answer["Error"]["Code"] == cost.code
    journal = [dataset_world.requests.get(each["id"]) for each in dataset_world.requests.list()]
    assert len(journal) == cost.attempts[MODES.index(mode)]
    assert len({entry["request"]["headers"]["X-Amzn-Client-Token"] for entry in journal}) == 1
    assert answer.get("RetryAfterSeconds") == (None if cost.status == 402 else 1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("personalize", "list_recipes", {}),
        (
            "lookoutvision",
            "start_model",
            {"ProjectName": "p", "ModelVersion": "1", "MinInferenceUnits": 1},
        ),
    ],
)
def test_what_is_not_emulated_is_asked_for_once(
    dataset_world: World, service: str, operation: str, members: Mapping[str, str], mode: str
) -> None:
    answer = failing(dataset_world.client(service, config=retrying(mode)), operation, **members)
    assert answer["Error"]["Code"] == "NotImplementedException"
    assert dataset_world.requests.count() == 1


def test_a_client_gets_over_two_failures(
    dataset_world: World, personalize_client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count(1)

    def fail_twice(*call: Any) -> Any:
        if next(calls) <= 2:
            raise OutOfOrder
        return works(*call)

    works = instead(monkeypatch, "ListSchemas", fail_twice)
    assert personalize_client.list_schemas()["schemas"] == []
    assert [entry["status"] for entry in dataset_world.requests.list()] == [500, 500, 200]


def test_a_call_that_took_effect_unheard_is_replayed_by_its_token() -> None:
    """The answer to the first attempt is lost behind the emulator; the second one gets it.

    What loses it stands before an application of its own, which no world of the plugin has.
    """
    application, lost = create_app(Settings()), count(1)

    def losing(environ: Any, start_response: Any) -> Any:
        answer = b"".join(application(environ, start_response))
        if environ["PATH_INFO"].endswith("/datasets") and next(lost) == 1:
            start_response("500 Internal Server Error", [("Content-Length", "0")], True)
            return [b""]
        return [answer]

    listener = Listener(losing, "127.0.0.1", 0)
    listener.start()
    url, config = f"http://127.0.0.1:{listener.port}", retrying("standard")
    try:
        with closing(connect("lookoutvision", url, config=config)) as lookout:
            lookout.create_project(ProjectName="p")
            made = lookout.create_dataset(ProjectName="p", DatasetType="train")
    finally:
        listener.stop()
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert made["ResponseMetadata"]["RetryAttempts"] == 1
    assert [entry.status for entry in application.world.journal] == [200, 202, 202]
