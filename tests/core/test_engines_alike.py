"""Two worlds, one in memory and one in a SQLite file, that do the same: every answer is alike."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.errors.failures import Failure
from emulator.core.primitives.clock import SECOND
from emulator.core.storage.engine import Selection, Transaction
from emulator.core.storage.engines import open_engine
from emulator.core.storage.filters import AnyOf, Contains, IndexKeys
from emulator.core.storage.keys import Key
from emulator.core.storage.memory import filtered_list
from emulator.core.storage.query import Page, Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.worlds.state_document import Kinds
from tests.core.conftest import world_on

START = 1_774_656_000 * SECOND


@dataclass(kw_only=True)
class Dataset(Resource):
    """A kind with lifecycles."""

    kind: ClassVar[str] = "dataset"

    name: str = ""


@dataclass(kw_only=True)
class Book(Resource):
    """A kind with index keys."""

    kind: ClassVar[str] = "book"

    shape: str = "flat"
    tags: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)

    def index_keys(self) -> IndexKeys:
        return IndexKeys(
            facets={"shape": self.shape, "tag": self.tags}, texts={"title": self.titles}
        )


@dataclass(kw_only=True)
class Item(Resource):
    """A kind with neither."""

    kind: ClassVar[str] = "item"

    size: int = 0


KindOf = type[Resource]
KINDS: list[KindOf] = [Dataset, Book, Item]
Answer = Any
"""What one side says, which can be compared."""

Step = Callable[[Repository], Answer]
"""Something done to a repository."""


# ---- steps


def shown(resource: Resource | None) -> Answer:
    return resource and {"kind": resource.kind, **vars(resource)}


def add(repository: Repository, made: Resource, how: dict[str, Any]) -> Answer:
    if isinstance(made, Book):  # an indexed kind never expires
        how = {**how, "lifecycle": "create"}
    if made.id == how.get("parent"):  # nothing is under itself
        how = {**how, "parent": None}
    return shown(repository.add(made, **how))


def change(repository: Repository, made: Resource, lifecycle: str | None) -> Answer:
    found = repository.get(type(made), made.id)
    vars(found).update(made.stored_fields())
    lifecycle = None if isinstance(made, Book) else lifecycle
    return shown(repository.change(found, lifecycle=lifecycle))


def remove(repository: Repository, kind: KindOf, id_: str) -> Answer:
    repository.remove(repository.get(kind, id_))


def drop(repository: Repository, kind: KindOf, id_: str) -> Answer:
    repository.drop(repository.get(kind, id_))


def claim(repository: Repository, kind: KindOf, id_: str, text: str) -> Answer:
    repository.claim(repository.get(kind, id_), text)


def release(repository: Repository, kind: KindOf, id_: str, text: str) -> Answer:
    repository.release(repository.get(kind, id_), text)


def find(repository: Repository, kind: KindOf, id_: str) -> Answer:
    return shown(repository.find(kind, id_))


def count(repository: Repository, kind: KindOf, enough: int, **how: Any) -> Answer:
    return repository.count(kind.kind, enough, **how)


def list_(repository: Repository, kind: KindOf, query: dict[str, Any], pages: int) -> Answer:
    """List some pages, each with the token of the one before."""
    answers, token = [], None
    for _ in range(pages):
        page: Page[Any] = repository.list(kind, Query(token=token, **query))
        answers.append(([shown(each) for each in page.items], page.total, page.token))
        token = page.token
        if token is None or query["order"] != "created_at":
            break
    return answers


def children(repository: Repository, id_: str) -> Answer:
    place = (repository.world, repository.provider, repository.scope)
    return sorted(repository.store.children(Key(*place, "", id_)))


def step(function: Callable[..., Answer], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:  # fmt: skip
    """Call a function of those above with what strategies give."""
    return st.fixed_dictionaries(given).map(lambda drawn: partial(function, **drawn))


ids = st.sampled_from([*"abcdefp", "\\"])
parents = st.sampled_from([None, None, "p"])
kinds = st.sampled_from([*KINDS, Book])
claims = st.sampled_from(["name/a", "name/b", "x" * 300])
lifecycles = st.sampled_from(["create", "delete"])
texts = st.text("ab", min_size=2, max_size=4) | st.text("ab\0\n\x1fé\ud800", max_size=7)
shapes = st.sampled_from(["flat", "round"])
tags = st.lists(st.sampled_from("xyz"), unique=True, max_size=3)
books = st.builds(Book, id=ids, shape=shapes, tags=tags, titles=st.lists(texts, max_size=2))
resources = st.one_of(
    books,
    books,
    st.builds(Dataset, id=ids, name=texts),
    st.builds(Item, id=ids, size=st.integers(0, 3)),
)
times = st.integers(-3, 3).map(lambda halves: START + halves * SECOND // 2)
filters = st.sampled_from(
    [
        [AnyOf("shape", ["flat", "round"])],
        [AnyOf("tag", "xy", overlapping=True)],
        [AnyOf("tag", "xy", overlapping=True), Contains("title", "a")],
    ]
) | st.lists(
    st.builds(AnyOf, st.just("shape"), st.lists(shapes, max_size=2))
    | st.builds(AnyOf, st.just("tag"), st.lists(st.sampled_from("xyzw"), min_size=1), st.just(True))
    | st.builds(Contains, st.just("title"), st.text("ab", min_size=1, max_size=4)),
    max_size=2,
)
plain = {
    "most": st.none() | st.integers(1, 4),
    "counted": st.booleans(),
    "parent": parents,
    "skip": st.sampled_from([0, 0, 1, 3]),
    "newest_first": st.booleans(),
    "order": st.sampled_from(["created_at", "created_at", "updated_at"]),
    "after": st.none() | st.none() | times,
    "before": st.none() | st.none() | times,
}
some = {"ids": st.none() | st.lists(ids), "keep": st.just(lambda each: each.id in "abcd")}
queries = st.fixed_dictionaries(plain) | st.fixed_dictionaries({**plain, **some})
filtered = st.fixed_dictionaries({**plain, "where": filters})
how = st.fixed_dictionaries(
    {}, optional={"lifecycle": lifecycles, "parent": parents, "claims": st.lists(claims)}
)
writes = st.one_of(
    step(add, made=resources, how=how),
    step(change, made=resources, lifecycle=st.none() | lifecycles),
    step(remove, kind=kinds, id_=ids),
    step(drop, kind=kinds, id_=ids),
    step(claim, kind=kinds, id_=ids, text=claims),
    step(release, kind=kinds, id_=ids, text=claims),
)
looks = st.one_of(
    step(find, kind=kinds, id_=ids),
    step(children, id_=ids),
    step(count, kind=kinds, enough=st.integers(0, 4), parent=parents, unsettled=st.booleans()),
    step(list_, kind=kinds, query=queries, pages=st.integers(1, 3)),
    step(list_, kind=st.just(Book), query=filtered, pages=st.integers(1, 3)),
    step(list_, kind=st.just(Book), query=filtered, pages=st.integers(1, 3)),
)
steps = writes | looks
selections = st.builds(
    Selection,
    provider=st.sampled_from([None, "one", "two"]),
    scope=st.sampled_from([None, "1/r", "2/r"]),
    kind=st.sampled_from([None, *(kind.kind for kind in KINDS)]),
    id=st.none() | ids,
)
names = st.sampled_from(["default", "default", "default", "other"])
providers = st.sampled_from(["one", "one", "one", "two"])
places = st.tuples(names, providers, st.sampled_from(["1/r", "1/r", "1/r", "2/r"]))
outcomes = st.sampled_from([Outcome(), Outcome(mode="immediate"), Outcome(mode="manual"), Outcome(hold=SECOND)])  # fmt: skip
HERE = ("default", "one", "1/r")
End = Literal["kept", "raised", "undone"]


# ---- two engines


class RolledBack(Exception):
    pass


def outcome_of(taken: Step, repository: Repository) -> Answer:
    """Give the answer, or the failure as something that can be compared."""
    try:
        return taken(repository)
    except Failure as failure:
        return type(failure), vars(failure)


class Side:
    """Two worlds on one engine."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        kinds: Kinds = {"one": {kind.kind: kind for kind in KINDS}, "two": {Book.kind: Book}}
        self.worlds = {name: world_on(self.engine, name, kinds=kinds) for name in ("default", "other")}  # fmt: skip

    def take(self, place: tuple[str, str, str], taken: Sequence[Step], end: End = "kept", outcome: Outcome = DEFAULT_OUTCOME) -> Answer:  # fmt: skip
        """Take some steps in one transaction."""
        name, provider, scope = place
        world, answers = self.worlds[name], list[Answer]()
        try:
            with world._transaction() as store:
                repository = world._repository(store, provider, scope, outcome=outcome)
                answers = [outcome_of(each, repository) for each in taken]
                answers.append(store.has_written)
                if end == "raised":
                    raise RolledBack
                if end == "undone":
                    store.undo()
        except RolledBack:
            pass
        return answers

    def read(self, look: Callable[[Transaction], Answer]) -> Answer:
        with self.engine.transaction() as store:
            return look(store)


