"""Lists with filters and totals: the index must find what looking at everything would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.core.errors.failures import AlreadyExists, BadToken
from emulator.core.storage.database import Store
from emulator.core.storage.filters import Among, Containing, Filing
from emulator.core.storage.repository import Shelf
from emulator.core.storage.resource import Resource
from emulator.core.storage.tables import KEY
from emulator.core.worlds.world import World
from tests.core.conftest import world_on


@dataclass(kw_only=True)
class Book(Resource):
    kind: ClassVar[str] = "book"

    shape: str = "flat"
    tags: list[str]
    title: str = ""

    def filing(self) -> Filing:
        return Filing(facets={"shape": self.shape, "tag": self.tags}, texts={"title": [self.title]})


@pytest.fixture
def library(store: Store) -> World:
    return world_on(store, kinds={"one": [Book]})


@pytest.fixture
def shelf(library: World) -> Iterator[Shelf]:
    with library.shelf("one", "1/r") as opened:
        yield opened


def book(number: int, **members: Any) -> Book:
    return Book(id=f"b{number:02}", **{"tags": [], **members})


def found(shelf: Shelf, **asked: Any) -> tuple[list[str], int]:
    result = shelf.slice(Book, **{"most": 100, **asked})
    return [item.id for item in result.items], result.total


titles = st.text("ab\0\n\x1fé\ud800", max_size=7)
tags = st.lists(st.sampled_from("xyz"), unique=True, max_size=3)
shapes = st.sampled_from(["flat", "round"])
members = st.fixed_dictionaries({"shape": shapes, "tags": tags, "title": titles})
filters = st.lists(
    st.builds(Among, st.just("shape"), st.lists(shapes, min_size=1, max_size=2))
    | st.builds(Among, st.just("tag"), st.lists(st.sampled_from("xyzw"), min_size=1), st.just(True))
    | st.builds(Containing, st.just("title"), st.text("abé", min_size=1, max_size=5)),
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
        if all(one.holds(each.filing()) for one in asked["where"])
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
    with library.shelf("one", "1/r") as shelf:
        shelf.now = 0
        for number, given_members in enumerate(added):
            shelf.now += number % 2
            shelf.add(book(number, **given_members), parent="p")
            shelf.add(book(number + 50, **given_members), parent="q")
        for number, change in changes:
            existing = shelf.find(Book, f"b{number:02}")
            if existing and change:
                vars(existing).update(change)
                shelf.change(existing)
            elif existing:
                shelf.drop(existing)
        books = shelf.children(Book, "p")
        for search in asked:
            assert found(shelf, parent="p", **search) == wanted(books, search), search
        kept = found(shelf, parent="p", keep=lambda each: "a" in each.title)
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
    with library.shelf("one", "1/r") as shelf:
        shelf.now = 0
        for number, given_members in enumerate(added):
            shelf.now += number % 2
            shelf.add(book(number, **given_members))
        everything, total = found(shelf, **{**asked, "most": 100})
        listed, token = [], None
        while True:
            page = shelf.slice(Book, token=token, **asked)
            assert page.total == total
            listed += [item.id for item in page.items]
            token = page.token
            if token is None:
                break
            for number in deleted:
                lost = shelf.find(Book, f"b{number:02}")
                if lost and lost.id not in listed:
                    shelf.drop(lost)
                    everything = [each for each in everything if each != lost.id]
            total = found(shelf, **asked)[1]
    assert listed == everything


def test_a_token_of_another_list_is_refused(shelf: Shelf) -> None:
    for number in range(3):
        shelf.add(book(number), parent="p")
    token = shelf.slice(Book, parent="p", most=1).token
    for other in (None, "q"):
        with pytest.raises(BadToken):
            shelf.slice(Book, parent=other, most=1, token=token)


def test_a_token_leads_to_nothing_that_is_out_of_bounds(shelf: Shelf) -> None:
    shelf.now = 0
    for number in range(6):
        shelf.now += 1
        shelf.add(book(number))
    first = shelf.slice(Book, most=1).token
    newest = shelf.slice(Book, most=1, newest_first=True).token
    assert found(shelf, token=first, after=3) == (["b03", "b04", "b05"], 3)
    assert found(shelf, token=newest, before=3, newest_first=True) == (["b01", "b00"], 2)


def test_hundreds_of_values_and_a_filter_said_over_and_over_are_no_trouble(shelf: Shelf) -> None:
    for number in range(1100):
        shelf.add(Book(id=f"{number:04}", tags=[f"t{number}"], shape=f"{number % 2}"))
    shelf.add(book(1, tags=["t0", "t1"], shape="odd"))
    every = Among("tag", [f"t{number}" for number in range(1100)], overlapping=True)
    assert found(shelf, where=[every], most=2) == (["0000", "0001"], 1101)
    assert found(shelf, where=[every], most=1, newest_first=True, order="updated_at")[1] == 1101
    assert found(shelf, where=[every, Among("shape", ["odd"])]) == (["b01"], 1)
    assert found(shelf, where=[Among("tag", ["t0"], overlapping=True)] * 1100)[1] == 2


def test_what_was_created_at_one_moment_is_listed_in_the_order_of_creation(shelf: Shelf) -> None:
    ids = ["b07", "b03", "b05", "b01"]
    for each in ids:
        shelf.add(Book(id=each, tags=[]), parent="p")
    assert found(shelf, parent="p") == (ids, 4)
    assert [each.id for each in shelf.children(Book, "p")] == ids
    assert [each.id for each in shelf.page(Book, most=9, token=None).items] == ids
    assert [each.id for each in shelf.span(Book, most=9, newest_first=True)] == ids[::-1]


PLANTED = {
    **dict(zip(KEY, ("default", "one", "1/r", "book", "b1"), strict=True)),
    **dict.fromkeys(("entered_at", "settles_at", "created_at", "updated_at"), 5),
    "parent": None,
    "lifecycle": "create",
    "scale": 0,
    "floor": 0,
    "reason": None,
    "gone_at": None,
    "version": 1,
    "body": '{"tags":["x"],"title":"The Title"}',
}


def test_what_is_planted_is_found_and_what_is_forgotten_is_not(library: World) -> None:
    with library.shelf("one", "1/r") as shelf:
        assert shelf.plant(PLANTED)
        assert found(shelf, where=[Containing("title", "Tit")]) == (["b1"], 1)
    library.reset("one")
    with library.shelf("one", "1/r") as shelf:
        assert found(shelf) == ([], 0)


def test_nothing_is_planted_where_a_claim_is_taken(shelf: Shelf) -> None:
    shelf.add(book(2), claims=["name/b"])
    assert not shelf.plant(PLANTED, ["name/a", "name/b"])
    assert shelf.find(Book, "b1") is None
    assert found(shelf) == (["b02"], 1)
    shelf.add(book(3), claims=["name/a"])


def test_nothing_is_left_of_what_was_removed(library: World, store: Store) -> None:
    with library.shelf("one", "1/r") as shelf:
        for number in range(3):
            shelf.add(book(number, tags=["x"], title=f"title {number}"), parent="p")
        for each in shelf.children(Book, "p"):
            shelf.drop(each)
    with store.transaction() as cursor:
        for table in ("terms", "postings", "claims"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] == 0


def test_one_scope_does_not_find_what_is_in_another(library: World) -> None:
    with library.shelf("one", "1/r") as shelf:
        shelf.add(book(1, tags=["x"]))
    with library.shelf("one", "2/r") as shelf:
        assert found(shelf, where=[Among("tag", ["x"])]) == ([], 0)


def test_what_is_below_a_dropped_resource_is_not_found_any_more(shelf: Shelf) -> None:
    above = shelf.add(book(1))
    shelf.add(book(2), parent=above.id)
    shelf.drop(above)
    assert found(shelf, parent=above.id) == ([], 0)


def test_a_refused_resource_is_not_filed(library: World) -> None:
    with library.shelf("one", "1/r") as shelf:
        shelf.add(book(1), claims=["name/a"])
    with pytest.raises(AlreadyExists), library.shelf("one", "1/r") as shelf:
        shelf.add(book(2), claims=["name/a"])
    with library.shelf("one", "1/r") as shelf:
        assert found(shelf) == (["b01"], 1)


def test_a_claim_can_be_let_go_and_taken(shelf: Shelf) -> None:
    first = shelf.add(book(1), claims=["name/a"])
    second = shelf.add(book(2), claims=["name/b"])
    with pytest.raises(AlreadyExists):
        shelf.claim(second, "name/a")
    shelf.release(first, "name/a")
    shelf.claim(second, "name/a")
    shelf.drop(second)
    shelf.claim(first, "name/a")


def test_a_span_is_counted_off_in_the_order_of_age(shelf: Shelf) -> None:
    for number in range(5):
        shelf.now += 1
        shelf.add(book(number), parent="p")
    ids = [each.id for each in shelf.span(Book, parent="p", skip=1, most=2)]
    assert ids == ["b01", "b02"]
    newest = [each.id for each in shelf.span(Book, skip=1, most=2, newest_first=True)]
    assert newest == ["b03", "b02"]
