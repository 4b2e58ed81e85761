"""Totals in a database: counted once where that is safe, and right whoever writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from emulator.core.storage.filters import AnyOf, Contains, Filter, IndexKeys
from emulator.core.storage.query import Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.storage.sql import totals
from emulator.core.storage.sql.database import Database
from emulator.core.storage.sql.index import Index
from emulator.core.worlds.world import World
from tests.core.conftest import world_on

pytestmark = pytest.mark.unmeasured


@dataclass(kw_only=True)
class Book(Resource):
    kind: ClassVar[str] = "book"

    shape: str = "flat"
    tag: str = "x"
    title: str = ""

    def index_keys(self) -> IndexKeys:
        return IndexKeys(
            facets={"shape": self.shape, "tag": self.tag}, texts={"title": [self.title]}
        )


FLAT_X: list[Filter] = [AnyOf("shape", ["flat"]), AnyOf("tag", ["x"])]
TITLED: list[Filter] = [Contains("title", "title")]


def library(database: str, name: str = "default") -> tuple[World, Database]:
    engine = Database(database)
    return world_on(engine, name, kinds={"one": {"book": Book}}), engine


def add(world: World, *names: str, **members: Any) -> None:
    with world.repository("one", "1/r") as repository:
        for name in names:
            repository.add(Book(id=name, title=f"title {name}", **members))


def total(world: World, where: list[Filter], **asked: Any) -> int | None:
    with world.repository("one", "1/r") as repository:
        return count(repository, where, **asked)


def count(repository: Repository, where: list[Filter], **asked: Any) -> int | None:
    return repository.list(Book, Query(where=where, counted=True, **asked)).total


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """One entry for each time that the database has counted."""
    counted, count = list[Any](), Index._count

    def noted(index: Index, *arguments: Any) -> int:
        counted.append(arguments)
        return count(index, *arguments)

    monkeypatch.setattr(Index, "_count", noted)
    return counted


def test_a_total_is_counted_once_and_follows_every_write(lasting: str, counts: list[Any]) -> None:
    world, engine = library(lasting)
    add(world, "a", "b")
    add(world, "round", shape="round")
    assert (total(world, FLAT_X), total(world, TITLED)) == (2, 3)
    with world.repository("one", "1/r") as repository:
        book = repository.get(Book, "round")
        book.shape, book.title = "flat", "something else"
        repository.change(book)
        repository.drop(repository.get(Book, "a"))
        assert (count(repository, FLAT_X), count(repository, TITLED)) == (2, 1)
        repository.add(Book(id="c", title="title c"), parent="elsewhere")
    add(world, "d")
    assert (total(world, FLAT_X), total(world, TITLED)) == (3, 2)
    is_file = lasting.startswith("sqlite")
    assert len(counts) == (2 if is_file else 6)
    assert total(world, FLAT_X, after=world.clock.now()) == 0
    engine.close()


def test_nothing_of_a_transaction_that_is_rolled_back_is_counted(lasting: str) -> None:
    world, engine = library(lasting)
    add(world, "a", "b")
    assert total(world, TITLED) == 2
    with pytest.raises(RuntimeError), world.repository("one", "1/r") as repository:
        repository.add(Book(id="c", title="title"))
        assert (count(repository, TITLED), count(repository, FLAT_X)) == (3, 3)
        raise RuntimeError
    assert (total(world, TITLED), total(world, FLAT_X)) == (2, 2)
    with world._transaction() as store:
        world._repository(store, "one", "1/r").drop(Book(id="a", title="title a"))
        store.undo()
    assert total(world, TITLED) == 2
    world.reset("one")
    add(world, "d")
    assert total(world, TITLED) == 1
    engine.close()


def test_what_another_process_writes_is_counted(lasting: str) -> None:
    (world, engine), (other, its_engine) = library(lasting), library(lasting)
    add(world, "a")
    assert (total(world, TITLED), total(other, TITLED)) == (1, 1)
    add(other, "b", "c")
    assert total(world, TITLED) == 3
    add(world, "d")
    add(other, "e")
    add(world, "f")
    assert (total(other, TITLED), total(world, TITLED)) == (6, 6)
    engine.close()
    its_engine.close()


def test_a_part_that_the_database_stores_as_something_else_is_counted_each_time(
    lasting: str, counts: list[Any]
) -> None:
    world, engine = library(lasting)
    with world.repository("one", "1/r") as repository:
        repository.add(Book(id="a", title="a\0b"))
        repository.add(Book(id="b", title="nothing of it"))
        for _ in range(2):
            assert count(repository, [Contains("title", "a\0")]) == 1
        repository.add(Book(id="c", title="a\0c"))
        assert count(repository, [Contains("title", "a\0")]) == 2
    assert len(counts) == 3
    engine.close()


def test_so_many_totals_are_kept_and_no_more(
    tmp_path: Path, counts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "_MOST", 2)
    monkeypatch.setattr(totals, "_MOST_LISTS", 2)
    world, engine = library(f"sqlite:///{tmp_path}/state.db")
    add(world, "abc")
    for part in ["a", "b", "a", "c", "a", "b"]:
        assert total(world, [Contains("title", part)]) == 1
    assert len(counts) == 4
    with world.repository("one", "1/r") as repository:
        for parent in "pqr":
            repository.add(Book(id=parent, title="title"), parent=parent)
            assert count(repository, FLAT_X, parent=parent) == 1
            assert count(repository, FLAT_X, parent=parent) == 1
    assert engine._totals
    assert [parent for _, parent in engine._totals._lists] == ["q", "r"]
    engine.close()
