"""Lists with filters and totals: the index must find what looking at everything would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core.errors.failures import AlreadyExists, BadToken
from emulator.core.storage.engine import Engine
from emulator.core.storage.filters import AnyOf, Contains, IndexKeys
from emulator.core.storage.query import Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.storage.rows import ResourceRow
from emulator.core.worlds.world import World
from tests.core.conftest import world_on
from tests.core.engine_contents import postings, term_sizes


@dataclass(kw_only=True)
class Book(Resource):
    kind: ClassVar[str] = "book"

    shape: str = "flat"
    tags: list[str]
    title: str = ""

    def index_keys(self) -> IndexKeys:
        return IndexKeys(
            facets={"shape": self.shape, "tag": self.tags}, texts={"title": [self.title]}
        )


@pytest.fixture
def library(store: Engine) -> World:
    return world_on(store, kinds={"one": {"book": Book}})


@pytest.fixture
def repository(library: World) -> Iterator[Repository]:
    with library.repository("one", "1/r") as opened:
        yield opened


def book(number: int, **members: Any) -> Book:
    return Book(id=f"b{number:02}", **{"tags": [], **members})


def found(repository: Repository, **asked: Any) -> tuple[list[str], int | None]:
    result = repository.list(Book, Query(counted=True, **{"most": 100, **asked}))
    return [item.id for item in result.items], result.total


titles = st.text("ab\0\n\x1fé\ud800", max_size=7)
tags = st.lists(st.sampled_from("xyz"), unique=True, max_size=3)
shapes = st.sampled_from(["flat", "round"])
members = st.fixed_dictionaries({"shape": shapes, "tags": tags, "title": titles})
filters = st.lists(
    st.builds(AnyOf, st.just("shape"), st.lists(shapes, min_size=1, max_size=2))
    | st.builds(AnyOf, st.just("tag"), st.lists(st.sampled_from("xyzw"), min_size=1), st.just(True))
    | st.builds(Contains, st.just("title"), st.text("abé", min_size=1, max_size=5)),
    max_size=3,
)
searches = st.fixed_dictionaries(
    {"where": filters, "skip": st.integers(0, 4), "most": st.integers(1, 5)},
    optional={
        "newest_first": st.booleans(),
        "order": st.sampled_from(["created_at", "updated_at"]),
        "after": st.integers(0, 6),
        "before": st.integers(0, 6),
        "ids": st.lists(st.sampled_from([f"b{n:02}" for n in range(8)])),
    },
)


def wanted(books: list[Book], asked: dict[str, Any]) -> tuple[list[str], int]:
    """Look at everything."""
    fitting = [
        each
        for each in books
        if asked.get("ids") is None or each.id in asked["ids"]
        if all(one.holds(each.index_keys()) for one in asked["where"])
        if asked.get("after") is None or each.created_at > asked["after"]
        if asked.get("before") is None or each.created_at < asked["before"]
    ]
    order = asked.get("order", "created_at")
    fitting.sort(
        key=lambda each: (getattr(each, order), each.id), reverse=asked.get("newest_first", False)
    )
    listed = fitting[asked["skip"] : asked["skip"] + asked["most"]]
    return [each.id for each in listed], len(fitting)


@given(
    st.lists(members, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), members | st.none()), max_size=5),
    st.lists(searches, min_size=1, max_size=4),
)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_index_finds_what_looking_at_everything_finds(
    library: World,
    added: list[dict[str, Any]],
    changes: list[tuple[int, dict[str, Any] | None]],
    asked: list[dict[str, Any]],
) -> None:
    library.reset()
    with library.repository("one", "1/r") as repository:
        repository.now = 0
        for number, given_members in enumerate(added):
            repository.now += number % 2
            repository.add(book(number, **given_members), parent="p")
            repository.add(book(number + 50, **given_members), parent="q")
        for number, change in changes:
            existing = repository.find(Book, f"b{number:02}")
            if existing and change:
                vars(existing).update(change)
                repository.change(existing)
            elif existing:
                repository.drop(existing)
        books = repository.list(Book, Query(parent="p")).items
        for search in asked:
            assert found(repository, parent="p", **search) == wanted(books, search), search
        kept = found(repository, parent="p", keep=lambda each: "a" in each.title)
        assert kept == wanted(
            [each for each in books if "a" in each.title], {"where": [], "skip": 0, "most": 100}
        )


asked_in_pages = st.fixed_dictionaries(
    {
        "where": filters,
        "most": st.integers(1, 4),
        "newest_first": st.booleans(),
        "after": st.none() | st.integers(0, 4),
        "before": st.none() | st.integers(0, 4),
        "ids": st.sampled_from([None, ["b00", "b01", "b03", "b05", "b06"]]),
    }
)


@given(st.lists(members, max_size=9), asked_in_pages, st.lists(st.integers(0, 8), max_size=3))
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_slices_by_token_hold_everything_once_whatever_is_deleted_between_them(
    library: World,
    added: list[dict[str, Any]],
    asked: dict[str, Any],
    deleted: list[int],
) -> None:
    # long: the pages of one list
    library.reset()
    with library.repository("one", "1/r") as repository:
        repository.now = 0
        for number, given_members in enumerate(added):
            repository.now += number % 2
            repository.add(book(number, **given_members))
        everything, total = found(repository, **{**asked, "most": 100})
        listed, token = [], None
        while True:
            page = repository.list(Book, Query(counted=True, token=token, **asked))
            assert page.total == total
            listed += [item.id for item in page.items]
            token = page.token
            if token is None:
                break
            for number in deleted:
                lost = repository.find(Book, f"b{number:02}")
                if lost and lost.id not in listed:
                    repository.drop(lost)
                    everything = [each for each in everything if each != lost.id]
            total = found(repository, **asked)[1]
    assert listed == everything


def test_a_token_of_another_list_is_refused(repository: Repository) -> None:
    for number in range(3):
        repository.add(book(number), parent="p")
    token = repository.list(Book, Query(counted=True, parent="p", most=1)).token
    for other in (None, "q"):
        with pytest.raises(BadToken):
            repository.list(Book, Query(counted=True, parent=other, most=1, token=token))


def test_a_token_leads_to_nothing_that_is_out_of_bounds(repository: Repository) -> None:
    repository.now = 0
    for number in range(6):
        repository.now += 1
        repository.add(book(number))
    first = repository.list(Book, Query(counted=True, most=1)).token
    newest = repository.list(Book, Query(counted=True, most=1, newest_first=True)).token
    assert found(repository, token=first, after=3) == (["b03", "b04", "b05"], 3)
    assert found(repository, token=newest, before=3, newest_first=True) == (["b01", "b00"], 2)


def test_hundreds_of_values_and_a_filter_said_over_and_over_are_no_trouble(
    repository: Repository,
) -> None:
    for number in range(1100):
        repository.add(Book(id=f"{number:04}", tags=[f"t{number}"], shape=f"{number % 2}"))
    repository.add(book(1, tags=["t0", "t1"], shape="odd"))
    every = AnyOf("tag", [f"t{number}" for number in range(1100)], overlapping=True)
    assert found(repository, where=[every], most=2) == (["0000", "0001"], 1101)
    assert (
        found(repository, where=[every], most=1, newest_first=True, order="updated_at")[1] == 1101
    )
    assert found(repository, where=[every, AnyOf("shape", ["odd"])]) == (["b01"], 1)
    assert found(repository, where=[AnyOf("tag", ["t0"], overlapping=True)] * 1100)[1] == 2


def test_what_was_created_at_one_moment_is_listed_in_the_order_of_creation(
    repository: Repository,
) -> None:
    ids = ["b07", "b03", "b05", "b01"]
    for each in ids:
        repository.add(Book(id=each, tags=[]), parent="p")
    assert found(repository, parent="p") == (ids, 4)
    assert [each.id for each in repository.list(Book, Query(parent="p")).items] == ids
    assert [each.id for each in repository.list(Book, Query(most=9, token=None)).items] == ids
    assert [
        each.id for each in repository.list(Book, Query(most=9, newest_first=True)).items
    ] == ids[::-1]


PLANTED = ResourceRow(
    world="default",
    provider="one",
    scope="1/r",
    kind="book",
    id="b1",
    parent=None,
    lifecycle="create",
    delay_scale=0,
    min_state=0,
    reason=None,
    entered_at=5,
    began_at=5,
    settles_at=5,
    gone_at=None,
    created_at=5,
    number=0,
    updated_at=5,
    version=1,
    body='{"tags":["x"],"title":"The Title"}',
)


def test_what_is_planted_is_found_and_what_is_forgotten_is_not(library: World) -> None:
    with library.repository("one", "1/r") as repository:
        assert repository.plant(PLANTED)
        assert found(repository, where=[Contains("title", "Tit")]) == (["b1"], 1)
    library.reset("one")
    with library.repository("one", "1/r") as repository:
        assert found(repository) == ([], 0)


def test_nothing_is_planted_where_a_claim_is_taken(repository: Repository) -> None:
    repository.add(book(2), claims=["name/b"])
    assert not repository.plant(PLANTED, ["name/a", "name/b"])
    assert repository.find(Book, "b1") is None
    assert found(repository) == (["b02"], 1)
    repository.add(book(3), claims=["name/a"])


def test_nothing_is_left_of_what_was_removed(library: World, store: Engine) -> None:
    with library.repository("one", "1/r") as repository:
        for number in range(3):
            repository.add(book(number, tags=["x"], title=f"title {number}"), parent="p")
        for each in repository.list(Book, Query(parent="p")).items:
            repository.drop(each)
    with store.transaction() as transaction:
        assert transaction.claims("default") == []
    assert (term_sizes(store, "default"), postings(store)) == ([], 0)


def test_one_scope_does_not_find_what_is_in_another(library: World) -> None:
    with library.repository("one", "1/r") as repository:
        repository.add(book(1, tags=["x"]))
    with library.repository("one", "2/r") as repository:
        assert found(repository, where=[AnyOf("tag", ["x"])]) == ([], 0)


def test_what_is_below_a_dropped_resource_is_not_found_any_more(repository: Repository) -> None:
    above = repository.add(book(1))
    repository.add(book(2), parent=above.id)
    repository.drop(above)
    assert found(repository, parent=above.id) == ([], 0)


def test_a_refused_resource_is_not_filed(library: World) -> None:
    with library.repository("one", "1/r") as repository:
        repository.add(book(1), claims=["name/a"])
    with pytest.raises(AlreadyExists), library.repository("one", "1/r") as repository:
        repository.add(book(2), claims=["name/a"])
    with library.repository("one", "1/r") as repository:
        assert found(repository) == (["b01"], 1)


def test_a_claim_can_be_let_go_and_taken(repository: Repository) -> None:
    first = repository.add(book(1), claims=["name/a"])
    second = repository.add(book(2), claims=["name/b"])
    with pytest.raises(AlreadyExists):
        repository.claim(second, "name/a")
    repository.release(first, "name/a")
    repository.claim(second, "name/a")
    repository.drop(second)
    repository.claim(first, "name/a")


def test_a_span_is_counted_off_in_the_order_of_age(repository: Repository) -> None:
    for number in range(5):
        repository.now += 1
        repository.add(book(number), parent="p")
    ids = [each.id for each in repository.list(Book, Query(parent="p", skip=1, most=2)).items]
    assert ids == ["b01", "b02"]
    newest = [
        each.id for each in repository.list(Book, Query(skip=1, most=2, newest_first=True)).items
    ]
    assert newest == ["b03", "b02"]
