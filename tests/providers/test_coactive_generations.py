"""Both generations of Coactive see one set of datasets: random walks lose and resurrect none."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.primitives.clock import SECOND
from emulator.settings import Settings

DATASETS = "/coactive/api/v1/datasets"
UNUSED = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
STEPS = 120


@dataclass
class Known:
    """What a walk knows of a dataset; `deleted` is when it was."""

    name: str
    deleted: int | None = None


@dataclass
class Walk:
    """A walk of one client, who speaks the earlier generation or the later one at each step."""

    application: Application
    chance: random.Random
    known: dict[str, Known] = field(default_factory=dict)
    now: int = 0

    def step(self) -> None:
        """Do something, and compare the outcome with what is known."""
        steps: list[Callable[[bool], None]] = [
            self.create, self.create, self.rename, self.delete, self.get, self.list, self.wait,
        ]  # fmt: skip
        self.chance.choice(steps)(self.chance.random() < 0.5)

    def create(self, earlier: bool) -> None:
        name = self.name()
        params = {"name": name} | ({} if earlier else {"encoder_name": "multimodal"})
        answer = self.ask("POST", "", earlier, json=params)
        if name in self.taken():
            assert answer.status_code == (400 if earlier else 409)
            return
        assert answer.status_code == 200, answer.text
        self.known[answer.get_json()["datasetId" if earlier else "id"]] = Known(name)

    def rename(self, earlier: bool) -> None:
        dataset_id, name = self.some(), self.name()
        answer = self.ask("PATCH", f"/{dataset_id}", earlier, json={"name": name})
        if dataset_id not in self.live():
            assert answer.status_code == 404
        elif name in self.taken() - {self.known[dataset_id].name}:
            assert answer.status_code == (400 if earlier else 409)
        else:
            assert answer.get_json()["name"] == name
            self.known[dataset_id].name = name

    def delete(self, earlier: bool) -> None:
        dataset_id = self.some()
        answer = self.ask("DELETE", f"/{dataset_id}", earlier)
        assert answer.status_code == (200 if dataset_id in self.live() else 404)
        if answer.status_code == 200:
            self.known[dataset_id].deleted = self.now

    def get(self, earlier: bool) -> None:
        dataset_id = self.some()
        answer = self.ask("GET", f"/{dataset_id}?include_deleted=true", earlier)
        known = self.known.get(dataset_id)
        gone = known and earlier and known.deleted is not None and self.now - known.deleted >= 2
        assert answer.status_code == (200 if known and not gone else 404)
        assert answer.get_json().get("name") == (known.name if known and not gone else None)

    def list(self, earlier: bool) -> None:
        skip, limit, deleted = self.chance.randrange(5), self.chance.randrange(1, 5), not earlier
        query = {"offset" if earlier else "skip": skip, "limit": limit, "include_deleted": deleted}
        answer = self.ask("GET", "", earlier, query_string=query).get_json()
        fitting = [each for each in self.known if deleted or each in self.live()]
        assert answer["meta"]["page"]["total"] == len(fitting)
        shown = [(each["datasetId" if earlier else "id"], each["name"]) for each in answer["data"]]
        wanted = fitting[skip : skip + limit]
        assert shown == [(each, self.known[each].name) for each in wanted]

    def wait(self, earlier: bool) -> None:
        seconds = self.chance.choice([1, 2, 20])
        self.application.world.clock.advance(seconds * SECOND)
        self.now += seconds

    def ask(self, method: str, path: str, earlier: bool, **request: Any) -> TestResponse:
        headers = {"Host": "app.coactive.ai" if earlier else "api.coactive.ai"}
        client = Client(self.application)
        return client.open(f"{DATASETS}{path}", method=method, headers=headers, **request)

    def live(self) -> set[str]:
        return {each for each, known in self.known.items() if known.deleted is None}

    def taken(self) -> set[str]:
        return {self.known[each].name for each in self.live()}

    def some(self) -> str:
        return self.chance.choice([*self.known, UNUSED])

    def name(self) -> str:
        return self.chance.choice("abcdef")


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(auth="off", strict=True, clock="frozen"))
    yield application
    application.close()


@pytest.mark.parametrize("seed", range(10))
def test_the_generations_agree_on_names_totals_and_what_is_deleted(
    application: Application, seed: int
) -> None:
    application.world.reset()
    walk = Walk(application, random.Random(seed))
    for _ in range(STEPS):
        walk.step()
    assert any(known.deleted is not None for known in walk.known.values())


def test_a_state_of_one_generation_loads_where_the_other_answers_everything() -> None:
    earlier = Application(
        Settings(auth="off", strict=True, switches={"coactive-generation": "old"})
    )
    later = Application(Settings(auth="off", strict=True, switches={"coactive-generation": "new"}))
    settings = {"keyframeSamplingMethod": "uniform"}
    made = Client(earlier).post(DATASETS, json={"name": "a b", "settings": settings}).get_json()
    later.world.restore(earlier.world.snapshot())
    shown = Client(later).get(f"{DATASETS}/{made['datasetId']}").get_json()
    assert (shown["name"], shown["keyframe_sampling_method"]) == ("a b", "uniform")
    assert shown["encoders"][0]["name"] == made["encoder"]
    for application in (earlier, later):
        application.close()
