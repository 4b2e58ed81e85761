"""Clocks, faults, worlds and creations in any order, against a model of a few lines."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from emulator.core.primitives.clock import SECOND, to_iso
from tests.contract import catalogue

START = 1_774_656_000 * SECOND
STATES = [(0, "CREATE PENDING"), (SECOND // 2, "CREATE IN_PROGRESS"), (3 * SECOND // 2, "ACTIVE")]
"""The states of a dataset group, each with the age at which it begins."""
SETTLED = STATES[-1][0]
CODES = {"ThrottlingException": 400, "InternalFailure": 500, "ServiceUnavailable": 503}

WORLDS = st.sampled_from(["default", "a"])
NAMES = st.sampled_from(["g1", "g2", "g3"])
SPANS = st.sampled_from([0, SECOND // 4, SECOND // 2, SECOND, 10 * SECOND])
Wish = tuple[str, int | None, int | None, int | None]
FAULTS = st.tuples(
    st.sampled_from(list(CODES)),
    st.none() | st.integers(1, 2),
    st.none() | st.integers(1, 3),
    st.none() | SPANS,
)
"""A code, how many times, the n-th only, and for how long."""


@dataclass
class Ordered:
    """What the model knows of a fault."""

    code: str
    times: int | None
    nth: int | None
    until: int | None
    matched: int = 0
    applied: int = 0

    def is_in_force(self, now: int) -> bool:
        return self.applied != self.times and (self.until is None or now < self.until)


@dataclass
class Model:
    """What the model knows of a world."""

    now: int = START
    groups: dict[str, int] = field(default_factory=dict)
    """When each was created."""
    faults: list[Ordered] = field(default_factory=list)

    def struck(self) -> str | None:
        """Count a request, and give the code of the first fault that strikes it."""
        struck = None
        for fault in self.faults:
            if fault.is_in_force(self.now):
                fault.matched += 1
                if struck is None and fault.nth in (None, fault.matched):
                    fault.applied += 1
                    struck = fault.code
        return struck

    def states(self) -> dict[str, str]:
        """Tell the state of each group by its age."""
        return {
            name: [state for begins, state in STATES if begins <= self.now - born][-1]
            for name, born in self.groups.items()
        }


class Commanding(RuleBasedStateMachine):
    """Does the same to an emulator and to the model; after each step both look alike."""

    @initialize()
    def begin(self) -> None:
        self.application = Application(Settings(clock="frozen", strict=True), lambda: START * 1000)
        self.client = Client(self.application)
        self.worlds = {"default": Model()}

    def teardown(self) -> None:
        if hasattr(self, "application"):
            self.application.close()

    def command(self, world: str, method: str, path: str, document: object) -> object:
        """Command a world, which is there from then on."""
        self.worlds.setdefault(world, Model())
        answer = self.client.open(f"/w/{world}/_emulator/{path}", method=method, json=document)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def told(self, world: str, path: str) -> object:
        return self.client.get(f"/w/{world}/_emulator/{path}").get_json()

    @rule(world=WORLDS, names=st.lists(NAMES, min_size=1, max_size=4))
    def create(self, world: str, names: list[str]) -> None:
        for name in names:
            self.create_one(world, name)

    def create_one(self, world: str, name: str) -> None:
        model = self.worlds.setdefault(world, Model())
        example = catalogue.contracts()["personalize"].seed["example"]["headers"]
        answer = self.client.post(
            f"/w/{world}/personalize/",
            headers={**example, "X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"},
            data=json.dumps({"name": name}),
        )
        code = model.struck()
        if code is None and name in model.groups:
            code = "ResourceAlreadyExistsException"
        if code is None:
            model.groups[name] = model.now
        told = answer.get_json(force=True).get("__type")
        assert (answer.status_code, told) == (200 if code is None else CODES.get(code, 400), code)

    @rule(world=WORLDS, micros=SPANS)
    def advance(self, world: str, micros: int) -> None:
        self.command(world, "POST", "clock/advance", {"seconds": micros / SECOND})
        self.worlds[world].now += micros

    @rule(world=WORLDS)
    def settle(self, world: str) -> None:
        self.command(world, "POST", "clock/advance", {"until": "settled"})
        model = self.worlds[world]
        model.now = max([model.now, *(born + SETTLED for born in model.groups.values())])

    @rule(world=WORLDS, micros=SPANS)
    def set_clock(self, world: str, micros: int) -> None:
        """Later or earlier than it was, but not earlier than anything there is."""
        model = self.worlds.setdefault(world, Model())
        model.now = max([START, *model.groups.values()]) + micros
        self.command(world, "PUT", "clock", {"now": to_iso(model.now)})

    @rule(world=WORLDS, requests_=st.lists(FAULTS, min_size=1, max_size=3))
    def order(self, world: str, requests_: list[Wish]) -> None:
        for code, times, nth, lasts in requests_:
            match = {"provider": "personalize"} | ({} if nth is None else {"nth": nth})
            params: dict[str, object] = {"match": match, "effect": {"error": code}, "times": times}
            params |= {} if lasts is None else {"expires_in": lasts / SECOND}
            self.command(world, "POST", "faults", params)
            model = self.worlds[world]
            until = None if lasts is None else model.now + lasts
            model.faults.append(Ordered(code, times, nth, until))

    @rule(world=WORLDS)
    def take_back(self, world: str) -> None:
        self.command(world, "DELETE", "faults", {})
        self.worlds[world].faults.clear()

    @rule(world=WORLDS)
    def reset(self, world: str) -> None:
        self.command(world, "POST", "reset", {})
        self.worlds[world] = Model()

    @rule(world=WORLDS)
    def drop(self, world: str) -> None:
        answer = self.client.delete(f"/_emulator/worlds/{world}", json={})
        assert answer.status_code == (200 if world in self.worlds else 404)
        self.worlds.pop(world, None)
        self.worlds = {"default": Model()} | self.worlds

    @invariant()
    def both_look_alike(self) -> None:
        listed = self.client.get("/_emulator/worlds").get_json()["worlds"]
        assert [each["name"] for each in listed] == list(self.worlds)
        for world, model in self.worlds.items():
            assert self.told(world, "clock") == {"mode": "frozen", "now": to_iso(model.now), "speed": 1.0}  # fmt: skip
            found = self.client.get(f"/w/{world}/_emulator/resources?kind=dataset-group")
            states = {each["name"]: each["state"] for each in found.get_json()["resources"]}
            assert states == model.states()
            faults = self.client.get(f"/w/{world}/_emulator/faults").get_json()["faults"]
            assert [(each["matched"], each["applied"]) for each in faults] == [
                (each.matched, each.applied) for each in model.faults
            ]


TestCommanding = Commanding.TestCase
TestCommanding.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
