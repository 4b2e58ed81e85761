"""The use of quotas, as the store counts it, is what counting everything gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core.primitives.clock import SECOND
from emulator.core.storage.engine import Engine, Selection
from emulator.core.storage.resource import Resource
from emulator.core.worlds.world import World
from tests.core.conftest import world_on


@dataclass(kw_only=True)
class Dataset(Resource):
    kind: ClassVar[str] = "dataset"

    name: str = ""


SCOPES = ["1/r", "2/r"]
steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "add gone", "remove", "revive", "drop", "wait", "fail"]),
        st.sampled_from(SCOPES),
        st.integers(0, 4),
        st.sampled_from([None, "p", "q"]),
    ),
    max_size=14,
)


@pytest.fixture
def world(store: Engine) -> World:
    return world_on(store)


def take(world: World, step: tuple[str, str, int, str | None]) -> None:
    """Take one step; a name that is taken, and one that is not there, change nothing."""
    what, scope, number, parent = step
    if what == "wait":
        world.clock.advance(SECOND // 2)
        return
    with world.repository("one", scope) as repository:
        found = repository.find(Dataset, f"d{number}")
        if found is None and what.startswith("add"):
            lifecycle = "delete" if what == "add gone" else "create"
            repository.add(Dataset(id=f"d{number}"), lifecycle=lifecycle, parent=parent)
        elif found is None or what == "add":
            return
        elif what == "remove":
            repository.remove(found)
        elif what == "revive":
            repository.change(found, lifecycle="create")
        elif what == "drop":
            repository.drop(found)
        elif what == "fail":  # a conflict that leaves nothing behind
            repository.claim(found, "taken")
            repository.plant(repository.store.get(repository._key(found)), ["taken"])  # type: ignore[arg-type]
            repository.release(found, "taken")


@given(steps)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_use_is_what_there_is_where_there_is_most(world: World, taken: list[tuple[str, str, int, str | None]]) -> None:  # fmt: skip
    world.reset()
    for step in taken:
        take(world, step)
        now, views = world.clock.now(), world.resources.views()
        rows = [view.row for view in views if view.row.provider == "one"]
        with world._transaction() as store:
            for unsettled in (False, True):
                for per_parent in (False, True):
                    counted = Counter(
                        (row.scope, row.parent if per_parent else None)
                        for row in rows
                        if not unsettled or row.settles_at > now
                    )
                    used = store.most_used("default", "one", "dataset", now=now, unsettled=unsettled, per_parent=per_parent)  # fmt: skip
                    assert used == max(counted.values(), default=0)
            ends = [row.settles_at for row in store.select("default", Selection())]
            assert store.settles_at("default") == max(ends, default=0)
