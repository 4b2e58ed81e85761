"""State documents that somebody changed: taken, or refused where they break and nothing done."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from tests.contract import catalogue
from tests.core.conftest import new_database
from tests.core.test_restarts import START, fill

NOTHING = object()
"""In the place of a node: it is left out."""

VALUES = st.sampled_from(
    [NOTHING, None, True, 0, -1, 1, 2**31, 2**63, 10**30, 0.5, 1e308, float("nan"), float("inf"),
     "", "x", "\0", "\ud800", "a/b", "9999-12-31T23:59:59.999999Z", "0001-01-01", [], ["x"], [[]],
     [{}], {}, {"": ""}, {"x": {}}, {"version": 1}]
)  # fmt: skip


@pytest.fixture(scope="module", params=["memory", "file"])
def application(request: pytest.FixtureRequest) -> Iterator[Application]:
    database = new_database(request, request.param)
    wished = Settings(demo=True, strict=True, id_seed=7, database=database)
    application = Application(wished, wall=lambda: START * 1000)
    yield application
    application.close()


@pytest.fixture(scope="module")
def whole(application: Application) -> Any:
    """A document that has something of everything of every provider."""
    client = Client(application)
    fill(client)
    document = client.get("/_emulator/state").get_json()
    assert list(document["providers"]) == sorted(catalogue.contracts())
    return document


def paths(node: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """List the places in a document."""
    yield path
    if isinstance(node, dict):
        for name, member in node.items():
            yield from paths(member, (*path, name))
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from paths(item, (*path, index))


def changed(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Give a document with something else in one place."""
    *above, last = path
    document = copy.deepcopy(document)
    node = document
    for step in above:
        node = node[step]
    if value is NOTHING:
        del node[last]
    else:
        node[last] = value
    return document


def put(client: Client, document: object) -> Any:
    data = json.dumps(document)
    return client.put("/w/w/_emulator/state", data=data, content_type="application/json")


@settings(
    max_examples=120,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_change_is_taken_or_refused_where_it_is(
    application: Application, whole: Any, data: st.DataObject
) -> None:
    client = Client(application)
    path = data.draw(st.sampled_from([path for path in paths(whole) if path]))
    document = changed(whole, path, data.draw(VALUES))
    assert put(client, whole).status_code == 200
    before = client.get("/w/w/_emulator/state").get_data()
    answer = put(client, document)
    after = client.get("/w/w/_emulator/state")
    assert after.status_code == 200
    if answer.status_code == 200:
        assert client.get("/w/w/_emulator/resources").status_code == 200
        assert put(client, after.get_json()).status_code == 200
        assert client.get("/w/w/_emulator/state").get_data() == after.get_data()
        return
    assert (answer.status_code, after.get_data()) == (400, before)
    told = answer.get_json()
    assert told["error"] in ("InvalidState", "UnsupportedVersion", "Malformed", "Invalid"), told
    assert told["message"]


def test_the_same_is_the_same_bytes_in_a_fresh_emulator(
    application: Application, whole: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every provider, with what is moving, held, jumped, failed, tagged and told."""
    first = Client(application).get("/_emulator/state").get_data()
    folder = tmp_path_factory.mktemp("fresh")
    fresh = Application(Settings(strict=True, id_seed=7, database=f"sqlite:///{folder}/s.db"))
    client = Client(fresh)
    answer = client.put("/_emulator/state", data=first, content_type="application/json")
    assert answer.status_code == 200, answer.get_data()
    assert client.get("/_emulator/state").get_data() == first
    fresh.close()
