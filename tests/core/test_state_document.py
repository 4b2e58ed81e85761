"""State documents: written alike, read elsewhere, refused whole; and seeds, which are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.errors.failures import AlreadyExists
from emulator.core.primitives.clock import from_iso
from emulator.core.storage.engine import Engine, Selection
from emulator.core.storage.filters import AnyOf, Contains, Filter, IndexKeys
from emulator.core.storage.query import Query
from emulator.core.storage.repository import short
from emulator.core.storage.resource import Resource
from emulator.core.worlds.state_document import Kinds, StateReader
from emulator.core.worlds.world import World
from emulator.server.command import BAD_SEED, _complain
from emulator.settings import SeedError, Settings
from tests.cases.runner import Case, Runner, all_cases
from tests.contract import catalogue
from tests.core.conftest import ask, contract, world_on
from tests.core.engine_contents import term_sizes

JSON = {"Content-Type": "application/json"}
START = "2026-04-01T08:00:00.000000Z"
SCHEMA = {"type": "record", "name": "Users", "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}]}  # fmt: skip
ACCOUNT = "123456789012/us-east-1"
GROUP = {
    "kind": "dataset-group",
    "id": "arn:aws:personalize:us-east-1:123456789012:dataset-group/g",
    "body": {"name": "g"},
}
CLAIM = {"kind": GROUP["kind"], "id": GROUP["id"], "claim": "dataset-group/g"}


def make_application(**settings: Any) -> Application:
    given = {"auth": "off", "strict": True, "clock": "frozen", **settings}
    return Application(Settings(**given), wall=lambda: from_iso(START) * 1000)


@pytest.fixture(scope="module")
def emulator() -> Application:
    return make_application()


@pytest.fixture
def application(emulator: Application) -> Iterator[Application]:
    yield emulator
    for world in emulator.worlds.all():
        emulator.worlds.drop(world.name)


def personalize(client: Client, operation: str, world: str = "default", **members: Any) -> Any:
    headers = {"X-Amz-Target": f"AmazonPersonalize.{operation}", "X-Emulator-World": world, "Content-Type": "application/x-amz-json-1.1"}  # fmt: skip
    answer = client.post("/", data=json.dumps(members), headers=headers)
    return answer.get_json(force=True) if answer.data else None


def exported(client: Client, world: str = "default") -> bytes:
    answer = client.get(f"/w/{world}/_emulator/state")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return answer.get_data()


def put(client: Client, document: object, world: str = "default") -> TestResponse:
    body = document if isinstance(document, bytes) else json.dumps(document)
    return client.put(f"/w/{world}/_emulator/state", data=body, headers=JSON)


def fill(client: Client) -> None:
    """Leave something of everything that a state document has."""
    personalize(client, "CreateSchema", name="\u00e9", schema=json.dumps(SCHEMA))
    client.put("/_emulator/lifecycles", json={"default": "timed", "providers": {"pai": {"*": "manual"}, "personalize": {"dataset-group": "manual"}}})  # fmt: skip
    personalize(client, "CreateDatasetGroup", name="g")
    client.post("/_emulator/clock/advance", json={"seconds": 0.7})
    client.put("/_emulator/clock", json={"speed": 4})
    personalize(client, "CreateDatasetGroup", name="h")
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": None}, "lookoutvision": {"projects": 7}})  # fmt: skip
    client.put("/_emulator/objects", json={"bucket": "b", "key": "k/\u0000", "text": "\ud800 {}"})
    headers = {"X-Amzn-Client-Token": "token-1"}
    for _ in range(2):
        client.post("/2020-11-20/projects", json={"ProjectName": "p"}, headers=headers)
    client.get("/pai/api/v1/workspaces")
    client.delete("/pai/api/v1/workspaces/1", headers={"X-Emulator-World": "default"})


def stored(application: Application, world: str) -> list[object]:
    """What the engine has of a world, without the world's name."""
    with application.database.transaction() as store:
        rows = [replace(row, world="", delay_scale=0, number=0, version=1, body="") for row in store.select(world, Selection())]  # fmt: skip
        rows.sort(key=lambda row: row.key)
        claims = sorted(store.claims(world))
        kinds = sorted({(row.provider, row.kind) for row in rows})
        used = [
            store.most_used(
                world, *kind, now=from_iso(START), unsettled=unsettled, per_parent=False
            )
            for kind in kinds
            for unsettled in (False, True)
        ]
    return [rows, claims, used, term_sizes(application.database, world)]


