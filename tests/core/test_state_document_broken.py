"""State documents that somebody changed: taken, or refused where they break and nothing done."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator import Settings
from emulator.app import Application
from emulator.core.worlds.state_document import StateError
from tests.contract import catalogue
from tests.core.conftest import ENGINES, new_database
from tests.core.test_restarts import START, fill

NOTHING = object()
"""In the place of a node: it is left out."""

VALUES: Sequence[object] = [
    NOTHING, None, True, 0, -1, 1, 2**31, 2**53 - 1, 2**53, 2**63, 10**30, 0.5, 1e308, "", "x", "\0",
    "\ud800", "a/b", "9999-12-31T23:59:59.999999Z", "0001-01-01", [], ["x"], [[]], [{}], {},
    {"": ""}, {"x": {}}, {"version": 1},
]  # fmt: skip
NO_JSON = (math.nan, math.inf)
"""Values that Python writes and JSON does not have."""

Path = tuple[str | int, ...]
Change = tuple[Path, object]
"""A place in a document, and what it has instead."""


def make(database: str) -> Application:
    wished = Settings(demo=True, strict=True, id_seed=7, database=database)
    return Application(wished, wall=lambda: START * 1000)


@pytest.fixture(scope="module", params=ENGINES)
def application(request: pytest.FixtureRequest) -> Iterator[Application]:
    application = make(new_database(request, request.param))
    yield application
    application.close()


@pytest.fixture(scope="module")
def in_memory() -> Iterator[Application]:
    application = make("sqlite://")
    fill(Client(application))
    yield application
    application.close()


@pytest.fixture(scope="module")
def whole(in_memory: Application) -> Any:
    """A document that has something of everything of every provider."""
    document = Client(in_memory).get("/_emulator/state").get_json()
    assert list(document["providers"]) == sorted(catalogue.contracts())
    return document


@pytest.fixture(scope="module")
def verdicts(in_memory: Application, whole: Any) -> dict[bool, list[Change]]:
    """Every change of one place: those that are refused, and those that are taken."""
    verdicts: dict[bool, list[Change]] = {False: [], True: []}
    for path in filter(None, paths(whole)):
        part, place = part_with(whole, path)
        for value in VALUES:
            try:
                in_memory.world._plan.reader.read(changed(part, [(place, value)]))
                verdicts[True].append((path, value))
            except StateError:
                verdicts[False].append((path, value))
    return verdicts


def paths(node: object, path: Path = ()) -> Iterator[Path]:
    """List the places in a document."""
    yield path
    if isinstance(node, dict):
        for name, member in node.items():
            yield from paths(member, (*path, name))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from paths(item, (*path, index))


def part_with(document: Any, path: Path) -> tuple[Any, Path]:
    """Give a small document that has a place in it, and the place there.

    Of resources it has the one, with its claims: whether a change is taken is seen from them.
    """
    rest = {name: member for name, member in document.items() if name != "providers"}
    match path:
        case ("providers", str() as provider, ("resources" | "claims") as rows, int() as index, *_):
            kept = document["providers"][provider]
            chosen = identity(kept[rows][index])
            resources = [row for row in kept["resources"] if identity(row) == chosen]
            claims = [claim for claim in kept["claims"] if identity(claim) == chosen]
            place = {"resources": resources, "claims": claims}[rows].index(kept[rows][index])
            part = {provider: {**kept, "resources": resources, "claims": claims}}
            return {"version": 1, "providers": part}, (*path[:3], place, *path[4:])
        case ("providers", *_):
            return document, path
    return rest, path


def identity(row: Any) -> tuple[str, str, str]:
    return row["scope"], row["kind"], row["id"]


def changed(document: Any, changes: Sequence[Change]) -> Any:
    """Give a document with something else in some places, none of them inside of another."""
    document = copy.deepcopy(document)
    for (*above, last), value in sorted(changes, key=lambda change: repr(change[0]), reverse=True):
        node = document
        for step in above:
            node = node[step]
        if value is NOTHING:
            del node[last]
        else:
            node[last] = copy.deepcopy(value)
    return document


def put(client: Client, document: object) -> TestResponse:
    data = json.dumps(document)
    return client.put("/w/w/_emulator/state", data=data, content_type="application/json")


def test_what_is_refused_is_said_where_it_is_and_changes_nothing(
    application: Application, whole: Any, verdicts: dict[bool, list[Change]]
) -> None:
    client = Client(application)
    assert put(client, whole).status_code == 200
    before = client.get("/w/w/_emulator/state").get_data()
    refused = verdicts[False]
    for path, value in [*refused[:: len(refused) // 50], *product([("version",), ("objects", 0)], NO_JSON)]:  # fmt: skip
        assert_refused(put(client, changed(whole, [(path, value)])))
    assert client.get("/w/w/_emulator/state").get_data() == before


def assert_refused(answer: TestResponse) -> None:
    assert answer.status_code == 400
    assert answer.get_json()["error"] in (
        "InvalidState",
        "UnsupportedVersion",
        "Malformed",
        "Invalid",
    )
    assert answer.get_json()["message"]


def test_every_change_that_is_taken_is_there_afterwards(
    application: Application, whole: Any, verdicts: dict[bool, list[Change]]
) -> None:
    """Many changes are made at once, of one value and of places that are not inside each other."""
    client = Client(application)
    for value in VALUES:
        mine = [change for change in verdicts[True] if change[1] is value]
        for _, together in groupby(sorted(mine, key=depth), key=depth):
            left: Sequence[Change] = list(together)
            while left:
                left = take(client, whole, left)


def depth(change: Change) -> int:
    """Changes of one depth are never one inside of another."""
    return len(change[0])


def take(client: Client, whole: Any, changes: Sequence[Change]) -> Sequence[Change]:
    """Make as many changes as go together, and give the others.

    A single one may be refused by the world although its form is right.
    """
    together, others = list(changes), list[Change]()
    before = client.get("/w/w/_emulator/state").get_data()
    while (answer := put(client, changed(whole, together))).status_code == 400:
        assert_refused(answer)
        if len(together) == 1:
            assert client.get("/w/w/_emulator/state").get_data() == before, together
            return others
        place = answer.get_json()["pointer"].split("/")[1:]
        named = (
            n for n, (path, _) in enumerate(together) if [*map(str, path[: len(place)])] == place
        )
        others.append(together.pop(next(named, -1)))
    assert answer.status_code == 200, (together, answer.get_data())
    after = client.get("/w/w/_emulator/state")
    assert after.status_code == 200, together
    assert client.get("/w/w/_emulator/resources").status_code == 200, together
    assert put(client, after.get_json()).status_code == 200, together
    assert client.get("/w/w/_emulator/state").get_data() == after.get_data(), together
    return others


def test_the_same_is_the_same_bytes_in_a_fresh_emulator(
    application: Application, whole: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every provider, with what is moving, held, jumped, failed, tagged and told."""
    assert put(Client(application), whole).status_code == 200
    first = Client(application).get("/w/w/_emulator/state").get_data()
    folder = tmp_path_factory.mktemp("fresh")
    fresh = Application(Settings(strict=True, id_seed=7, database=f"sqlite:///{folder}/s.db"))
    client = Client(fresh)
    answer = client.put("/_emulator/state", data=first, content_type="application/json")
    assert answer.status_code == 200, answer.get_data()
    assert client.get("/_emulator/state").get_data() == first
    fresh.close()
