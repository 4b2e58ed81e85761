"""The same seed and a clock that stands still give the same answers, byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from emulator.app import Application
from emulator.settings import Settings
from tests.contract import catalogue
from tests.contract.answers import Whole, request_ids
from tests.contract.signing import NOW, Sent, send

REQUESTS = [
    (name, Sent(
        method=example["method"],
        target=f"/{name}{example['path']}",
        headers=example["headers"],
        body=json.dumps(example["body"]).encode(),
    ))
    for name, contract in catalogue.contracts().items()
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


# ---- every header and byte, in any order and in any process

NAMES = ["n_0", "n_1"]
CREATIONS = {
    "personalize": ("CreateDatasetGroup", "name"),
    "lookoutvision": ("/2020-11-20/projects", "ProjectName"),
    "pai": (None, "Name"),
    "aitems": (None, "name"),
    "coactive": (None, "name"),
}
"""By provider what creates something with any name, where it is not the example, and its name."""


def creation(provider: str, name: str) -> Sent:
    """A request that creates something; the same one again is refused or creates another."""
    example, (place, member) = catalogue.contracts()[provider].seed["example"], CREATIONS[provider]
    path, headers = example["path"], example["headers"]
    if place and place.startswith("/"):
        path = place
    elif place:
        headers = {**headers, "X-Amz-Target": f"AmazonPersonalize.{place}"}
    body = {member: name} if place else {**example["body"], member: name}
    target = f"/{provider}{path}"
    return Sent(method="POST", target=target, headers=headers, body=json.dumps(body).encode())


CREATED = [(provider, name) for provider in CREATIONS for name in NAMES for _ in range(2)]
"""Every name twice, in every provider."""


def whole(client: Client, sent: Sent) -> Whole:
    """Give all there is of an answer."""
    answer = client.open(sent.target, method=sent.method, headers=sent.headers, data=sent.body)
    return answer.status_code, dict(answer.headers), answer.get_data()


def lived(order: Iterable[tuple[str, str]]) -> dict[str, list[Whole]]:
    """Send creations in an order; give the answers to each, in the order they came in."""
    answers: dict[str, list[Whole]] = {}
    with emulator(7) as application:
        client = Client(application)
        for provider, name in order:
            told = whole(client, creation(provider, name))
            answers.setdefault(f"{provider}/{name}", []).append(told)
            answers.setdefault(provider, []).append(told)
    return answers


@cache
def in_order() -> dict[str, list[Whole]]:
    return lived(CREATED)


def test_the_same_requests_get_the_same_headers_and_bytes_request_ids_included() -> None:
    again = lived(CREATED)
    assert again == in_order()
    for provider in CREATIONS:
        first, second = again[f"{provider}/n_0"]
        assert (first[0] < 300, second[0] < 300) == (True, False), provider
        assert bool(request_ids(first)) == (provider in ("personalize", "lookoutvision", "pai"))


@settings(max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(order=st.permutations(CREATED))
def test_no_order_of_requests_changes_an_answer(order: list[tuple[str, str]]) -> None:
    """Ids are of names, those of requests of what is asked for, and of how often that was."""
    shuffled = lived(order)
    for each in in_order().keys() - CREATIONS:
        assert shuffled[each] == in_order()[each]


def test_a_request_has_another_id_in_another_world() -> None:
    with emulator(7) as one:
        client, sent = Client(one), creation("personalize", "n")
        first = request_ids(whole(client, sent))
        assert first != request_ids(whole(client, replace(sent, target=f"/w/a{sent.target}")))


def test_no_process_answers_otherwise() -> None:
    """Whatever the seed of Python's own hashes."""
    code = "from tests.contract import test_repeatable as t; print(repr(t.in_order()))"
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd=Path(__file__).parents[2],
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1] == f"{in_order()!r}\n"
