"""The entries of Lookout for Vision datasets: bounds, and walks against a simple model."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from emulator.settings import Settings

DATASET = "/lookoutvision/2020-11-20/projects/demo-project/datasets"
TRAIN = f"{DATASET}/train"
MOST_BYTES = 10_485_760
MOST_IMAGES = 16_000
WALKS, STEPS = 40, 40
CLASSES = ("normal", "anomaly", "unknown")


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(auth="off", demo=True, strict=True, clock="frozen"))
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Client:
    application.world.reset()
    return Client(application)


def line(name: str, label: str, **more: str) -> str:
    return json.dumps(
        {
            "source-ref": f"s3://my-bucket/{name}.png",
            "anomaly-label": int(label == "anomaly"),
            "anomaly-label-metadata": {
                "class-name": label,
                "human-annotated": "yes",
                "type": "groundtruth/image-classification",
            },
            **more,
        },
        separators=(",", ":"),
    )


def create(client: Client) -> TestResponse:
    return client.post(DATASET, json={"DatasetType": "train"})


def update(client: Client, changes: bytes) -> TestResponse:
    text = base64.b64encode(changes).decode()
    return client.patch(f"{TRAIN}/entries", json={"Changes": text})


def described(client: Client) -> dict[str, Any]:
    description: dict[str, Any] = client.get(TRAIN).get_json()["DatasetDescription"]
    return description


def listed(client: Client) -> list[str]:
    """Every entry, page by page."""
    found: list[str] = []
    query: dict[str, str] | None = {"maxResults": "3"}
    while query:
        answer = client.get(f"{TRAIN}/entries", query_string=query).get_json()
        found += answer["DatasetEntries"]
        token = answer.get("NextToken")
        query = {"maxResults": "3", "nextToken": token} if token else None
    return found


def test_the_limit_of_changes_counts_decoded_bytes(client: Client) -> None:
    create(client)
    assert update(client, b" " * MOST_BYTES).status_code == 202
    refused = update(client, b" " * (MOST_BYTES + 1))
    assert refused.status_code == 400
    assert refused.get_json()["Message"] == (
        "1 validation error detected: Value at 'changes' failed to satisfy constraint: "
        "Member must have length less than or equal to 10485760"
    )


def test_a_training_dataset_takes_16000_images_and_no_more(
    application: Application, client: Client
) -> None:
    create(client)
    lines = [line(f"{number}", "normal") for number in range(MOST_IMAGES)]
    update(client, "\n".join(lines).encode())
    application.world.clock.advance(2 * SECOND)
    assert described(client)["ImageStats"]["Total"] == MOST_IMAGES
    update(client, line("one more", "normal").encode())
    application.world.clock.advance(2 * SECOND)
    assert described(client)["Status"] == "UPDATE_FAILED_ROLLBACK_COMPLETE"
    assert described(client)["ImageStats"]["Total"] == MOST_IMAGES


class Model:
    """What a dataset should show: the lines of the last update that went through."""

    def __init__(self) -> None:
        self.lines: dict[str, str] = {}
        self.coming: dict[str, str] | None = None
        self.done_at = 0

    def settle(self, now: int) -> None:
        if now >= self.done_at and self.coming is not None:
            for name in self.coming.keys() & self.lines.keys():
                del self.lines[name]
            self.lines |= self.coming
            self.coming = None

    def stats(self) -> dict[str, int]:
        found = Counter(
            json.loads(text)["anomaly-label-metadata"]["class-name"] for text in self.lines.values()
        )
        labeled = found["normal"] + found["anomaly"]
        counts = {"Total": len(self.lines), "Labeled": labeled}
        return {**counts, "Normal": found["normal"], "Anomaly": found["anomaly"]}


@pytest.mark.parametrize("seed", range(WALKS))
def test_entries_and_numbers_are_those_of_the_updates_that_went_through(
    application: Application, client: Client, seed: int
) -> None:
    draw, clock = random.Random(seed), application.world.clock
    create(client)
    model = Model()
    for _ in range(STEPS):
        step = draw.choice(("good", "good", "bad", "wait", "wait", "again"))
        busy = clock.now() < model.done_at
        if step == "wait":
            clock.advance(draw.choice((100_000, 700_000, 1_500_000)))
        elif step == "again" and not busy:
            assert client.delete(TRAIN).status_code == 202
            clock.advance(SECOND)
            create(client)
            model = Model()
        elif step in ("good", "bad"):
            names = draw.sample("abcdefgh", draw.randint(1, 4))
            coming = {name: line(name, draw.choice(CLASSES)) for name in names}
            lines = [*coming.values(), *(["{}"] if step == "bad" else [])]
            answer = update(client, "\n".join(lines).encode())
            assert answer.status_code == (409 if busy else 202)
            if not busy:
                model.coming = coming if step == "good" else None
                model.done_at = clock.now() + 3 * SECOND // 2
        model.settle(clock.now())
        assert listed(client) == list(model.lines.values())
        assert described(client)["ImageStats"] == model.stats()
