"""Lists, changes and removals: what every database must do alike."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core.errors.failures import BadToken, NotFound
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.objects import StoredObject, find_object, put_object
from emulator.core.storage.query import Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.worlds.world import World


@dataclass(kw_only=True)
class Dataset(Resource):
    kind: ClassVar[str] = "dataset"

    name: str


@dataclass(kw_only=True)
class Item(Resource):
    kind: ClassVar[str] = "item"

    size: int = 0


@pytest.fixture
def repository(world: World) -> Iterator[Repository]:
    with world.repository("one", "1/r") as opened:
        yield opened


def pages(repository: Repository, most: int, **options: Any) -> list[list[str]]:
    found, token = [], None
    while True:
        page = repository.list(Item, Query(most=most, token=token, **options))
        found.append([item.id for item in page.items])
        token = page.token
        if token is None:
            return found


def test_pages_hold_everything_once_in_the_order_of_age(repository: Repository) -> None:
    for number in range(7):
        repository.now += number % 2  # some of one age
        repository.add(Item(id=f"i{number}"), parent="p" if number < 5 else "q")
    assert pages(repository, 3) == [["i0", "i1", "i2"], ["i3", "i4", "i5"], ["i6"]]
    assert pages(repository, 7) == [["i0", "i1", "i2", "i3", "i4", "i5", "i6"]]
    assert pages(repository, 2, newest_first=True) == [
        ["i6", "i5"],
        ["i4", "i3"],
        ["i2", "i1"],
        ["i0"],
    ]
    assert pages(repository, 2, parent="p") == [["i0", "i1"], ["i2", "i3"], ["i4"]]
    assert pages(repository, 2, parent="nobody") == [[]]


def test_a_page_holds_those_to_keep_and_no_empty_page_follows(repository: Repository) -> None:
    for number in range(30):
        repository.add(Item(id=f"{number:02}", size=number))
    assert pages(repository, 2, keep=lambda item: item.size in (3, 17, 18, 29)) == [["03", "17"], ["18", "29"]]  # fmt: skip
    assert pages(repository, 2, keep=lambda item: item.size > 99) == [[]]


@given(st.lists(st.integers(0, 11), max_size=6), st.integers(1, 5))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_stays_is_listed_once_whatever_is_deleted_between_pages(
    world: World, deleted: list[int], most: int
) -> None:
    world.reset()
    with world.repository("one", "1/r") as repository:
        items = [repository.add(Item(id=f"{number:02}")) for number in range(12)]
        seen, token = [], None
        doomed = iter(deleted)
        while True:
            page = repository.list(Item, Query(most=most, token=token))
            seen += [item.id for item in page.items]
            token = page.token
            if token is None:
                break
            repository.drop(items[next(doomed, 0)])
    assert len(seen) == len(set(seen))
    assert {item.id for item in items} - {f"{number:02}" for number in [*deleted, 0]} <= set(seen)


def test_a_token_of_another_list_or_of_nobody_is_refused(repository: Repository) -> None:
    for number in range(3):
        repository.add(Item(id=f"i{number}"), parent="p")
    token = repository.list(Item, Query(most=1, token=None, parent="p")).token
    assert token
    by_hand = ([1, 2], ["item", "p", 10**30, "x"], ["item", "p", -(10**30), ""], ["item", "p", 1, "\ud800"], ["item", "p", 1, "\0"], ["item", "p", True, ""], "item")  # fmt: skip
    made = [base64.b64encode(json.dumps(text).encode()).decode() for text in by_hand]
    deep = base64.b64encode(b"[" * 9999).decode()
    for bad in (token[:-4], "AAAA", "%%%", "\u00e9", deep, *made):
        with pytest.raises(BadToken):
            repository.list(Item, Query(most=1, token=bad, parent="p"))
    for options in ({"parent": "q"}, {"parent": None}):
        with pytest.raises(BadToken):
            repository.list(Item, Query(most=1, token=token, **options))
    with pytest.raises(BadToken):
        repository.list(Dataset, Query(most=1, token=token, parent="p"))


def test_a_change_keeps_the_state_going_or_enters_a_lifecycle(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        dataset = repository.add(Dataset(id="d", name="old"))
        created = dataset.created_at
        dataset.name = "new"
        changed = repository.change(dataset)
        assert (changed.name, changed.state.name, changed.updated_at) == ("new", "PENDING", created)
    world.clock.advance(3 * SECOND)
    with world.repository("one", "1/r") as repository:
        dataset = repository.change(repository.get(Dataset, "d"), lifecycle="create")
        assert dataset.state.name == "PENDING"
        assert (dataset.created_at, dataset.updated_at) == (created, created + SECOND)
    world.clock.advance(SECOND)
    with world.repository("one", "1/r") as repository:
        dataset = repository.get(Dataset, "d")
        assert (dataset.name, dataset.ready, dataset.updated_at) == ("new", True, created + 4 * SECOND)  # fmt: skip


def test_removal_takes_its_time_where_the_kind_has_a_lifecycle_for_it(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.remove(repository.add(Dataset(id="d", name="n")))
        repository.remove(repository.add(Item(id="i")))
        assert repository.get(Dataset, "d").state.phase == "deleting"
        assert repository.find(Item, "i") is None
        assert [d.id for d in repository.list(Dataset, Query(most=9, token=None)).items] == [
            "seeded",
            "d",
        ]
    world.clock.advance(SECOND)
    with world.repository("one", "1/r") as repository:
        assert repository.find(Dataset, "d") is None
        assert [d.id for d in repository.list(Dataset, Query(most=9, token=None)).items] == [
            "seeded"
        ]
        assert repository.count(Dataset.kind, 9) == 1


def test_what_was_under_something_goes_with_it(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        dataset = repository.add(Dataset(id="d", name="n"), parent="p")
        repository.add(Item(id="i"), parent="d", claims=["item"])
        repository.add(Item(id="j"), parent="i")
        assert repository.has(Item, "d")
        repository.remove(dataset)
    world.clock.advance(SECOND)
    with world.repository("one", "1/r") as repository:
        assert not repository.has(Dataset, "p")
        repository.add(Dataset(id="d", name="again"))
        assert not repository.has(Item, "d")
        repository.add(Item(id="j"), claims=["item"])


def test_unsettled_ones_are_counted_until_their_state_stays(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        for number in range(3):
            repository.add(Dataset(id=f"{number}", name="n"))
        assert repository.count(Dataset.kind, 9, unsettled=True) == 3
        assert repository.count(Dataset.kind, 2, unsettled=True) == 2
    world.clock.advance(SECOND)
    with world.repository("one", "1/r") as repository:
        assert (
            repository.count(Dataset.kind, 9, unsettled=True),
            repository.count(Dataset.kind, 9),
        ) == (
            0,
            4,
        )


def test_objects_are_the_providers_own_or_everybodys(world: World) -> None:
    with world.objects() as repository:
        put_object(repository, "b", "k", "everybody's")
        put_object(repository, "b", "k", "everybody's new")
    with world.repository("one", "1/r") as repository:
        assert find_object(repository, "b", "k") == "everybody's new"
        repository.add(StoredObject(id="b/k", text="own"))
        assert find_object(repository, "b", "k") == "own"
        assert find_object(repository, "b", "nope") is None
    with world.repository("two", "1/r") as repository:
        assert find_object(repository, "b", "k") == "everybody's new"


def test_a_change_of_what_is_not_there_is_refused(repository: Repository) -> None:
    with pytest.raises(NotFound):
        repository.change(Item(id="nobody"))
