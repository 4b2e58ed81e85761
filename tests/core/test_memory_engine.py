"""State in memory: it needs no database, and nobody can change what is stored."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import pytest

from emulator.core.errors.failures import NotFound
from emulator.core.storage.engine import DatabaseError, Engine
from emulator.core.storage.engines import open_engine
from emulator.core.storage.filters import AnyOf, Contains, Filter, IndexKeys
from emulator.core.storage.memory import filtered_list
from emulator.core.storage.memory.engine import MemoryEngine
from emulator.core.storage.query import Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.worlds.world import World
from tests.core.conftest import world_on
from tests.core.engine_contents import term_sizes


@dataclass(kw_only=True)
class Note(Resource):
    """A kind whose members can be changed from outside."""

    kind: ClassVar[str] = "note"
    facets: ClassVar = ("tags",)
    texts: ClassVar = ("lines",)

    tags: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    extra: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture
def notes(store: Engine) -> World:
    return world_on(store, kinds={"one": {"note": Note}})


@pytest.fixture
def repository(notes: World) -> Iterator[Repository]:
    with notes.repository("one", "1/r") as opened:
        yield opened


def spoil(note: Note) -> None:
    """Change everything in a resource that can be changed."""
    note.tags.append("spoilt")
    note.lines[0] = "spoilt"
    note.extra["list"].append("spoilt")
    note.created_at = 0


def ids(repository: Repository, *where: Filter) -> list[str]:
    return [note.id for note in repository.list(Note, Query(where=where, counted=True)).items]


def test_what_a_handler_changes_is_not_stored_unless_it_says_so(repository: Repository) -> None:
    given = Note(id="n", tags=["x"], lines=["one"], extra={"list": ["y"]})
    spoil(repository.add(given))
    spoil(given)
    for read in (
        repository.get(Note, "n"),
        repository.change(repository.get(Note, "n")),
        *repository.list(Note, Query(where=[AnyOf("tags", ["x"])])).items,
    ):
        assert (read.tags, read.lines, read.extra) == (["x"], ["one"], {"list": ["y"]})
        assert read.created_at == repository.now
        spoil(read)
    assert ids(repository, AnyOf("tags", ["x"])) == ["n"]
    assert ids(repository, Contains("lines", "one")) == ["n"]
    assert ids(repository, Contains("lines", "spoilt")) == []
    repository.drop(repository.get(Note, "n"))
    assert ids(repository) == []


def test_a_filter_does_not_change_after_it_was_used(repository: Repository) -> None:
    for number in range(300):
        repository.add(Note(id=f"{number}", tags=[f"{number % 3}"]))
    values = ["0", "1"]
    where = AnyOf("tags", values)
    assert len(ids(repository, where)) == 200
    values.append("2")
    assert len(ids(repository, where)) == 200


def test_lists_that_are_kept_follow_every_write(notes: World) -> None:
    wanted: list[Filter] = [AnyOf("tags", ["0", "1"]), Contains("lines", "line")]
    with notes.repository("one", "1/r") as repository:
        for number in range(300):
            repository.add(Note(id=f"{number:03}", tags=[f"{number % 3}"], lines=["a line"]))
        before = ids(repository, *wanted)
        assert len(before) == 200
    with pytest.raises(NotFound), notes.repository("one", "1/r") as repository:
        repository.drop(repository.get(Note, "000"))
        repository.add(Note(id="new", tags=["1"], lines=["a line"]))
        assert ids(repository, *wanted) == [*before[1:], "new"]
        repository.get(Note, "missing")
    with notes.repository("one", "1/r") as repository:
        assert ids(repository, *wanted) == before
        changed = repository.get(Note, "001")
        changed.lines = ["something else"]
        repository.change(changed)
        assert ids(repository, *wanted) == [each for each in before if each != "001"]


def test_of_a_list_so_many_are_kept_and_no_more() -> None:
    filtered = filtered_list.FilteredList()
    for number in range(200):
        filtered.file((number, 0, f"{number}"), None, IndexKeys(texts={"name": [f"{number:04}"]}))
    many = [f"{number:02}" for number in range(filtered_list._MOST_KEPT + 8)]
    for part in many:
        found = filtered.find([Contains("name", part)])
        assert [id_ for _, _, id_ in found] == [str(n) for n in range(200) if part in f"{n:04}"]
    kept = [each.part for filters in filtered._kept for each in filters if isinstance(each, Contains)]  # fmt: skip
    assert kept == many[8:]
    filtered.find([Contains("name", many[8])])
    assert next(iter(filtered._kept)) == frozenset([Contains("name", many[9])])


def test_nothing_is_left_of_a_transaction_that_is_rolled_back() -> None:
    engine = MemoryEngine()
    world = world_on(engine, kinds={"one": {"note": Note}})
    with pytest.raises(NotFound), world.repository("one", "1/r") as repository:
        above = repository.add(Note(id="a", tags=["x"], lines=["one"]), claims=["name/a"])
        repository.add(Note(id="b"), parent=above.id)
        repository.get(Note, "missing")
    assert term_sizes(engine, "default") == []
    with engine.transaction() as store:
        assert store.is_empty("default")
        assert store.claims("default") == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+pysqlite://", "sqlite:///"])  # fmt: skip
def test_a_database_without_a_place_is_memory(url: str) -> None:
    assert isinstance(open_engine(url), MemoryEngine)


@pytest.mark.parametrize("url", ["nope://x", "nonsense", "sqlite:////does/not/exist/x.db"])
def test_a_database_that_cannot_be_opened_is_told(url: str) -> None:
    with pytest.raises(DatabaseError):
        open_engine(url)


def test_state_in_memory_imports_no_sql() -> None:
    code = """
import sys
before = {*sys.modules}  # a measurement of coverage has imported sqlite3
from werkzeug.test import Client
from emulator import Settings, create_app
client = Client(create_app(Settings(demo=True, auth="off")))
names = client.get("/_emulator/resources").get_json()["resources"]
assert names and client.get("/pai/api/v1/datasets?Name=a").status_code == 200
client.post("/_emulator/reset", json={})
assert not {"sqlalchemy", "sqlite3", "psycopg"} & sys.modules.keys() - before
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