class EnginesAlike(RuleBasedStateMachine):
    """Whatever is done, both sides answer alike."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(filtered_list, "_WORTH_KEEPING", 1)
        self.patch.setattr(filtered_list, "_MOST_KEPT", 3)
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "state.db"
        self.sides = [Side(url) for url in ("sqlite://", f"sqlite:///{file}")]

    def teardown(self) -> None:
        for side in self.sides:
            side.engine.close()
        self.folder.cleanup()
        self.patch.undo()

    def both(self, ask: Callable[[Side], Answer]) -> None:
        in_memory, in_file = (ask(side) for side in self.sides)
        assert in_memory == in_file

    @initialize(first=st.lists(st.tuples(books, how, times), min_size=6, max_size=6))
    def begin(self, first: list[tuple[Book, dict[str, Any], int]]) -> None:
        """Begin with some of each kind."""
        self.set_clock("other", START)
        for (book, given, now), id_ in zip(first, "fedcba", strict=True):
            self.set_clock("default", now)
            made = [replace(book, id=id_), Item(id=id_), Dataset(id=id_)]
            taken = [partial(add, made=each, how={**given, "claims": []}) for each in made]
            self.take(HERE, taken, "kept", DEFAULT_OUTCOME)

    @rule(place=places, taken=st.lists(steps, min_size=1, max_size=6), end=st.sampled_from(["kept", "kept", "raised", "undone"]), outcome=outcomes)  # fmt: skip
    def take(self, place: tuple[str, str, str], taken: list[Step], end: End, outcome: Outcome) -> None:  # fmt: skip
        self.both(lambda side: side.take(place, taken, end, outcome))

    @rule(written=st.lists(writes, max_size=3), looked=st.lists(looks, min_size=2, max_size=6))
    def look_before_and_after(self, written: list[Step], looked: list[Step]) -> None:
        self.both(lambda side: side.take(HERE, [*looked, *written, *looked]))

    @rule(kind=kinds, parent=parents, after=st.none() | times, before=st.none() | times, where=st.just([]) | filters)  # fmt: skip
    def list_in_every_way(self, kind: KindOf, where: Sequence[Any], **bounds: Any) -> None:
        where = where if kind is Book else []
        query = {"most": 2, "counted": True, "where": where, **bounds}
        ways = product(["created_at", "updated_at"], [False, True], [0, 2])
        looked = [
            partial(list_, kind=kind, query={**query, **dict(zip(("order", "newest_first", "skip"), way, strict=True))}, pages=9)
            for way in ways
        ]  # fmt: skip
        self.both(lambda side: side.take(HERE, looked))

    @rule(name=names, now=times)
    def set_clock(self, name: str, now: int) -> None:
        """Set the clock, backward as well as forward."""
        for side in self.sides:
            side.worlds[name].clock.set(now=now)

    @rule(name=names, micros=st.sampled_from([1, SECOND // 2, SECOND]))
    def advance(self, name: str, micros: int) -> None:
        for side in self.sides:
            side.worlds[name].clock.advance(micros)

    @rule(place=places, end=st.sampled_from(["kept", "raised"]), then=st.lists(steps, max_size=4))
    def forget(self, place: tuple[str, str, str], end: End, then: list[Step]) -> None:
        """Delete what a provider has in a world, and begin anew in the same transaction."""

        def forgotten(repository: Repository) -> Answer:
            transaction: Any = repository.store
            transaction.forget(*place[:2])

        self.both(lambda side: side.take(place, [forgotten, *then], end))

    @rule(name=names, selection=selections)
    def select(self, name: str, selection: Selection) -> None:
        self.both(lambda side: side.read(lambda store: list(store.select(name, selection))))

    @rule(name=names, provider=providers, kind=kinds, unsettled=st.booleans(), per_parent=st.booleans())  # fmt: skip
    def use(self, name: str, provider: str, kind: KindOf, **how: bool) -> None:
        now = self.sides[0].worlds[name].clock.now()
        self.both(lambda side: side.read(lambda store: store.most_used(name, provider, kind.kind, now=now, **how)))  # fmt: skip

    @invariant()
    def both_have_the_same(self) -> None:
        def everything(store: Transaction) -> Answer:
            return [
                [
                    list(store.select(name, Selection())),
                    sorted(store.claims(name)),
                    store.settles_at(name),
                    store.is_empty(name),
                ]
                for name in ("default", "other")
            ]

        self.both(lambda side: side.read(everything))


EnginesAlike.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestEnginesAlike = EnginesAlike.TestCase
