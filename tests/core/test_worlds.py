"""Worlds: how a request names one, what each has for itself, and that nothing leaks."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator import Settings
from emulator.app import Application
from emulator.core.storage.objects import put_object
from emulator.core.worlds.registry import MOST, WorldError, Worlds
from tests.contract import catalogue
from tests.contract.signing import NOW, SIGNERS, Sent, send, unsigned
from tests.core.conftest import ENGINES, new_database

PROVIDERS = list(catalogue.contracts())
WALL = int(NOW.timestamp()) * 10**9
DELIBERATE = {"X-Emulator-Control": "1"}
THREADS = 64
SECONDS = 30
"""Time within which 64 threads must have created five datasets each: ten times what it takes."""

EVERYWHERE = pytest.mark.parametrize("provider", PROVIDERS)
TOLD = ["clock", "faults", "lifecycles", "objects", "quotas", "requests", "resources"]
"""What the control API tells of a world."""


def application_with(**settings: Any) -> Application:
    given = {"demo": True, "strict": True, "clock": "frozen", **settings}
    return Application(Settings(**given), wall=lambda: WALL)


@pytest.fixture(scope="module", params=ENGINES)
def made(request: pytest.FixtureRequest) -> Iterator[Application]:
    application = application_with(database=new_database(request, request.param))
    yield application
    application.close()


@pytest.fixture
def application(made: Application) -> Application:
    for world in made.worlds.all():
        made.worlds.drop(world.name)
    return made


def ask(client: Client, provider: str, at: str = "", **headers: str) -> TestResponse:
    """Create the dataset that is the provider's example."""
    example = catalogue.contracts()[provider].seed["example"]
    return client.open(
        f"{at}/{provider}{example['path']}",
        method=example["method"],
        headers={**example["headers"], **headers},
        data=json.dumps(example["body"]),
    )


def names(client: Client) -> list[str]:
    return [world["name"] for world in client.get("/_emulator/worlds").get_json()["worlds"]]


def told(client: Client, world: str) -> Mapping[str, object]:
    """Everything the control API tells of a world."""
    return {what: client.get(f"/w/{world}/_emulator/{what}").get_json() for what in TOLD}


def datasets(client: Client, world: str) -> list[str]:
    """List the providers of the datasets in a world."""
    found = client.get(f"/w/{world}/_emulator/resources?kind=dataset").get_json()["resources"]
    return sorted(each["provider"] for each in found)


def created(provider: str) -> int:
    return catalogue.contracts()[provider].operations["CreateDataset"].status


# ---- how a request names a world


@EVERYWHERE
def test_a_request_is_for_the_world_in_its_path(client: Client, provider: str) -> None:
    assert ask(client, provider, "/w/a").status_code == created(provider)
    assert (datasets(client, "a"), datasets(client, "default")) == ([provider], [])


@EVERYWHERE
def test_a_request_is_for_the_world_in_its_header(client: Client, provider: str) -> None:
    answer = ask(client, provider, **{"X-Emulator-World": "a"})
    assert answer.status_code == created(provider)
    assert (datasets(client, "a"), datasets(client, "default")) == ([provider], [])


@EVERYWHERE
def test_a_request_that_names_no_world_is_for_the_default_one(
    client: Client, provider: str
) -> None:
    assert ask(client, provider).status_code == created(provider)
    assert datasets(client, "default") == [provider]
    assert names(client) == ["default"]


@EVERYWHERE
def test_a_path_is_more_than_a_header(client: Client, provider: str) -> None:
    answer = ask(client, provider, "/w/a", **{"X-Emulator-World": "b"})
    assert answer.status_code == created(provider)
    assert datasets(client, "a") == [provider]
    assert names(client) == ["default", "a"]


def test_marks_and_hosts_name_the_provider_behind_the_world_as_well(client: Client) -> None:
    example = catalogue.contracts()["lookoutvision"].seed["example"]
    answer = client.post(f"/w/a{example['path']}", headers=example["headers"], json=example["body"])
    assert answer.status_code == 202
    hosted = client.get("/w/a/api/v1/datasets", headers={"Host": "api.coactive.ai"})
    assert hosted.status_code in (401, 403)
    nobody = client.post("/w/a/api/v1/datasets").get_json()
    assert nobody["error"] == "ProviderUnknown"
    listed = client.get("/w/a/_emulator/requests").get_json()["requests"]
    assert [each["provider"] for each in listed] == ["lookoutvision", "coactive", None]
    assert client.get("/_emulator/requests").get_json() == {"requests": []}


