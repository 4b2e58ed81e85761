"""An entry into a lifecycle tells its states, their times and its end; a row holds it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.contract.lifecycle import GONE, NEVER, parse
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.keys import Key
from emulator.core.storage.repository import short
from emulator.core.storage.rows import LifecycleEntry, Lifecycles, ResourceRow

CREATE = parse(
    {
        "states": [
            {"state": "PENDING", "phase": "pending", "seconds": 1},
            {"state": "RUNNING", "phase": "running", "seconds": 2},
            {"state": "ACTIVE", "phase": "ready", "touchesUpdatedAt": True},
        ]
    }
)
DELETE = parse(
    {"states": [{"state": "DELETING", "phase": "deleting", "seconds": 1}], "thenDeleted": True}
)
LIFECYCLES: Lifecycles = {"dataset": {"create": CREATE, "delete": DELETE}}
KEY = Key("default", "one", "1/r", "dataset", "d")
START = 1000 * SECOND

scales = st.sampled_from([0, 0.5, 1, 3, 1e100, math.inf])
names = st.sampled_from(["create", "delete"])


def entry(name: str = "create", scale: float = 1, min_state: int = 0) -> LifecycleEntry:
    return LifecycleEntry(
        name=name,
        lifecycle=LIFECYCLES["dataset"][name],
        scale=scale,
        entered_at=START,
        began_at=START,
        min_state=min_state,
    )


def test_states_their_ends_and_updates_are_told_by_the_time() -> None:
    made = entry()
    looks = [(0, "PENDING"), (1, "RUNNING"), (2.5, "RUNNING"), (3, "ACTIVE"), (9, "ACTIVE")]
    for seconds, state in looks:
        assert made.state_at(START + int(seconds * SECOND))[0].name == state
    assert [made.next_at(START + n * SECOND) for n in (0, 1, 3)] == [START + SECOND, START + 3 * SECOND, None]  # fmt: skip
    assert made.state_at(START + 2 * SECOND)[1] is None
    assert made.state_at(START + 9 * SECOND)[1] == START + 3 * SECOND
    assert (made.settles_at, made.gone_at) == (START + 3 * SECOND, None)


def test_a_lifecycle_that_ends_tells_when_the_resource_is_gone() -> None:
    made = entry("delete")
    assert (made.settles_at, made.gone_at) == (START + SECOND, START + SECOND)
    assert made.state_at(START + SECOND)[0] is GONE
    assert [at for _, at in made.course()] == [START, START + SECOND]
    assert entry("delete", math.inf).gone_at == NEVER


def test_what_is_held_in_its_last_state_has_settled() -> None:
    assert entry(scale=math.inf).settles_at == NEVER
    assert entry(scale=math.inf, min_state=2).settles_at == START


def test_the_course_begins_with_the_first_state_and_has_no_time_for_what_never_comes() -> None:
    course = [(state.name, at) for state, at in entry(scale=math.inf, min_state=1).course()]
    assert course == [("RUNNING", START), ("ACTIVE", None)]


@given(names, scales, st.integers(0, 1), st.integers(-5, 10**13))
def test_the_state_is_the_last_of_the_course_that_has_begun(
    name: str, scale: float, min_state: int, age: int
) -> None:
    made, now = entry(name, scale, 0 if name == "delete" else min_state), START + age
    begun = [state for state, at in made.course() if at is not None and at <= max(now, START)]
    assert made.state_at(now)[0] in (begun[-1], made.lifecycle.states[made.min_state])
    following = made.next_at(now)
    assert following is None or following > now
    assert (made.settles_at <= now) >= (following is None and scale < 1e9)


@given(names, scales, st.integers(0, 1))
def test_a_row_gives_back_the_entry_it_was_made_of(name: str, scale: float, min_state: int) -> None:
    made = entry(name, scale, 0 if name == "delete" else min_state)
    row = ResourceRow.new(KEY, made, body="{}", created_at=START)
    assert (row.key, row.version, row.updated_at, row.parent) == (KEY, 1, START, None)
    again = row.entry(LIFECYCLES)
    assert list(again.course()) == list(made.course())
    assert (again.settles_at, again.gone_at) == (row.settles_at, row.gone_at)
    assert again.columns() == made.columns()


def test_a_row_that_changes_keeps_what_is_not_said() -> None:
    row = ResourceRow.new(KEY, entry(), body="{}", created_at=START, parent="p")
    changed = row.changed(updated_at=START + 1, entry=entry("delete"))
    assert (changed.parent, changed.body, changed.version) == ("p", "{}", 2)
    assert (changed.lifecycle, changed.gone_at) == ("delete", START + SECOND)
    assert [changed.exists_at(START + age) for age in (0, SECOND)] == [True, False]
    assert row.changed(updated_at=5).settles_at == row.settles_at


def test_a_kind_without_lifecycles_is_always_ready() -> None:
    row = ResourceRow.new(KEY, entry(), body="{}", created_at=START)
    assert row.entry({}).state_at(0)[0].phase == "ready"


@pytest.mark.parametrize("text", ["x" * 200, "x" * 201, "é" * 51, "\ud800" * 99])
def test_a_long_claim_is_a_digest(text: str) -> None:
    assert len(short(text)) <= 200
    assert (short(text) == text) == (len(text.encode("unicode_escape")) <= 200)