def test_a_state_is_the_same_bytes_in_another_world_and_in_another_emulator(
    application: Application, client: Client
) -> None:
    fill(client)
    first = exported(client)
    assert put(client, first, "other").get_json() == {"status": "ok"}
    assert exported(client, "other") == first
    assert stored(application, "other") == stored(application, "default")
    elsewhere = Client(make_application(clock="real", lifecycle="immediate", id_seed=1, demo=True))
    assert put(elsewhere, first).get_json() == {"status": "ok"}
    assert exported(elsewhere) == first


def test_members_and_rows_are_sorted_and_nothing_tells_when_it_was_written(client: Client) -> None:
    fill(client)
    first = exported(client)
    document = json.loads(first)
    assert list(document) == sorted(document)
    assert document["version"] == 1
    assert document["clock"] == {"mode": "frozen", "now": "2026-04-01T08:00:00.700000Z", "speed": 4.0}  # fmt: skip
    assert document["quotas"] == {
        "lookoutvision": {"projects": 7},
        "personalize": {"schemas": None},
    }
    assert document["objects"] == [
        {"bucket": "b", "created_at": "2026-04-01T08:00:00.700000Z", "key": "k/\0", "text": "\ud800 {}", "updated_at": "2026-04-01T08:00:00.700000Z"}
    ]  # fmt: skip
    for kept in document["providers"].values():
        assert list(kept) == ["baseline_scopes", "claims", "resources"]
        assert kept["claims"] == sorted(kept["claims"], key=lambda c: (c["scope"], c["claim"]))
        rows = [(row["scope"], row["kind"], row["created_at"]) for row in kept["resources"]]
        assert rows == sorted(rows)
    group = next(row for row in document["providers"]["personalize"]["resources"] if row["id"].endswith("group/g"))  # fmt: skip
    assert group == {
        "began_at": START,
        "body": {"domain": None, "kms_key_arn": None, "name": "g", "role_arn": None, "tags": []},
        "created_at": START,
        "delay_scale": None,
        "entered_at": START,
        "id": GROUP["id"],
        "kind": "dataset-group",
        "lifecycle": "create",
        "min_state": 0,
        "parent": None,
        "reason": None,
        "scope": ACCOUNT,
        "settles_at": None,
        "updated_at": START,
    }
    assert list(group) == sorted(group)
    assert exported(client) == first


def test_a_clock_that_runs_is_told_by_how_far_it_is_ahead() -> None:
    application = make_application(clock="real")
    client = Client(application)
    client.post("/_emulator/clock/advance", json={"seconds": 90})
    first = exported(client)
    assert json.loads(first)["clock"] == {"mode": "real", "offset": 90_000_000, "speed": 1.0}
    put(client, first, "w")
    assert exported(client, "w") == first
    assert application.worlds.named("w").clock.now() == from_iso(START) + 90_000_000


def chosen_cases() -> list[Case]:
    """Some of all cases, and all that replay an answer."""
    cases = list(all_cases())
    return [case for n, case in enumerate(cases) if n % 30 == 0 or "token" in case.file.stem]


@pytest.mark.parametrize("provider", catalogue.contracts())
def test_whatever_a_case_leaves_is_the_same_elsewhere(provider: str) -> None:
    for case in chosen_cases():
        if case.provider == provider:
            runner = Runner(case)
            runner.run()
            application = runner.application
            other = application.worlds.named("other")
            state = application.world.snapshot()
            other.restore(json.loads(json.dumps(state)))
            assert json.dumps(other.snapshot()) == json.dumps(state), case.name
            assert stored(application, "other") == stored(application, "default"), case.name
            seen = [[(s.row.id, s.state, s.next_at) for s in world.resources.views()] for world in (application.world, other)]  # fmt: skip
            assert seen[0] == seen[1], case.name


def test_an_imported_state_answers_as_the_first_did(client: Client) -> None:
    fill(client)
    lists = ["/pai/api/v1/workspaces?WorkspaceName=def", "/_emulator/resources", "/_emulator/quotas", "/_emulator/lifecycles", "/_emulator/clock"]  # fmt: skip
    before = [client.get(path).get_json() for path in lists]
    put(client, exported(client), "w")
    after = [client.get(f"/w/w{path}").get_json() for path in lists]
    for answer in (before[0], after[0]):
        answer.pop("RequestId")
    assert after == before
    again = client.post("/w/w/2020-11-20/projects", json={"ProjectName": "p"}, headers={"X-Amzn-Client-Token": "token-1"})  # fmt: skip
    assert again.status_code == 200  # the token is known there, too