def test_a_world_has_the_control_api_as_well(client: Client) -> None:
    assert client.get("/w/a/health").status_code == 200
    assert client.get("/w/a/_emulator/clock").status_code == 200
    assert client.get("/_emulator/clock", headers={"X-Emulator-World": "a"}).status_code == 200


# ---- by credential


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    pairs = [
        {"provider": "*", "id": "bound", "secret": "s1", "world": "theirs", "token": "t1"},
        {"provider": "*", "id": "free", "secret": "s2"},
    ]
    path: Path = tmp_path_factory.mktemp("worlds") / "credentials.json"
    path.write_text(json.dumps({"credentials": pairs}))
    return str(path)


@pytest.fixture(scope="module", params=["parse", "verify"])
def bound(request: pytest.FixtureRequest, file: str) -> Iterator[Application]:
    application = application_with(auth=request.param, credentials=file)
    yield application
    application.close()


@pytest.fixture
def verifying(file: str) -> Iterator[Application]:
    """An emulator that verifies, where nothing happened yet."""
    application = application_with(auth="verify", credentials=file)
    yield application
    application.close()


def signed(provider: str, key: str, secret: str, at: str = "") -> Sent:
    """Sign the creation of the example as clients do."""
    example = catalogue.contracts()[provider].seed["example"]
    wished = Sent(
        method=example["method"],
        target=f"{at}/{provider}{example['path']}",
        headers=unsigned(example["headers"]),
        body=json.dumps(example["body"]).encode(),
    )
    return SIGNERS[provider](wished, key, secret)


def token_for(application: Application, token: str) -> str:
    """Log in with a personal token, and give the access token."""
    login = Sent(method="POST", target="/coactive/api/v0/login")
    status, body = send(application, login.also(Authorization=f"Bearer {token}"))
    assert status == 200, body
    return str(json.loads(body)["access_token"])


def token_of(application: Application, key: str, secret: str) -> str:
    """Log in, and give the token."""
    login = Sent(
        method="POST",
        target="/coactive/api/v0/login",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"grant_type": "client_credentials"}).encode(),
    )
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    status, body = send(application, login.also(Authorization=f"Basic {basic}"))
    assert status == 200, body
    return str(json.loads(body)["access_token"])


@EVERYWHERE
def test_a_request_is_for_the_world_of_its_credentials(bound: Application, provider: str) -> None:
    for world in bound.worlds.all():
        bound.worlds.drop(world.name)
    client = Client(bound)
    for key, secret, name in (("bound", "s1", "theirs"), ("free", "s2", "default")):
        status, body = send(bound, of(bound, provider, key, secret))
        assert status == created(provider), body
        assert datasets(client, name) == [provider]
    assert names(client) == ["default", "theirs"]


@EVERYWHERE
def test_path_and_header_are_more_than_credentials(bound: Application, provider: str) -> None:
    for world in bound.worlds.all():
        bound.worlds.drop(world.name)
    client = Client(bound)
    by_path = of(bound, provider, "bound", "s1", at="/w/a")
    by_header = of(bound, provider, "bound", "s1").also(**{"X-Emulator-World": "b"})
    for sent, name in ((by_path, "a"), (by_header, "b")):
        status, body = send(bound, sent)
        assert status == created(provider), body
        assert datasets(client, name) == [provider]
    assert datasets(client, "theirs") == []


def test_a_login_is_in_the_world_of_its_personal_token(bound: Application) -> None:
    for world in bound.worlds.all():
        bound.worlds.drop(world.name)
    client = Client(bound)
    token_for(bound, "t1")
    assert names(client) == ["default", "theirs"]
    journals = [client.get(f"/w/{world}/_emulator/requests").get_json() for world in names(client)]
    assert [len(journal["requests"]) for journal in journals] == [0, 1]


