"""What the vendor answers of a resource that was put in a state, by a jump or by a document.

For every kind of every provider that has lifecycles. The model is worked out here from the
lengths of the states alone: when each is entered, and which of them count as an update.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import pytest

from emulator.core.contract.lifecycle import GONE, Lifecycle
from emulator.core.primitives.clock import SECOND, from_iso, to_iso
from tests.contract import catalogue
from tests.contract.vendor_reads import Looking, kinds, looking, states

MINUTE = 60 * SECOND
NOW = from_iso("2026-09-10T11:12:13Z")
SCALES = (0, 0.5, 1, None)
"""What the delays are multiplied by; None has no end."""
LENGTHS = (None, 0, 100)
"""Seconds that the state of a jump is to last; None is as its delays say."""


@dataclass
class Course:
    """When a resource enters the states of a lifecycle, from the first it is in."""

    life: Lifecycle
    first: int
    entered: dict[int, int]
    """Times by index; states that are never entered have none."""
    updated_at: int
    """When it was updated before."""
    first_counts: bool
    """Whether being put in the first state is an update, if the state is one that counts."""

    def index(self, now: int) -> int:
        return max(index for index, time in self.entered.items() if time <= now)

    def updated(self, now: int) -> int:
        """Tell when it was last updated."""
        counting = [i for i in self.entered if i > self.first or self.first_counts]
        return max(
            [self.updated_at]
            + [
                self.entered[i]
                for i in counting
                if self.life.states[i].touches_updated_at and self.entered[i] <= now
            ]
        )

    @property
    def settles_at(self) -> int | None:
        return self.entered.get(len(self.life.states) - 1)

    @property
    def moments(self) -> list[int]:
        """The times at which to look: when a state is entered, and just before."""
        return sorted({NOW, *(time - less for time in self.entered.values() for less in (0, 1))})


@dataclass
class Told:
    """What a vendor tells of updates, and how far its local time is ahead of UTC, in seconds."""

    follows: bool
    """Whether any state of the kind counts as an update; what else is told does not change."""
    found: set[int] = field(default_factory=set)

    def check(self, told: int, time: int) -> None:
        """Compare what is told with a time, to the second: some vendors tell no more."""
        if not self.follows:
            time = 0
        self.found.add(told // SECOND - time // SECOND)
        assert len(self.found) == 1, self.found
        [ahead] = self.found
        if self.follows:
            assert ahead % (15 * 60) == 0
            assert abs(ahead) <= 14 * 3600


def after_jump(
    life: Lifecycle, index: int, scale: float | None, seconds: float | None, updated_at: int
) -> Course:
    """Work out how it goes on from a jump at `NOW`."""
    entered = {index: NOW}
    pace = scale or (None if seconds is None else 1)  # what has no delays stays
    for following in range(index + 1, len(life.states)):
        length = life.begins[following] - life.begins[following - 1]
        if following == index + 1 and seconds is not None:
            entered[following] = NOW + int(seconds * SECOND)
        elif pace is not None:
            entered[following] = entered[following - 1] + int(length * pace)
    return Course(life, index, entered, updated_at, first_counts=True)


def from_document(life: Lifecycle, min_state: int, scale: float | None, begun: int = NOW) -> Course:
    """Work out how it goes on from a document of a resource that is in a state for some time."""
    entered = {min_state: begun}
    for following in range(min_state + 1, len(life.states)):
        if scale is not None:
            entered[following] = begun + int(
                (life.begins[following] - life.begins[min_state]) * scale
            )
    return Course(life, min_state, entered, NOW - 20 * MINUTE, first_counts=False)


def document_with(look: Looking, **members: Any) -> dict[str, Any]:
    """Give the state of the world where the clock shows `NOW` and the resource is otherwise."""
    look.world.clock.advance(3600 * SECOND)  # nothing else is under way any more
    document = copy.deepcopy(dict(look.world.snapshot()))
    document["clock"] = {"mode": "frozen", "now": NOW}
    kept = document["providers"][look.resource.provider]["resources"]
    named = (look.resource.scope, look.resource.kind, look.resource.id)
    [row] = [row for row in kept if (row["scope"], row["kind"], row["id"]) == named]
    row |= {"created_at": NOW - 40 * MINUTE, "updated_at": NOW - 20 * MINUTE, **members}
    del row["settles_at"], row["began_at"]
    return document


def row_of(look: Looking, document: Any) -> dict[str, Any]:
    kept = document["providers"][look.resource.provider]["resources"]
    named = (look.resource.scope, look.resource.kind, look.resource.id)
    return next(row for row in kept if (row["scope"], row["kind"], row["id"]) == named)


def check(look: Looking, course: Course, told: Told) -> None:
    """Compare what control API and vendor say with the model, at every turn of the course."""
    resource, last = look.resource, len(course.life.states) - 1
    if course.settles_at is not None:
        assert max(look.world.resources.settles_at(), NOW) == max(course.settles_at, NOW)
    for moment in (each for each in course.moments if each >= NOW):
        look.world.clock.set(now=moment)
        index = course.index(moment)
        state = course.life.states[index]
        views = [view for view in look.views if view.row.id == resource.id and view.row.scope == resource.scope]  # fmt: skip
        if state is GONE:
            assert views == []
            continue
        assert [view.state for view in views] == [state]
        begun = [course.entered.get(index) for index in range(course.first, last + 1)]
        assert [at for _, at in views[0].entry.course()] == begun
        assert views[0].next_at == (None if index == last else course.entered.get(index + 1))
        if look.look.state:
            name, time = look.shown()
            assert name == state.name
            if time is not None:
                told.check(time, course.updated(moment))


JUMPS = [(provider, kind) for provider, kind in kinds() if states(provider, kind)]
"""The kinds whose states have names; the others cannot be put in one."""


@pytest.mark.parametrize(("provider", "kind"), JUMPS)
def test_after_a_jump_the_vendor_tells_the_state_and_since_when(provider: str, kind: str) -> None:
    look, lives = looking(provider, kind), catalogue.contracts()[provider].lifecycles[kind]
    told = Told(any(state.touches_updated_at for life in lives.values() for state in life.states))
    path = f"/_emulator/resources/{provider}/{kind}/{look.resource.id}/state"
    assert look.look.state, "no case shows its states"
    for scale in SCALES:
        begun = NOW - 17 * MINUTE
        document = document_with(
            look, lifecycle="create", min_state=0, delay_scale=scale, entered_at=begun
        )
        updated_at = from_document(lives["create"], 0, scale, begun).updated(NOW)
        for name, seconds in product(states(provider, kind), LENGTHS):
            look.world.restore(document)
            life = next(life for life in lives.values() if name in [s.name for s in life.states])
            params = {"state": name} | ({} if seconds is None else {"seconds": seconds})
            answer = look.runner.client.put(path, json=params)
            assert answer.status_code == 200, answer.get_json()
            index = [state.name for state in life.states].index(name)
            check(look, after_jump(life, index, scale, seconds, updated_at), told)
    assert told.found or not look.look.tells_time


@pytest.mark.parametrize(("provider", "kind"), kinds())
def test_after_a_document_the_vendor_tells_the_state_and_since_when(
    provider: str, kind: str
) -> None:
    look, lives = looking(provider, kind), catalogue.contracts()[provider].lifecycles[kind]
    told = Told(any(state.touches_updated_at for life in lives.values() for state in life.states))
    for name, life in lives.items():
        named = [state for state in life.states if state is not GONE]
        for min_state, scale in product(range(len(named)), SCALES):
            course = from_document(life, min_state, scale)
            begun = NOW - int(life.begins[min_state] * (scale or 0))
            members = {
                "lifecycle": name,
                "min_state": min_state,
                "delay_scale": scale,
                "entered_at": begun,
            }
            look.world.restore(document_with(look, **members))
            written = row_of(look, json.loads(json.dumps(look.world.snapshot())))
            settles_at = course.settles_at
            assert written["settles_at"] == (None if settles_at is None else to_iso(settles_at))
            assert (written["min_state"], written["delay_scale"]) == (min_state, scale)
            check(look, course, told)
    assert told.found or not look.look.tells_time