def test_what_was_deleted_of_the_baseline_stays_deleted(client: Client) -> None:
    listed = client.get("/pai/api/v1/workspaces").get_json()
    assert listed["TotalCount"] > 0
    document = json.loads(exported(client))
    assert document["providers"]["pai"]["baseline_scopes"]
    document["providers"]["pai"] |= {"resources": [], "claims": []}
    assert put(client, document).status_code == 200
    assert client.get("/pai/api/v1/workspaces").get_json()["TotalCount"] == 0


def test_seeded_identifiers_go_on_where_they_were() -> None:
    client, elsewhere = (Client(make_application(id_seed=7)) for _ in range(2))
    workspace = {"WorkspaceName": "ws_1", "Description": "d", "EnvTypes": ["prod"]}
    client.post("/pai/api/v1/workspaces", json=workspace)
    first = exported(client)
    assert [drawn["purpose"][2:] for drawn in json.loads(first)["identifiers"]] == [["workspace", "ws_1"]]  # fmt: skip
    put(elsewhere, first, "w")
    assert exported(elsewhere, "w") == first


def test_a_state_replaces_all_there_was_and_leaves_journal_and_faults(client: Client) -> None:
    fill(client)
    client.post("/_emulator/faults", json={"effect": {"delay": 0}})
    assert put(client, {"version": 1}).status_code == 200
    assert json.loads(exported(client)) == {
        "clock": {"mode": "frozen", "now": START, "speed": 1.0},
        "identifiers": [],
        "lifecycles": {"default": None, "providers": {}},
        "objects": [],
        "providers": {},
        "quotas": {},
        "version": 1,
    }
    assert client.get("/_emulator/requests").get_json()["requests"]
    assert client.get("/_emulator/faults").get_json()["faults"]


def test_what_a_row_does_not_say_is_usual(client: Client) -> None:
    kept = {"resources": [GROUP], "claims": [CLAIM]}
    document = {"version": 1, "clock": {"now": "2026-05-01T00:00:00Z"}, "providers": {"personalize": kept}}  # fmt: skip
    assert put(client, document).status_code == 200
    described = personalize(client, "DescribeDatasetGroup", datasetGroupArn=GROUP["id"])
    assert described["datasetGroup"]["status"] == "ACTIVE"
    assert described["datasetGroup"]["creationDateTime"] == 1777593600.0
    taken = personalize(client, "CreateDatasetGroup", name="g")
    assert taken["__type"] == "ResourceAlreadyExistsException"


def test_the_document_in_the_docs_can_be_put(client: Client) -> None:
    page = (Path(__file__).parents[2] / "docs" / "state.md").read_text(encoding="utf-8")
    document = page.partition("```json\n")[2].partition("```")[0]
    assert put(client, document.encode()).status_code == 200
    assert client.get("/_emulator/resources").get_json()["resources"][0]["state"] == "ACTIVE"


ROW = "/providers/personalize/resources/0"


def kept(**members: Any) -> dict[str, Any]:
    return {"version": 1, "providers": {"personalize": {"resources": [{**GROUP, **members}]}}}


