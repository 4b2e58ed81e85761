"""What every database must do alike."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Barrier
from typing import ClassVar

import pytest

from emulator.core.contract.policy import LifecycleMode
from emulator.core.errors.failures import AlreadyExists, NotFound
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.engine import Engine, Transaction
from emulator.core.storage.query import Query
from emulator.core.storage.resource import Resource
from emulator.core.worlds.world import World
from emulator.core.worlds.world_settings import WorldSettings
from tests.core.conftest import contract, world_on


@dataclass(kw_only=True)
class Dataset(Resource):
    kind: ClassVar[str] = "dataset"

    name: str
    labels: list[object] = field(default_factory=list)


AWKWARD = [
    "plain",
    "数据集_1",
    "a\\b",
    "\\u0041",
    "nul\0",
    "surrogate\ud800",
    "x" * 5000,
    "'; --",
    "",
]


def test_what_is_added_is_found_again_with_times_and_state(world: World) -> None:
    now = world.clock.now()
    with world.repository("one", "1/r") as repository:
        added = repository.add(Dataset(id="d1", name="n", labels=[{"a": None}, 2**70, "é\ud800"]))
    with world.repository("one", "1/r") as repository:
        found = repository.get(Dataset, "d1")
    assert found == added
    assert (found.created_at, found.updated_at, found.state.name) == (now, now, "PENDING")
    assert found.labels == [{"a": None}, 2**70, "é\ud800"]


def test_a_state_that_counts_as_an_update_moves_the_time_of_update(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        created = repository.add(Dataset(id="d1", name="n")).created_at
    world.clock.advance(5 * SECOND)
    with world.repository("one", "1/r") as repository:
        found = repository.get(Dataset, "d1")
    assert found.ready
    assert (found.created_at, found.updated_at) == (created, created + SECOND)


@pytest.mark.parametrize(
    ("lifecycle", "state"), [(None, "ACTIVE"), ("timed", "PENDING"), ("immediate", "ACTIVE")]
)
def test_delays_on_request_are_there_for_those_who_asked_for_time(
    store: Engine, lifecycle: LifecycleMode | None, state: str
) -> None:
    plain = contract("one")
    create = replace(plain.lifecycles["dataset"]["create"], opt_in=True)
    world = world_on(
        store,
        contracts={"one": replace(plain, lifecycles={"dataset": {"create": create}})},
        settings=WorldSettings(1, lifecycle),
    )
    with world.repository("one", "1/r") as repository:
        assert repository.add(Dataset(id="d1", name="n")).state.name == state
        assert repository.count(Dataset.kind, 9, unsettled=True) == (state == "PENDING")


def test_another_scope_provider_or_kind_does_not_see_it(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="d1", name="n"), claims=["name/n"])
    for provider, scope in (("one", "2/r"), ("two", "1/r")):
        with world.repository(provider, scope) as repository:
            assert repository.find(Dataset, "d1") is None
            repository.add(Dataset(id="d1", name="n"), claims=["name/n"])


def test_an_id_that_is_taken_is_refused_with_the_facts_of_the_one_refused(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="d1", name="first"))
        with pytest.raises(AlreadyExists) as caught:
            repository.add(Dataset(id="d1", name="second"))
    assert caught.value.subject == "dataset"
    assert caught.value.facts["name"] == "second"


def test_a_claim_has_one_holder(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="d1", name="n"), claims=["name/n"])
    with pytest.raises(AlreadyExists), world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="d2", name="n"), claims=["name/n"])
    with world.repository("one", "1/r") as repository:
        assert repository.find(Dataset, "d2") is None


def test_a_failure_undoes_everything_the_call_did(world: World) -> None:
    with pytest.raises(NotFound), world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="d1", name="n"), claims=["name/n"])
        repository.get(Dataset, "d2")
    with world.repository("one", "1/r") as repository:
        assert repository.find(Dataset, "d1") is None
        repository.add(Dataset(id="d2", name="n"), claims=["name/n"])


@pytest.mark.parametrize("text", AWKWARD, ids=ascii)
def test_any_text_can_be_an_id_a_parent_and_a_claim(world: World, text: str) -> None:
    with world.repository("one", "1/r") as repository:
        repository.add(Dataset(id=text[:200], name=text), parent=text[:200], claims=[text])
        assert repository.get(Dataset, text[:200]).id == text[:200]
        assert [
            child.name for child in repository.list(Dataset, Query(parent=text[:200])).items
        ] == [text]
    with pytest.raises(AlreadyExists), world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="other", name=text), claims=[text])


def test_children_come_oldest_first(world: World) -> None:
    for name in ("b", "a", "c"):
        with world.repository("one", "1/r") as repository:
            repository.add(Dataset(id=name, name=name), parent="p")
        world.clock.advance(1)
    with world.repository("one", "1/r") as repository:
        assert [child.id for child in repository.list(Dataset, Query(parent="p")).items] == [
            "b",
            "a",
            "c",
        ]


def test_counting_stops_at_enough(world: World) -> None:
    with world.repository("two", "2/r") as repository:
        for number in range(5):
            repository.add(Dataset(id=f"{number}", name="n"))
        assert [repository.count(Dataset.kind, enough) for enough in (0, 3, 6, 9)] == [
            0,
            3,
            6,
            6,
        ]  # with the seeded one


def test_a_resource_that_is_gone_is_not_found_and_makes_room_for_the_next(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.add(
            Dataset(id="d1", name="n"), lifecycle="delete", parent="p", claims=["name/n"]
        )
    world.clock.advance(SECOND)
    with world.repository("one", "1/r") as repository:
        assert repository.find(Dataset, "d1") is None
        assert repository.list(Dataset, Query(parent="p")).items == []
        repository.add(Dataset(id="d2", name="n"), claims=["name/n"])
        repository.add(Dataset(id="d1", name="again"))
        assert repository.get(Dataset, "d1").name == "again"


def test_what_is_dropped_lets_go_of_its_claims(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.drop(repository.add(Dataset(id="d1", name="n"), claims=["name/n"]))
        repository.add(Dataset(id="d2", name="n"), claims=["name/n"])
        assert repository.find(Dataset, "d1") is None


def test_of_many_threads_that_want_one_name_exactly_one_gets_it(world: World) -> None:
    start = Barrier(16)

    def create(number: int) -> bool:
        start.wait()
        try:
            with world.repository("one", "1/r") as repository:
                repository.add(Dataset(id=f"d{number}", name="n"), claims=["name/n"])
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(create, range(16))) == 1


def test_a_world_settles_when_its_last_transition_is_over(world: World) -> None:
    assert world.resources.settles_at() <= world.clock.now()
    with world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="d1", name="n"))
    world.clock.advance(SECOND // 2)
    with world.repository("two", "1/r") as repository:
        repository.add(Dataset(id="d1", name="n"))
    assert world.resources.settles_at() == world.clock.now() + SECOND


def test_a_reset_brings_the_seeds_back_and_nothing_else(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.drop(repository.get(Dataset, "seeded"))
        repository.add(Dataset(id="d1", name="n"), claims=["name/n"])
    with world.repository("two", "1/r") as repository:
        repository.add(Dataset(id="d1", name="n"))
    world.settings.set_limits("one", {"datasets": 1})
    world.reset("one")
    with world.repository("one", "1/r") as repository:
        assert repository.get(Dataset, "seeded").ready
        assert repository.find(Dataset, "d1") is None
        repository.add(Dataset(id="d2", name="n"), claims=["name/n"])
    with world.repository("two", "1/r") as repository:
        assert repository.find(Dataset, "d1")
    assert world.settings.limits("one") == {}


def test_a_request_whose_turn_is_after_a_reset_finds_the_seeds(
    world: World, store: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.repository("one", "1/r") as repository:
        assert repository.find(Dataset, "seeded")
    transaction, before = store.transaction, iter([world.reset])

    @contextmanager
    def later() -> Iterator[Transaction]:
        for reset in before:
            reset()
        with transaction() as cursor:
            yield cursor

    monkeypatch.setattr(store, "transaction", later)
    with world.repository("one", "1/r") as repository:
        assert repository.find(Dataset, "seeded")


def test_a_reset_of_everything_resets_clock_and_speed(world: World) -> None:
    before = world.clock.now()
    world.clock.advance(10**12)
    world.settings.speed = 100
    world.reset()
    assert before <= world.clock.now() < before + 60 * SECOND
    assert world.settings.speed == 1
