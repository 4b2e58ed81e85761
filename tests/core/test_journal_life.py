"""What the journal keeps of a request outlives neither more than it must, nor leaves with a secret."""

from __future__ import annotations

import gc
import io
import json
import logging
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.datastructures import Headers
from werkzeug.test import Client, EnvironBuilder

from emulator import Settings
from emulator.app import Application
from emulator.core.worlds.world import World
from tests.contract import catalogue

DELIBERATE = {"X-Emulator-Control": "1"}
EXAMPLES = {name: contract.seed["example"] for name, contract in catalogue.contracts().items()}
SECRET = "hush-hush"


class Watched(dict[str, Any]):
    """An environ that can be watched, as that of a server holds a socket."""


class Stream(io.BytesIO):
    """A body that can be watched."""


def example(provider: str, **changes: Any) -> EnvironBuilder:
    one = EXAMPLES[provider]
    usual = {
        "path": f"/{provider}{one['path']}",
        "method": one["method"],
        "headers": one["headers"],
        "data": json.dumps(one["body"]),
    }
    return EnvironBuilder(**{**usual, **changes})


def refused_orders(application: Application) -> EnvironBuilder:
    """A request that gets an ordered error."""
    order = {"match": {"provider": "pai"}, "effect": {"error": "201300003"}}
    assert Client(application).post("/_emulator/faults", json=order).status_code == 200
    return example("pai")


ENDS: dict[str, Callable[[Application], EnvironBuilder]] = {
    **{name: lambda _, name=name: example(name) for name in EXAMPLES},  # type: ignore[misc]
    "invalid": lambda _: example("personalize", data="{}"),
    "malformed": lambda _: example("lookoutvision", data='{"'),
    "too large": lambda _: example("pai", data=b" " * 2_000_000),
    "no credentials": lambda _: example("aitems", headers={}),
    "no such route": lambda _: example("coactive", path="/coactive/nope"),
    "wrong method": lambda _: example("pai", method="PATCH"),
    "no such target": lambda _: example("personalize", headers={"X-Amz-Target": "a"}),
    "ordered": refused_orders,
    "no provider": lambda _: EnvironBuilder(path="/nope"),
}
"""Requests that end in every way there is, but for a failure of the emulator itself."""


@pytest.fixture
def application() -> Iterator[Application]:
    application = Application(Settings(demo=True))
    yield application
    application.close()


def refs(application: Application, builder: EnvironBuilder) -> list[weakref.ref[Any]]:
    """Send a request, as a server does; return references to what must not be kept."""
    environ = Watched(builder.get_environ())
    environ["wsgi.input"] = stream = Stream(environ["wsgi.input"].read())
    b"".join(application(environ, lambda *_: None))
    return [weakref.ref(environ), weakref.ref(stream)]


@pytest.mark.parametrize("end", ENDS)
def test_an_entry_keeps_no_environ_and_no_body_alive(application: Application, end: str) -> None:
    watched = refs(application, ENDS[end](application))
    gc.collect()
    assert [ref() for ref in watched] == [None, None]
    (entry,) = application.world.journal
    assert (entry.explain is None) == (entry.status < 400)


def test_an_entry_of_a_failure_keeps_nothing_alive_either(
    application: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(World, "repository", fail)
    caplog.set_level(logging.CRITICAL)  # a captured traceback would keep all of it
    watched = refs(application, example("personalize"))
    gc.collect()
    assert [ref() for ref in watched] == [None, None]
    (entry,) = application.world.journal
    assert entry.explain is not None
    assert entry.explain["failure"] == "InternalError"


def test_entries_keep_no_world_alive(application: Application) -> None:
    for make in ENDS.values():
        builder = make(application)
        builder.headers["X-Emulator-World"] = "brief"
        refs(application, builder)
    journal = application.worlds.named("brief").journal
    world = weakref.ref(application.worlds.named("brief"))
    assert application.worlds.drop("brief")
    gc.collect()
    assert world() is None
    entries = list(journal)
    assert len(entries) == len(ENDS)
    assert sum(entry.explain is not None for entry in entries) == len(ENDS) - len(EXAMPLES)


SPELLINGS = [
    ("authorization", "x-amz-security-token", "x-ncp-iam-access-key"),
    ("AUTHORIZATION", "X-ACS-Security-Token", "x-NCP-apigw-signature-v2"),
]


def requests(provider: str, path: str) -> Iterator[EnvironBuilder]:
    """Requests with a secret in their headers, query and body, in several spellings."""
    members = {"access_TOKEN": SECRET, "name": json.dumps({"Authorization": SECRET})}
    form = f"a=b&access%5ftoken={SECRET}&c={quote(json.dumps(members))}"
    for body in (json.dumps(members), json.dumps(json.dumps(members)), form, f"{{{form}"):
        for names in SPELLINGS:
            headers = {**EXAMPLES[provider]["headers"], **dict.fromkeys(names, SECRET)}
            yield EnvironBuilder(
                path=f"/{provider}{path}",
                query_string=f"X-Amz-Signature={SECRET}&x-amz-CREDENTIAL={SECRET}&a=b",
                method="POST",
                headers=Headers(headers),
                data=body,
            )


def test_no_secret_of_a_request_leaves_the_process_or_reaches_a_database(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = Settings(demo=True, strict=True, database=f"sqlite:///{tmp_path}/state.db")
    application = Application(settings)
    client, count = Client(application), 0
    for provider, one in EXAMPLES.items():
        for path in (one["path"], "/nope"):
            for builder in requests(provider, path):
                client.open(builder)
                count += 1
    client.open("/nope", headers={"Authorization": SECRET}, query_string={"access_token": SECRET})
    paths = ("requests", "state", "coverage", "resources", "faults", "health", "clock")
    left = [caplog.text, *(client.get(f"/_emulator/{path}").text for path in paths)]
    for number in range(1, count + 2):
        shown = client.get(f"/_emulator/requests/{number}")
        assert shown.status_code == 200
        left.append(shown.get_data(as_text=True))
    for call in (
        {"path": "/_emulator/verify", "json": {"match": {}, "count": 0}},
        {"path": "/_emulator/wait", "json": {"until": {"requests": 999}, "timeout": 0}},
    ):
        answer = client.post(**call, headers=DELIBERATE)
        assert answer.status_code >= 400, answer.text
        left.append(answer.text)
    application.close()
    left += [file.read_bytes().decode("latin-1") for file in tmp_path.iterdir()]
    assert len(left) > count
    assert [text for text in left if SECRET in text] == []