BROKEN = {
    "no version": ({}, "/version"),
    "a version in words": ({"version": "1"}, "/version"),
    "no object": ({"version": 1, "providers": []}, "/providers"),
    "an unknown member": ({"version": 1, "secrets": {}}, "/secrets"),
    "an unknown provider": ({"version": 1, "providers": {"a/b~": {}}}, "/providers/a~1b~0"),
    "an unknown kind": (kept(kind="bucket"), f"{ROW}/kind"),
    "an unknown lifecycle": (kept(lifecycle="dream"), f"{ROW}/lifecycle"),
    "a state there is not": (kept(min_state=3), f"{ROW}/min_state"),
    "a body that lacks a member": (kept(body={}), f"{ROW}/body/name"),
    "a body with too many members": (kept(body={"name": "g", "x": 1}), f"{ROW}/body/x"),
    "a body of another type": (kept(body={"name": 5}), f"{ROW}/body/name"),
    "no time": (kept(created_at="yesterday"), f"{ROW}/created_at"),
    "a scope without a region": (kept(scope="123456789012"), f"{ROW}/scope"),
    "a scope no database holds": (kept(scope="a\0/b"), f"{ROW}/scope"),
    "a reason no database holds": (kept(reason="\ud800"), f"{ROW}/reason"),
    "a scale below zero": (kept(scale=-1), f"{ROW}/scale"),
    "two of one id": (
        {"version": 1, "providers": {"personalize": {"resources": [GROUP, {**GROUP, "scope": ACCOUNT}]}}},
        "/providers/personalize/resources/1",
    ),
    "a claim of nobody": (
        {"version": 1, "providers": {"personalize": {"claims": [CLAIM]}}},
        "/providers/personalize/claims/0",
    ),
    "a claim held twice": (
        {"version": 1, "providers": {"personalize": {"resources": [GROUP], "claims": [CLAIM, CLAIM]}}},
        "/providers/personalize/claims/1",
    ),
    "an unknown quota": ({"version": 1, "quotas": {"pai": {"x": 1}}}, "/quotas/pai/x"),
    "quotas of nobody": ({"version": 1, "quotas": {"x": {}}}, "/quotas/x"),
    "modes of an unknown kind": (
        {"version": 1, "lifecycles": {"providers": {"pai": {"x": "timed"}}}},
        "/lifecycles/providers/pai/x",
    ),
    "a clock out of range": ({"version": 1, "clock": {"now": "0001-01-01"}}, "/clock"),
    "a clock far ahead": ({"version": 1, "clock": {"offset": 260000000000000000}}, "/clock"),
    "a clock told twice": ({"version": 1, "clock": {"offset": 1, "now": START}}, "/clock"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_state_is_refused_where_it_breaks_and_changes_nothing(
    client: Client, name: str
) -> None:
    fill(client)
    before = exported(client)
    document, pointer = BROKEN[name]
    answer = put(client, document)
    assert answer.status_code == 400
    assert {**answer.get_json(), "message": ""} == {"error": "InvalidState", "message": "", "pointer": pointer}  # fmt: skip
    assert pointer in answer.get_json()["message"]
    assert exported(client) == before


def test_two_claims_that_only_the_database_takes_for_one_change_nothing(client: Client) -> None:
    fill(client)
    before = exported(client)
    alike = ["x" * 300, short("x" * 300)]
    rows = [{**GROUP, "id": id_} for id_ in ("one", "two")]
    claims = [{**row, "claim": claim} for row, claim in zip(rows, alike, strict=True)]
    for claim in claims:
        del claim["body"]
    document = {"version": 1, "clock": {"mode": "real"}, "providers": {"aitems": {"baseline_scopes": ["a/b"]}, "personalize": {"resources": rows, "claims": claims}}}  # fmt: skip
    answer = put(client, document)
    assert (answer.status_code, answer.get_json()["pointer"]) == (400, "/providers/personalize/resources/1")  # fmt: skip
    assert exported(client) == before


def test_a_newer_state_is_refused_by_a_name_of_its_own(client: Client) -> None:
    fill(client)
    before = exported(client)
    answer = put(client, {"version": 2, "anything": []})
    assert answer.status_code == 400
    assert answer.get_json() == {
        "error": "UnsupportedVersion",
        "message": "Unsupported state document: version 2; this emulator reads version 1.",
        "pointer": "/version",
    }
    assert exported(client) == before


def test_a_body_that_is_no_document_is_refused(client: Client) -> None:
    assert put(client, b"[]").status_code == 400
    assert put(client, b'{"version": 1').get_json()["error"] == "Malformed"
    assert client.put("/_emulator/state", data=b'{"version": 1}').status_code == 415


def test_a_state_may_be_as_long_as_64_mebibytes(application: Application, client: Client) -> None:
    assert application.longest_body == 64 * 1024 * 1024
    text = "x" * (17 * 1024 * 1024)
    document = {"version": 1, "objects": [{"bucket": "b", "key": "k", "text": text}]}
    assert put(client, document).status_code == 200
    assert client.get("/_emulator/objects").get_json()["objects"][0]["characters"] == len(text)


def test_no_secret_is_in_a_state() -> None:
    client = Client(make_application(auth="parse"))
    headers = catalogue.contracts()["personalize"].seed["example"]["headers"]
    secret = {**headers, "Authorization": headers["Authorization"].replace("unsigned", "HUSH"), "X-Amz-Security-Token": "HUSH"}  # fmt: skip
    body = json.dumps({"name": "g"})
    target = {"X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"}
    assert client.post("/", data=body, headers={**secret, **target}).status_code == 200
    assert b"dataset-group/g" in exported(client)
    assert b"HUSH" not in exported(client)


@pytest.mark.parametrize("provider", catalogue.contracts())
def test_every_kind_of_resource_is_known(provider: str) -> None:
    assert catalogue.contracts()[provider].lifecycles.keys() <= catalogue.kinds(provider).keys()


# On every kind of database


@dataclass(kw_only=True)
class Book(Resource):
    kind: ClassVar[str] = "book"

    title: str

    def index_keys(self) -> IndexKeys:
        return IndexKeys(facets={"title": self.title}, texts={"title": [self.title]})


@dataclass(kw_only=True)
class Seeded(Resource):
    kind: ClassVar[str] = "dataset"

    name: str


def library(store: Engine, name: str) -> World:
    contracts = {"one": contract("one")}
    kinds: Kinds = {"one": {"book": Book, "dataset": Seeded}}
    return world_on(store, name, contracts=contracts, kinds=kinds)


class Unmade(Mapping[str, type[Resource]]):
    """Kinds whose classes nobody may need yet."""

    def __getitem__(self, kind: str) -> type[Resource]:
        raise AssertionError(kind)

    def __iter__(self) -> Iterator[str]:
        return iter(["book"])

    def __len__(self) -> int:
        return 1


def test_a_reader_of_states_makes_no_class_before_a_document_has_its_kind() -> None:
    reader = StateReader({"one": contract("one")}, {"one": Unmade()})
    assert reader.read({"version": 1}).providers == {}
    row = {"kind": "book", "id": "b", "body": {}}
    with pytest.raises(AssertionError, match="book"):
        reader.read({"version": 1, "providers": {"one": {"resources": [row]}}})


def test_every_database_writes_and_reads_states_alike_and_files_what_is_filed(
    store: Engine,
) -> None:
    world, other = (library(store, name) for name in ("default", "other"))
    titles = ["\u00e9\0", "b", "\ud800", "b\\", "Z" * 300]
    world.clock.set(now=from_iso(START))
    with world.repository("one", "1/r") as repository:
        for title in titles:
            claims = [f"title/{title}", f"also/{title}"]
            repository.add(Book(id=title, title=title), parent="shelf\0", claims=claims)
    first = json.dumps(world.snapshot())
    other.restore(json.loads(first))
    assert json.dumps(other.snapshot()) == first
    with other.repository("one", "1/r") as repository:
        where: list[Filter] = [AnyOf("title", ["b"]), Contains("title", "b")]
        found = repository.list(Book, Query(parent="shelf\0", where=where, most=9, counted=True))
        listed = [book.title for book in repository.list(Book, Query(parent="shelf\0")).items]
        with pytest.raises(AlreadyExists):
            repository.add(Book(id="new", title=""), claims=[f"title/{'Z' * 300}"])
    assert ([book.id for book in found.items], found.total) == (["b"], 1)
    assert listed == titles
    other.forget()


# Seeds


SEED = {
    "version": 1,
    "clock": {"mode": "frozen", "now": "2030-01-01T00:00:00Z", "speed": 2},
    "quotas": {"personalize": {"schemas": 3}},
    "lifecycles": {"default": "immediate", "providers": {"pai": {"*": "timed"}}},
    "objects": [{"bucket": "b", "key": "k", "text": "t"}],
    "providers": {"personalize": {"resources": [GROUP], "claims": [CLAIM]}},
}


@pytest.fixture
def seed(tmp_path: Path) -> str:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(SEED))
    return str(file)


def test_a_seed_is_there_from_the_start_after_every_reset_and_in_every_world(seed: str) -> None:
    client = Client(make_application(seed=seed))
    first = exported(client)
    document = json.loads(first)
    assert document["clock"] == {"mode": "frozen", "now": "2030-01-01T00:00:00.000000Z", "speed": 2.0}  # fmt: skip
    assert [row["id"] for row in document["providers"]["personalize"]["resources"]] == [GROUP["id"]]
    assert {name: document[name] for name in ("quotas", "lifecycles")} == {name: SEED[name] for name in ("quotas", "lifecycles")}  # fmt: skip
    assert exported(client, "w") == first
    fill(client)
    personalize(client, "DeleteDatasetGroup", datasetGroupArn=GROUP["id"])
    assert exported(client) != first
    client.post("/_emulator/reset", json={})
    assert exported(client) == first
    client.delete("/_emulator/worlds/w", headers=JSON)
    assert exported(client, "w") == first


def test_a_reset_of_one_provider_replays_its_part_of_the_seed(seed: str) -> None:
    client = Client(make_application(seed=seed))
    first = json.loads(exported(client))
    client.put("/_emulator/clock", json={"now": "2031-01-01"})
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": 9}, "lookoutvision": {"projects": 7}})  # fmt: skip
    personalize(client, "CreateDatasetGroup", name="h")
    client.post("/_emulator/reset", json={"provider": "personalize"})
    after = json.loads(exported(client))
    rows = [
        {row["id"]: row["body"] for row in d["providers"]["personalize"]["resources"]}
        for d in (first, after)
    ]
    assert rows[0] == rows[1]
    assert after["quotas"] == {"lookoutvision": {"projects": 7}, "personalize": {"schemas": 3}}
    assert after["clock"]["now"] == "2031-01-01T00:00:00.000000Z"


def test_a_state_that_a_database_has_is_not_seeded_again(seed: str, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/state.db"
    first = make_application(seed=seed, database=database)
    personalize(Client(first), "CreateDatasetGroup", name="h")
    personalize(Client(first), "DeleteDatasetGroup", datasetGroupArn=GROUP["id"])
    before = exported(Client(first))
    first.close()
    second = make_application(seed=seed, database=database)
    assert exported(Client(second)) == before
    second.close()


def test_a_dropped_world_leaves_nothing_behind(seed: str) -> None:
    application = make_application(seed=seed, demo=True)
    client = Client(application)
    exported(client, "w")
    assert stored(application, "w")[0]
    client.delete("/_emulator/worlds/w", headers=JSON)
    assert stored(application, "w") == [[], [], [], []]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "No such file or directory"),
        ("{", "Expecting property name enclosed in double quotes"),
        ("\udcff", "invalid start byte"),
        ('{"version": 2}', "/version: version 2; this emulator reads version 1"),
        (json.dumps(kept(kind="x")), f"{ROW}/kind: there is no kind x"),
        ('{"version": 1, "clock": {"now": "0001-01-01"}}', "/clock: the clock shows times from 1970 to 9999"),
    ],
)  # fmt: skip
def test_a_bad_seed_stops_the_start_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, complaint: str
) -> None:
    file = tmp_path / "seed.json"
    if text is not None:
        file.write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(SeedError) as raised:
        make_application(seed=str(file))
    assert _complain(raised.value) == BAD_SEED == 4
    line = capsys.readouterr().err
    assert line.startswith(f"dataset-emulator: cannot start: {file}: ")
    assert complaint in line
    assert line.count("\n") == 1


