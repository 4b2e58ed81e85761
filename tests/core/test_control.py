"""The first part of the control API: what it does, and whom it refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from emulator import Settings, __version__, create_app
from emulator.app import Application
from emulator.core.storage.engine import Selection
from tests.contract import catalogue

DELIBERATE = {"X-Emulator-Control": "1"}
SCHEMA = {
    "type": "record",
    "name": "Users",
    "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}],
}


@pytest.fixture(scope="module")
def made() -> Application:
    return create_app(Settings(auth="off", strict=True, clock="frozen"))


def personalize(client: Client, operation: str, **members: Any) -> Any:
    headers = {
        "X-Amz-Target": f"AmazonPersonalize.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
    }
    return client.post("/", data=json.dumps(members), headers=headers)


def create_schema(client: Client, name: str = "s") -> Any:
    return personalize(client, "CreateSchema", name=name, schema=json.dumps(SCHEMA))


def group_state(client: Client) -> str:
    arn = "arn:aws:personalize:us-east-1:123456789012:dataset-group/g"
    return str(
        personalize(client, "DescribeDatasetGroup", datasetGroupArn=arn).get_json(force=True)[
            "datasetGroup"
        ]["status"]
    )


@pytest.mark.parametrize("path", ["/health", "/_emulator/health", "/ready", "/_emulator/ready"])
def test_health_tells_version_and_providers(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.get_json() == {
        "status": "ok",
        "version": __version__,
        "providers": dict.fromkeys(catalogue.contracts(), "available"),
    }


def test_health_answers_a_head_without_a_body(client: Client) -> None:
    for path in ("/health", "/_emulator/health", "/ready", "/_emulator/ready"):
        answer = client.head(path)
        assert (answer.status_code, answer.get_data()) == (200, b"")


def test_operations_lists_everything_with_its_evidence(client: Client) -> None:
    everything = client.get("/_emulator/operations").get_json()["operations"]
    assert len(everything) == len(catalogue.operations())
    one = client.get("/_emulator/operations?provider=personalize").get_json()["operations"]
    assert {operation["provider"] for operation in one} == {"personalize"}
    create = next(operation for operation in one if operation["operation"] == "CreateDataset")
    assert create["target"] == "AmazonPersonalize.CreateDataset"
    assert create["emulated"] is True
    assert create["evidence"].split()[0] == "documented"
    assert client.get("/_emulator/operations?provider=x").status_code == 404


def test_reset_forgets_state_journal_quotas_and_time(
    application: Application, client: Client
) -> None:
    create_schema(client)
    client.post("/_emulator/clock/advance", json={"seconds": 10**6})
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": 1}})
    before = application.world.clock.now()
    answer = client.post("/_emulator/reset", headers=DELIBERATE)
    assert answer.get_json() == {"status": "ok", "providers": list(catalogue.contracts())}
    assert client.get("/_emulator/requests").get_json() == {"requests": []}
    assert application.world.clock.now() < before
    assert create_schema(client).status_code == 200
    assert create_schema(client, "t").status_code == 200


def test_reset_of_one_provider_leaves_the_others_and_the_clock(client: Client) -> None:
    create_schema(client)
    before = client.post("/_emulator/clock/advance", json={"seconds": 60}).get_json()
    client.post("/_emulator/reset", json={"provider": "coactive"})
    assert create_schema(client).status_code == 400
    assert client.get("/_emulator/clock").get_json() == before
    client.post("/_emulator/reset", json={"provider": "personalize"})
    assert create_schema(client).status_code == 200
    assert client.post("/_emulator/reset", json={"provider": "x"}).status_code == 404


def test_the_clock_is_set_frozen_and_released(client: Client) -> None:
    put = client.put(
        "/_emulator/clock", json={"mode": "frozen", "now": "2026-04-01T09:00:00+09:00"}
    )
    assert put.get_json() == {"mode": "frozen", "now": "2026-04-01T00:00:00.000000Z", "speed": 1.0}
    assert client.put("/_emulator/clock", json={"now": 1.5}).get_json()["now"] == "1970-01-01T00:00:01.500000Z"  # fmt: skip
    released = client.put("/_emulator/clock", json={"mode": "real", "speed": 10}).get_json()
    assert (released["mode"], released["speed"]) == ("real", 10)
    assert client.get("/_emulator/clock").get_json()["now"] > released["now"]


@pytest.mark.parametrize(
    "body",
    [
        {"now": "yesterday"},
        {"now": -1},
        {"now": 1e30},
        {"now": "99999-01-01"},
        {"mode": "stopped"},
        {"speed": 0},
        {"now": True},
    ],
    ids=repr,
)
def test_a_time_the_clock_cannot_show_is_refused(client: Client, body: dict[str, Any]) -> None:
    before = client.get("/_emulator/clock").get_json()
    answer = client.put("/_emulator/clock", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "Invalid"
    assert client.get("/_emulator/clock").get_json() == before


def test_advancing_moves_states_along_and_until_settled_ends_them(client: Client) -> None:
    personalize(client, "CreateDatasetGroup", name="g")
    states = [group_state(client)]
    for _ in range(3):
        client.post("/_emulator/clock/advance", json={"seconds": 0.5})
        states.append(group_state(client))
    assert states == ["CREATE PENDING", "CREATE IN_PROGRESS", "CREATE IN_PROGRESS", "ACTIVE"]
    client.post("/_emulator/reset", headers=DELIBERATE)
    personalize(client, "CreateDatasetGroup", name="g")
    settled = client.post("/_emulator/clock/advance", json={"until": "settled"}).get_json()
    assert group_state(client) == "ACTIVE"
    assert client.post("/_emulator/clock/advance", json={"until": "settled"}).get_json() == settled


def test_speed_divides_the_delays_of_what_begins_from_then_on(client: Client) -> None:
    client.put("/_emulator/clock", json={"speed": 100})
    personalize(client, "CreateDatasetGroup", name="g")
    client.post("/_emulator/clock/advance", json={"seconds": 0.016})
    assert group_state(client) == "ACTIVE"


@pytest.mark.parametrize(
    "body", [{}, {"seconds": -1}, {"seconds": "1"}, {"until": "later"}, {"seconds": 1, "until": "settled"}, {"seconds": 1e12}, []],
    ids=repr,
)  # fmt: skip
def test_a_wrong_advance_is_refused(client: Client, body: object) -> None:
    before = client.get("/_emulator/clock").get_json()
    assert client.post("/_emulator/clock/advance", json=body).status_code == 400
    assert client.get("/_emulator/clock").get_json() == before


def test_quotas_are_shown_and_set(client: Client) -> None:
    assert client.get("/_emulator/quotas").get_json()["personalize"]["schemas"] == {"limit": 500, "used": 0, "evidence": "documented limits"}  # fmt: skip
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": 0}})
    assert create_schema(client).get_json(force=True)["__type"] == "LimitExceededException"
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": None}})
    assert create_schema(client).status_code == 200
    assert client.get("/_emulator/quotas").get_json()["personalize"]["schemas"]["limit"] is None
    client.patch("/_emulator/quotas", json={"personalize": {"schemas": 0}})
    unknown = client.patch("/_emulator/quotas", json={"personalize": {"schemas": 9, "x": 1}})
    assert unknown.status_code == 404
    assert client.get("/_emulator/quotas").get_json()["personalize"]["schemas"]["limit"] == 0


def test_objects_are_supplied_listed_replaced_and_forgotten(client: Client) -> None:
    params = {"bucket": "b", "key": "a/b.manifest", "text": "{}"}
    assert client.put("/_emulator/objects", json=params).get_json() == {"bucket": "b", "key": "a/b.manifest", "characters": 2}  # fmt: skip
    client.put("/_emulator/objects", json={**params, "text": "{}\n\u00e9"})
    listed = client.get("/_emulator/objects").get_json()
    assert listed == {"objects": [{"bucket": "b", "key": "a/b.manifest", "characters": 4}]}
    gone = client.delete("/_emulator/objects?bucket=b&key=a/b.manifest", headers={"X-Emulator-Control": "1"})  # fmt: skip
    assert (gone.status_code, gone.get_json()) == (200, {"status": "ok"})
    again = client.delete("/_emulator/objects?bucket=b&key=a/b.manifest", headers={"X-Emulator-Control": "1"})  # fmt: skip
    assert again.status_code == 404
    client.put("/_emulator/objects", json=params)
    client.post("/_emulator/reset", json={})
    assert client.get("/_emulator/objects").get_json() == {"objects": []}


def test_the_journal_is_listed_filtered_fetched_and_cleared() -> None:
    client = Client(create_app(Settings(auth="off", strict=True)))
    personalize(client, "CreateSchema")
    create_schema(client)
    client.post("/api/v1/datasets", data=b"{}")
    listed = client.get("/_emulator/requests").get_json()["requests"]
    assert [(r["provider"], r["operation"], r["status"]) for r in listed] == [
        ("personalize", "CreateSchema", 400),
        ("personalize", "CreateSchema", 200),
        (None, None, 400),
    ]
    for query, ids in {
        "provider=personalize": ["1", "2"],
        "status=400": ["1", "3"],
        "operation=CreateSchema&status=200": ["2"],
        "since=2": ["3"],
        "since=2000-01-01T00:00:00Z": ["1", "2", "3"],
        "since=2100-01-01T00:00:00Z": [],
        "provider=coactive": [],
    }.items():
        found = client.get(f"/_emulator/requests?{query}").get_json()["requests"]
        assert [entry["id"] for entry in found] == ids, query
    one = client.get("/_emulator/requests/2").get_json()
    assert one["request"]["headers"]["X-Amz-Target"] == "AmazonPersonalize.CreateSchema"
    assert one["response"]["body"].startswith('{"schemaArn":')
    assert client.get("/_emulator/requests/99").status_code == 404
    assert client.get("/_emulator/requests?since=soon").status_code == 400
    assert client.delete("/_emulator/requests", headers=DELIBERATE).get_json() == {"status": "ok"}
    assert client.get("/_emulator/requests").get_json() == {"requests": []}


def test_the_journal_holds_no_secret(client: Client) -> None:
    secrets = {
        "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDHUSH/20260401/us-east-1/personalize/aws4_request, Signature=HUSH",
        "X-Amz-Security-Token": "HUSH",
        "x-ncp-iam-access-key": "HUSH",
        "x-ncp-apigw-signature-v2": "HUSH",
        "x-acs-security-token": "HUSH",
        "x-acs-bearer-token": "HUSH",
    }
    client.post("/personalize/?X-Amz-Signature=HUSH&X-Amz-Credential=HUSH", headers=secrets)
    client.post("/nope?X-Amz-Signature=HUSH", headers=secrets)
    for number in (1, 2):
        assert "HUSH" not in client.get(f"/_emulator/requests/{number}").get_data(as_text=True)
    assert "HUSH" not in client.get("/_emulator/requests").get_data(as_text=True)


MUTATIONS = [("POST", "/_emulator/reset"), ("PUT", "/_emulator/clock"), ("POST", "/_emulator/clock/advance"), ("PATCH", "/_emulator/quotas"), ("DELETE", "/_emulator/requests")]  # fmt: skip
READS = ["/_emulator/operations", "/_emulator/clock", "/_emulator/quotas", "/_emulator/requests"]
OPEN = ["/health", "/ready", "/_emulator/health", "/_emulator/ready"]
FOREIGN: dict[str, dict[str, Any]] = {
    "a name that is resolved to loopback": {"headers": {"Host": "evil.example"}},
    "a name that looks like loopback": {"headers": {"Host": "127.0.0.1.evil.example"}},
    "no host": {"headers": {"Host": ""}},
    "a broken host": {"headers": {"Host": "[::1"}},
    "a foreign origin": {"headers": {"Origin": "http://evil.example"}},
    "an opaque origin": {"headers": {"Origin": "null"}},
    "another port's origin": {"headers": {"Origin": "http://localhost:8080"}},
    "a foreign referer": {"headers": {"Referer": "http://evil.example/page"}},
    "a cross-site fetch": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "a same-site fetch": {"headers": {"Sec-Fetch-Site": "same-site"}},
    "another machine": {"environ_base": {"REMOTE_ADDR": "192.0.2.7"}},
}


def test_in_memory_a_setting_opens_no_transaction_and_nothing_is_recorded(
    application: Application, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_schema(client)
    client.post("/_emulator/reset", json={})
    with application.database.transaction() as store:
        assert store.read_record("default") == (None, {})
    monkeypatch.setattr(application.database, "transaction", None)
    for method, path, document in (
        ("PUT", "clock", {"speed": 2}),
        ("PUT", "lifecycles", {"default": "manual"}),
        ("POST", "faults", {"effect": {"delay": 1}}),
    ):
        answer = client.open(f"/_emulator/{path}", method=method, json=document)
        assert answer.status_code == 200, answer.get_data()


def state_of(application: Application) -> object:
    with application.database.transaction() as store:
        rows = list(store.select("default", Selection()))
    world = application.world
    return (
        rows,
        world.clock.now(),
        world.clock.mode,
        world.settings.speed,
        world.settings.limits("personalize"),
        len(list(world.journal)),
    )


@pytest.mark.parametrize("source", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize(("method", "path"), [*MUTATIONS, *(("GET", path) for path in READS)])
def test_a_foreign_request_is_refused_and_changes_nothing(
    application: Application, client: Client, method: str, path: str, source: dict[str, Any]
) -> None:
    create_schema(client)
    before = state_of(application)
    bodies = {"PUT": {"speed": 2}, "PATCH": {"personalize": {"schemas": 1}}, "POST": {"seconds": 1}}
    headers = {**DELIBERATE, "Host": "localhost", **source.get("headers", {})}
    answer = client.open(path, method=method, json=bodies.get(method), **{**source, "headers": headers})  # fmt: skip
    assert answer.status_code == 403
    assert answer.get_json().keys() == {"error", "message"}
    assert not [name for name in dict(answer.headers) if name.lower().startswith("access-control")]
    assert state_of(application) == before


@pytest.mark.parametrize("source", FOREIGN.values(), ids=FOREIGN.keys())
@pytest.mark.parametrize("path", OPEN)
def test_a_probe_from_elsewhere_is_answered_and_changes_nothing(
    application: Application, client: Client, path: str, source: dict[str, Any]
) -> None:
    before = state_of(application)
    headers = {"Host": "localhost", "X-Emulator-World": "new", **source.get("headers", {})}
    answer = client.get(path, **{**source, "headers": headers})
    assert answer.status_code == 200
    assert answer.get_json().keys() == {"status", "version", "providers"}
    assert not [name for name in dict(answer.headers) if name.lower().startswith("access-control")]
    assert state_of(application) == before
    assert [world.name for world in application.worlds.all()] == ["default"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None])  # fmt: skip
@pytest.mark.parametrize(("method", "path"), MUTATIONS)
def test_what_a_page_can_send_without_asking_is_refused(
    application: Application, client: Client, method: str, path: str, content_type: str | None
) -> None:
    before = state_of(application)
    answer = client.open(path, method=method, data=b'{"speed":2,"seconds":1}', content_type=content_type)  # fmt: skip
    assert answer.status_code == 415
    assert state_of(application) == before


def test_a_preflight_is_refused(client: Client) -> None:
    headers = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/_emulator/reset", headers=headers)
    assert answer.status_code == 405
    assert not [name for name in dict(answer.headers) if name.lower().startswith("access-control")]


@pytest.mark.parametrize("host", ["localhost:4680", "127.0.0.1", "127.8.9.1:80", "[::1]:4680", "LOCALHOST"])  # fmt: skip
def test_loopback_names_are_answered(client: Client, host: str) -> None:
    assert client.get("/_emulator/clock", headers={"Host": host}).status_code == 200
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/_emulator/reset", json={}, headers=own).status_code == 200


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_loopback_peers_are_answered(client: Client, peer: str) -> None:
    assert client.get("/health", environ_base={"REMOTE_ADDR": peer}).status_code == 200


def test_a_host_the_emulator_was_told_to_use_is_answered() -> None:
    client = Client(create_app(Settings(host="emulator.test")))
    assert client.get("/health", headers={"Host": "emulator.test:4680"}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/_emulator/nope", 404), ("POST", "/_emulator", 404), ("GET", "/_emulator/clock/", 404), ("PATCH", "/_emulator/clock", 405), ("POST", "/health", 405)],
)  # fmt: skip
def test_what_is_not_there_is_said_in_json(
    client: Client, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.get_json().keys() == {"error", "message"}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff", b"[" * 10_000, b"x" * 2**21])
def test_a_body_that_is_no_document_is_refused(client: Client, body: bytes) -> None:
    answer = client.post("/_emulator/reset", data=body, content_type="application/json")
    assert answer.status_code in (400, 413)
    assert answer.get_json().keys() == {"error", "message"}