@EVERYWHERE
def test_a_world_of_credentials_is_there_however_many_there_are(
    bound: Application, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    for world in bound.worlds.all():
        bound.worlds.drop(world.name)
    monkeypatch.setattr(bound.worlds, "_most", 1)
    status, body = send(bound, of(bound, provider, "bound", "s1"))
    assert status == created(provider), body
    assert datasets(Client(bound), "theirs") == [provider]


def of(application: Application, provider: str, key: str, secret: str, at: str = "") -> Sent:
    """Sign a creation; with a token of its own where the provider gives tokens."""
    sent = signed(provider, key, secret, at)
    if provider != "coactive":
        return sent
    return sent.also(Authorization=f"Bearer {token_of(application, key, secret)}")


# ---- made, listed, dropped, refused


def test_worlds_are_made_on_first_use_and_listed_in_that_order(client: Client) -> None:
    assert names(client) == ["default"]
    for at in ("/w/b", "/w/a", "/w/b"):
        ask(client, "pai", at)
    assert names(client) == ["default", "b", "a"]


def test_a_dropped_world_begins_anew(client: Client) -> None:
    ask(client, "pai", "/w/a")
    client.post("/w/a/_emulator/clock/advance", json={"seconds": 60})
    assert client.delete("/_emulator/worlds/a", headers=DELIBERATE).get_json() == {"status": "ok"}
    assert names(client) == ["default"]
    assert client.delete("/_emulator/worlds/a", headers=DELIBERATE).status_code == 404
    assert told(client, "a") == told(client, "fresh")


def test_the_default_world_cannot_be_dropped_it_starts_over(client: Client) -> None:
    ask(client, "pai")
    client.delete("/_emulator/worlds/default", headers=DELIBERATE)
    assert names(client) == ["default"]
    assert told(client, "default") == told(client, "fresh")


@pytest.mark.parametrize("name", ["", "-a", ".", "..", "a b", "a" * 65, "\u00e9", "a,b", "a;b"])  # fmt: skip
def test_a_bad_name_is_refused_and_nothing_is_made(client: Client, name: str) -> None:
    said = (
        "the name of a world has up to 64 letters, digits, dots, dashes and underscores,"
        " and begins with a letter or digit"
    )
    by_header = ask(client, "pai", **{"X-Emulator-World": name.strip()}) if name.isascii() else None
    by_path = client.get(f"/w/{name.replace(';', '%3B')}/health")
    for answer in filter(None, (by_header, by_path)):
        assert (answer.status_code, answer.content_type) == (400, "application/json")
        assert answer.get_json() == {"error": "WorldRefused", "message": said}
    assert names(client) == ["default"]
    assert datasets(client, "default") == []


@pytest.mark.parametrize("name", ["a", "0", "A.b-c_d", "x" * 64, "gw0", "test_a.py-1"])
def test_names_that_test_runners_make_are_good_ones(client: Client, name: str) -> None:
    assert ask(client, "pai", f"/w/{name}").status_code == 200
    assert names(client) == ["default", name]


def test_a_slash_in_a_name_ends_it(client: Client) -> None:
    assert client.get("/w/a%2Fhealth").status_code == 200
    assert names(client) == ["default", "a"]


def test_there_are_only_so_many_worlds(
    application: Application, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application.worlds, "_most", 3)
    for at in ("/w/a", "/w/b"):
        assert ask(client, "pai", at).status_code == 200
    over = ask(client, "pai", "/w/c")
    assert (over.status_code, over.get_json()) == (400, {"error": "WorldRefused", "message": "there are 3 worlds already; delete some"})  # fmt: skip
    assert ask(client, "aitems", "/w/b").status_code == 201
    client.delete("/_emulator/worlds/a", headers=DELIBERATE)
    assert ask(client, "pai", "/w/c").status_code == 200
    assert names(client) == ["default", "b", "c"]


def test_the_bound_is_kept_by_threads_that_want_a_world_each(application: Application) -> None:
    worlds = Worlds(application.worlds._make, most=10)
    start, refused = Barrier(THREADS), []

    def want(number: int) -> None:
        start.wait()
        try:
            worlds.named(f"n{number}")
        except WorldError as error:
            refused.append(str(error))

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(want, range(THREADS)))
    assert len(worlds.all()) == 10
    assert refused == ["there are 10 worlds already; delete some"] * (THREADS - 9)
    for world in worlds.all():
        worlds.drop(world.name)


def test_a_thousand_worlds_fit(client: Client) -> None:
    assert MOST == 1000


