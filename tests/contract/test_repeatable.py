"""The same seed and a clock that stands still give the same answers, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import estate
from tests.contract.signing import NOW, Sent, send

REQUESTS = [
    (name, Sent(
        method=example["method"],
        target=f"/{name}{example['path']}",
        headers=example["headers"],
        body=json.dumps(example["body"]).encode(),
    ))
    for name, contract in estate.contracts().items()
    for example in [contract.seed["example"]]
]  # fmt: skip


@contextmanager
def emulator(seed: int) -> Iterator[Application]:
    nanoseconds = int(NOW.timestamp()) * 10**9
    settings = Settings(demo=True, clock="frozen", strict=True, id_seed=seed)
    application = Application(settings, wall=lambda: nanoseconds)
    yield application
    application.close()


def answers(
    application: Application, requests: Iterable[tuple[str, Sent]], world: str = ""
) -> dict[str, tuple[int, str]]:
    prefix = f"/w/{world}" if world else ""
    return {
        name: send(application, Sent(
            method=sent.method, target=prefix + sent.target, headers=sent.headers, body=sent.body
        ))
        for name, sent in requests
    }  # fmt: skip


def test_two_runs_give_the_same_bytes() -> None:
    with emulator(7) as one, emulator(7) as other:
        first = answers(one, REQUESTS)
        assert all(status < 300 for status, _ in first.values())
        assert answers(other, REQUESTS) == first


def test_the_order_of_requests_does_not_matter() -> None:
    with emulator(7) as one, emulator(7) as other:
        assert answers(one, REQUESTS) == answers(other, reversed(REQUESTS))


def test_a_reset_starts_over() -> None:
    with emulator(7) as one:
        first = answers(one, REQUESTS)
        one.world.reset()
        assert answers(one, REQUESTS) == first


def test_another_seed_and_another_world_give_other_ids() -> None:
    with emulator(7) as one, emulator(8) as other:
        first = answers(one, REQUESTS)
        for again in (answers(other, REQUESTS), answers(one, REQUESTS, world="second")):
            assert again["pai"] != first["pai"]
            assert again["aitems"] != first["aitems"]
            assert again["coactive"] != first["coactive"]
            assert again["personalize"] == first["personalize"]  # an ARN is made of names
