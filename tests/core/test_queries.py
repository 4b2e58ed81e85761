"""One way to list: any query of any kind finds what looking at everything would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core.errors.failures import BadToken
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.engine import Engine
from emulator.core.storage.filters import AnyOf, IndexKeys
from emulator.core.storage.query import Page, Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.worlds.world import World
from tests.core.conftest import world_on


@dataclass(kw_only=True)
class Item(Resource):
    """A kind without index keys."""

    kind: ClassVar[str] = "item"

    size: int = 0


@dataclass(kw_only=True)
class Filed(Item):
    """The same with index keys."""

    kind: ClassVar[str] = "filed"

    def index_keys(self) -> IndexKeys:
        return IndexKeys(facets={"size": str(self.size)})


@dataclass(kw_only=True)
class Dataset(Resource):
    """A kind with lifecycles."""

    kind: ClassVar[str] = "dataset"

    name: str = ""


KINDS: list[type[Item]] = [Item, Filed]


@pytest.fixture
def world(store: Engine) -> World:
    return world_on(store, kinds={"one": {each.kind: each for each in (Item, Filed, Dataset)}})


@pytest.fixture
def repository(world: World) -> Iterator[Repository]:
    with world.repository("one", "1/r") as opened:
        yield opened


def ids(page: Page[Any]) -> list[str]:
    return [item.id for item in page.items]


stored = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3)), max_size=9)
queries = st.fixed_dictionaries(
    {"most": st.none() | st.integers(1, 4), "counted": st.booleans()},
    optional={
        "skip": st.integers(0, 4),
        "newest_first": st.booleans(),
        "order": st.sampled_from(["created_at", "updated_at"]),
        "after": st.integers(0, 6),
        "before": st.integers(0, 6),
        "ids": st.lists(st.sampled_from([f"i{number}" for number in range(10)])),
        "keep": st.sampled_from([None, lambda item: item.size > 1]),
    },
)


def wanted(items: list[Item], query: Query[Item]) -> tuple[list[str], int | None]:
    """Look at everything."""
    fitting = [
        item
        for item in items
        if query.after is None or item.created_at > query.after
        if query.before is None or item.created_at < query.before
        if query.ids is None or item.id in query.ids
        if query.keep is None or query.keep(item)
    ]
    order = query.order
    fitting.sort(key=lambda item: (getattr(item, order), item.id), reverse=query.newest_first)
    most = len(fitting) if query.most is None else query.most
    listed = fitting[query.skip : query.skip + most]
    return [item.id for item in listed], len(fitting) if query.counted else None


@pytest.mark.parametrize("kind", KINDS)
@given(stored, st.lists(queries, min_size=1, max_size=4), st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_query_finds_what_looking_at_everything_finds(
    world: World,
    kind: type[Item],
    given_items: list[tuple[int, int]],
    asked: list[dict[str, Any]],
    under: bool,
) -> None:
    world.reset()
    parent = "p" if under else None
    with world.repository("one", "1/r") as repository:
        repository.now = 0
        items = []
        for number, (later, size) in enumerate(given_items):
            repository.now += later
            items.append(repository.add(kind(id=f"i{number}", size=size), parent=parent))
            repository.add(kind(id=f"j{number}", size=size), parent="another") if under else None
        for members in asked:
            query = Query[Item](parent=parent, **members)
            page = repository.list(kind, query)
            assert (ids(page), page.total) == wanted(items, query), members


@pytest.mark.parametrize("kind", KINDS)
@given(stored, queries, st.lists(st.integers(0, 8), max_size=3))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_pages_by_token_have_everything_once_whatever_is_deleted_between_them(
    world: World,
    kind: type[Item],
    given_items: list[tuple[int, int]],
    asked: dict[str, Any],
    deleted: list[int],
) -> None:
    world.reset()
    asked = {**asked, "order": "created_at", "skip": 0, "most": asked["most"] or 2}
    with world.repository("one", "1/r") as repository:
        repository.now = 0
        for number, (later, size) in enumerate(given_items):
            repository.now += later
            repository.add(kind(id=f"i{number}", size=size))
        everything = ids(repository.list(kind, Query(**{**asked, "most": None})))
        listed, token = list[str](), None
        while True:
            page = repository.list(kind, Query(**asked, token=token))
            listed += ids(page)
            token = page.token
            if token is None:
                break
            for number in deleted:
                lost = repository.find(kind, f"i{number}")
                if lost and lost.id not in listed:
                    repository.drop(lost)
                    everything = [each for each in everything if each != lost.id]
    assert listed == everything


def test_a_list_without_a_parent_has_all_of_the_scope(repository: Repository) -> None:
    repository.add(Item(id="a"), parent="p")
    repository.add(Item(id="b"))
    assert ids(repository.list(Item, Query())) == ["a", "b"]
    assert ids(repository.list(Item, Query(ids=["b", "a"]))) == ["a", "b"]
    assert repository.list(Item, Query(counted=True)).total == 2
    assert ids(repository.list(Item, Query(parent="p"))) == ["a"]


def test_filters_need_index_keys_and_a_total_does_not(repository: Repository) -> None:
    for number in range(5):
        repository.add(Item(id=f"i{number}", size=number % 2))
        repository.add(Filed(id=f"i{number}", size=number % 2))
    where = [AnyOf("size", ["1"])]
    page = repository.list(Filed, Query(where=where, most=1))
    assert (ids(page), page.total) == (["i1"], None)
    following = repository.list(Filed, Query(where=where, most=1, token=page.token, counted=True))
    assert (ids(following), following.total, following.token) == (["i3"], 2, None)
    assert repository.list(Filed, Query(where=where, counted=True, skip=7)).items == []
    plain = repository.list(Item, Query(most=2, counted=True))
    assert (ids(plain), plain.total) == (["i0", "i1"], 5)


def test_what_has_expired_is_in_no_list(world: World) -> None:
    with world.repository("one", "1/r") as repository:
        repository.add(Dataset(id="stays"))
        repository.remove(repository.add(Dataset(id="goes")))
        everything = Query[Dataset](counted=True)
        assert repository.list(Dataset, everything).total == 3
    world.clock.advance(SECOND)
    with world.repository("one", "1/r") as repository:
        page = repository.list(Dataset, everything)
        assert (ids(page), page.total) == (["seeded", "stays"], 2)
        assert ids(repository.list(Dataset, Query(ids=["goes", "stays"]))) == ["stays"]


def test_a_token_of_another_list_is_refused(repository: Repository) -> None:
    for number in range(3):
        repository.add(Item(id=f"i{number}"), parent="p")
    token = repository.list(Item, Query(parent="p", most=1)).token
    assert token
    others: list[tuple[type[Item], str | None]] = [(Item, None), (Item, "q"), (Filed, "p")]
    for kind, parent in others:
        with pytest.raises(BadToken):
            repository.list(kind, Query(parent=parent, most=1, token=token))