MOST_DRAWN = 2**53 - 1
"""As many as every JSON reader and every database can count."""


@pytest.mark.parametrize("count", [MOST_DRAWN + 1, 2**63 - 1, 2**63, 10**400, 0, -1])
def test_a_count_that_no_database_holds_is_refused(database: str, count: int) -> None:
    application = make_application(database=database, id_seed=7)
    client = Client(application)
    identifiers = [{"purpose": ["pai", "a/b", "dataset", "x"], "count": count}]
    before = exported(client)
    text = json.dumps({"version": 1, "identifiers": identifiers})
    answer = client.put("/_emulator/state", data=text, headers=JSON)
    assert (answer.status_code, answer.get_json()["pointer"]) == (400, "/identifiers/0/count")
    assert exported(client) == before
    application.close()


def test_an_identifier_is_drawn_after_the_largest_count(database: str) -> None:
    application = make_application(database=database, id_seed=7)
    client = Client(application)
    ask(client, "coactive")
    [drawn] = json.loads(exported(client))["identifiers"]
    largest = {"version": 1, "identifiers": [{**drawn, "count": MOST_DRAWN}]}
    assert put(client, largest).status_code == 200
    assert ask(client, "coactive").status_code == 200
    assert json.loads(exported(client))["identifiers"] == [{**drawn, "count": MOST_DRAWN + 1}]
    application.close()


@pytest.mark.parametrize(
    ("old", "pointer"),
    [
        (kept(floor=0), f"{ROW}/floor"),
        (kept(scale=1), f"{ROW}/scale"),
        ({"version": 1, "providers": {"pai": {"scopes": []}}}, "/providers/pai/scopes"),
        (
            {"version": 1, "identifiers": [{"purpose": ["pai", "x"], "count": 1, "drawn": 1}]},
            "/identifiers/0/drawn",
        ),
    ],
    ids=repr,
)
def test_words_of_former_state_documents_are_refused(
    client: Client, old: Mapping[str, object], pointer: str
) -> None:
    answer = put(client, old)
    assert (answer.status_code, answer.get_json()["pointer"]) == (400, pointer)
    assert pointer in answer.get_json()["message"]
