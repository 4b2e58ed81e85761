from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.core.contract.lifecycle import GONE, parse
from emulator.core.primitives.clock import SECOND

CREATE = parse(
    {
        "states": [
            {"state": "PENDING", "phase": "pending", "seconds": 1},
            {"state": "RUNNING", "phase": "running", "seconds": 2, "message": "Wait."},
            {"state": "ACTIVE", "phase": "ready", "touchesUpdatedAt": True},
        ]
    }
)
DELETE = parse(
    {"states": [{"state": "DELETING", "phase": "deleting", "seconds": 1}], "thenDeleted": True}
)
ORDER = ["PENDING", "RUNNING", "ACTIVE"]


def name_at(seconds: float, scale: float = 1) -> str:
    return CREATE.at(int(seconds * SECOND), scale)[0].name


def test_a_state_begins_exactly_when_the_one_before_ends() -> None:
    assert [name_at(s) for s in (0, 0.999999, 1, 2.999999, 3, 1e6)] == [
        "PENDING", "PENDING", "RUNNING", "RUNNING", "ACTIVE", "ACTIVE",
    ]  # fmt: skip


def test_a_scale_stretches_the_delays_and_zero_has_none() -> None:
    assert name_at(0, scale=0) == "ACTIVE"
    assert name_at(1.5, scale=0.5) == "ACTIVE"
    assert name_at(3, scale=10) == "PENDING"


def test_before_its_beginning_a_resource_is_in_its_first_state() -> None:
    assert name_at(-5) == "PENDING"


def test_a_state_that_counts_as_an_update_tells_when_it_began() -> None:
    assert CREATE.at(2 * SECOND, 1)[1] is None
    assert CREATE.at(7 * SECOND, 1)[1] == 3 * SECOND


def test_a_deletion_ends_in_being_gone() -> None:
    assert DELETE.at(0, 1)[0].name == "DELETING"
    assert DELETE.at(SECOND, 1)[0] is GONE


def test_a_lifecycle_settles_when_its_last_state_begins() -> None:
    assert CREATE.settles_after(1) == 3 * SECOND
    assert CREATE.settles_after(0) == 0


@given(st.lists(st.integers(min_value=-10, max_value=10**8), min_size=2), st.floats(0, 100))
def test_states_never_go_back_as_time_goes_on(ages: list[int], scale: float) -> None:
    seen = [ORDER.index(CREATE.at(age, scale)[0].name) for age in sorted(ages)]
    assert seen == sorted(seen)