def test_threads_that_want_the_same_world_get_the_same(application: Application) -> None:
    start = Barrier(THREADS)

    def want(_: int) -> object:
        start.wait()
        return application.worlds.named("same")

    with ThreadPoolExecutor(THREADS) as threads:
        assert len(set(threads.map(want, range(THREADS)))) == 1


def test_a_world_made_while_it_is_dropped_keeps_what_it_then_gets(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its end and its new beginning nobody can put anything into a world."""
    client, dropping, going_on = Client(application), threading.Event(), threading.Event()
    ask(client, "pai", "/w/a")
    world = application.worlds.named("a")
    whole = world.forget

    def slowly() -> None:
        dropping.set()
        going_on.wait(10)
        whole()

    monkeypatch.setattr(world, "forget", slowly)
    with ThreadPoolExecutor(2) as threads:
        dropped = threads.submit(application.worlds.drop, "a")
        dropping.wait(10)
        asked = threads.submit(ask, Client(application), "pai", "/w/a")
        going_on.set()
        assert dropped.result(10) is True
        assert asked.result(10).status_code == 200
    assert datasets(client, "a") == ["pai"]


def test_what_is_under_way_in_a_world_that_is_dropped_ends_well_and_leaves_nothing(
    application: Application,
) -> None:
    world = application.worlds.named("a")
    application.worlds.drop("a")
    with world.objects() as repository:
        assert put_object(repository, "b", "k", "t").text == "t"
    world.keep()
    assert names(Client(application)) == ["default"]
    assert application.worlds.named("a").snapshot()["objects"] == []


# ---- what each has for itself


def test_a_reset_of_one_world_leaves_all_others_as_they_are(client: Client) -> None:
    for world in ("a", "b", "default"):
        disturb(client, world)
    before = {world: told(client, world) for world in ("b", "default")}
    assert client.post("/w/a/_emulator/reset", json={}).status_code == 200
    assert {world: told(client, world) for world in ("b", "default")} == before
    assert told(client, "a") == told(client, "fresh")


def disturb(client: Client, world: str) -> None:
    """Change everything there is of a world."""
    at = f"/w/{world}"
    for provider in PROVIDERS:
        assert ask(client, provider, at).status_code == created(provider)
    client.post(f"{at}/_emulator/clock/advance", json={"seconds": 5})
    client.put(f"{at}/_emulator/clock", json={"speed": 3})
    client.patch(f"{at}/_emulator/quotas", json={"personalize": {"schemas": 7}})
    client.post(f"{at}/_emulator/faults", json={"effect": {"delay": 0}})
    client.put(f"{at}/_emulator/lifecycles", json={"default": "manual", "providers": {"pai": {"*": "timed"}}})  # fmt: skip
    client.put(f"{at}/_emulator/objects", json={"bucket": "b", "key": "k", "text": "t"})


def test_no_command_reaches_another_world(client: Client) -> None:
    before = told(client, "default")
    disturb(client, "a")
    assert told(client, "default") == before
    changed = told(client, "a")
    assert [what for what in TOLD if changed[what] == before[what]] == []


def test_a_clock_belongs_to_a_world_and_states_follow_it(client: Client) -> None:
    for world in ("a", "b"):
        ask(client, "personalize", f"/w/{world}")
    client.post("/w/a/_emulator/clock/advance", json={"until": "settled"})
    states = {
        world: [each["state"] for each in client.get(f"/w/{world}/_emulator/resources?kind=dataset").get_json()["resources"]]
        for world in ("a", "b")
    }  # fmt: skip
    assert states == {"a": ["ACTIVE"], "b": ["CREATE PENDING"]}


def test_a_fault_a_quota_and_a_mode_belong_to_a_world(client: Client) -> None:
    client.post("/w/a/_emulator/faults", json={"match": {"provider": "pai"}, "effect": {"error": "InternalError"}})  # fmt: skip
    client.patch("/w/a/_emulator/quotas", json={"lookoutvision": {"projects": 1}})
    client.put("/w/a/_emulator/lifecycles", json={"providers": {"personalize": {"dataset": "immediate"}}})  # fmt: skip
    project: dict[str, Any] = {"method": "POST", "json": {"ProjectName": "p"}}
    sigv4 = catalogue.contracts()["lookoutvision"].seed["example"]["headers"]
    seen = {}
    for world in ("a", "b"):
        vision = client.open(f"/w/{world}/lookoutvision/2020-11-20/projects", headers=sigv4, **project)  # fmt: skip
        ask(client, "personalize", f"/w/{world}")
        found = client.get(f"/w/{world}/_emulator/resources?provider=personalize&kind=dataset")
        seen[world] = (
            ask(client, "pai", f"/w/{world}").status_code,
            vision.status_code,
            found.get_json()["resources"][0]["state"],
        )
    assert seen == {"a": (500, 402, "ACTIVE"), "b": (200, 200, "CREATE PENDING")}


def test_a_nonce_is_used_once_in_each_world(verifying: Application) -> None:
    bound = verifying
    sent = signed("pai", "free", "s2")
    asked = [
        send(bound, sent.also(**{"X-Emulator-World": world}))[0] for world in ("a", "b", "a", "b")
    ]
    assert asked == [200, 200, 400, 400]
    Client(bound).post("/w/a/_emulator/reset", json={})
    asked = [send(bound, sent.also(**{"X-Emulator-World": world}))[0] for world in ("a", "b")]
    assert asked == [200, 400]


@pytest.mark.parametrize("provider", ["lookoutvision", "pai", "aitems", "personalize"])
def test_a_signature_holds_with_the_world_in_what_is_signed_only(
    verifying: Application, provider: str
) -> None:
    bound = verifying
    sent = signed(provider, "free", "s2", at="/w/a")
    moved = replace(sent, target=sent.target.replace("/w/a/", "/w/b/"))
    assert send(bound, moved)[0] in (400, 401, 403), provider
    assert send(bound, sent)[0] == created(provider), provider


def test_ids_are_of_a_world(application: Application) -> None:
    """The same seed gives different worlds different ids, and the same world the same."""
    seeded = application_with(id_seed=1)
    client = Client(seeded)
    ids = {world: ask(client, "pai", f"/w/{world}").get_json()["DatasetId"] for world in ("a", "b")}
    client.delete("/_emulator/worlds/a", headers=DELIBERATE)
    again = ask(client, "pai", "/w/a").get_json()["DatasetId"]
    seeded.close()
    assert ids["a"] == again
    assert ids["a"] != ids["b"]


# ---- many at once


def test_64_threads_in_64_worlds_create_the_same_without_a_leak_or_a_conflict(
    application: Application,
) -> None:
    start, began = Barrier(THREADS), time.monotonic()

    def live(number: int) -> list[int]:
        client, at = Client(application), f"/w/t{number}"
        start.wait()
        return [ask(client, provider, at).status_code for provider in PROVIDERS]

    with ThreadPoolExecutor(THREADS) as threads:
        statuses = list(threads.map(live, range(THREADS)))
    assert time.monotonic() - began < SECONDS
    assert statuses == [[created(provider) for provider in PROVIDERS]] * THREADS
    client = Client(application)
    for number in range(THREADS):
        assert datasets(client, f"t{number}") == sorted(PROVIDERS)
        listed = client.get(f"/w/t{number}/_emulator/requests").get_json()["requests"]
        assert [each["provider"] for each in listed] == PROVIDERS
    assert datasets(client, "default") == []
    assert client.get("/_emulator/requests").get_json() == {"requests": []}


def test_worlds_that_are_reset_meanwhile_harm_nobody_else(application: Application) -> None:
    """Of 16 worlds every other one is reset again and again; in the others nothing is lost."""
    start = Barrier(16)

    def live(number: int) -> list[int]:
        client, at = Client(application), f"/w/t{number}"
        start.wait()
        if number % 2:
            return [ask(client, provider, at).status_code for provider in PROVIDERS]
        resets = (client.post(f"{at}/_emulator/reset", json={}) for _ in range(10))
        return [answer.status_code for answer in resets]

    with ThreadPoolExecutor(16) as threads:
        statuses = list(threads.map(live, range(16)))
    expected = [created(provider) for provider in PROVIDERS]
    assert statuses == [expected if number % 2 else [200] * 10 for number in range(16)]
    client = Client(application)
    for number in range(1, 16, 2):
        assert datasets(client, f"t{number}") == sorted(PROVIDERS)
