"""Whom the control API refuses: on every route, with nothing changed by what was refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from werkzeug.test import Client

from emulator import Settings
from emulator.app import Application
from emulator.core.contract.model import Operation
from tests.contract import catalogue

WALL = 1_774_656_000 * 10**9
GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/demo-group"
ROUTES = [each for each in catalogue.control().operations.values() if not each.open]
"""What is guarded: health and readiness answer everybody."""
SAFE = ("GET", "HEAD")
MUTATIONS = [operation for operation in ROUTES if operation.method not in SAFE]
FIXED = {"ListOperations", "GetControlOpenApi"}
READS = [
    each.path
    for each in ROUTES
    if each.method == "GET" and "{" not in each.path and each.name not in FIXED
]
"""What tells something of a world that may change."""

PARAMETERS = {
    "{provider}": "personalize",
    "{kind}": "dataset-group",
    "{id+}": GROUP,
    "{name}": "other",
    "{id}": "1",
}
WISHES: Mapping[str, Any] = {
    "AddFault": {"effect": {"delay": 1}},
    "AdvanceClock": {"seconds": 60},
    "PatchQuotas": {"personalize": {"schemas": 1}},
    "PutClock": {"speed": 2, "now": 5},
    "PutLifecycles": {"default": "manual"},
    "PutObject": {"bucket": "b", "key": "l", "text": "t"},
    "PutResourceState": {"state": "CREATE FAILED"},
    "Verify": {"match": {}, "count": 1},
    "Wait": {"until": {"requests": 0}},
}
"""What would do something, by operation; the others want nothing, or are refused all the same."""

OWN = {"Host": "localhost:4680"}
FOREIGN: Mapping[str, dict[str, Any]] = {
    "another host": {"Host": "evil.example"},
    "another host on the port": {"Host": "evil.example:4680"},
    "a name that begins like ours": {"Host": "localhost.evil.example"},
    "a name that ends like ours": {"Host": "evil-localhost"},
    "a name that resolves to us": {"Host": "127.0.0.1.nip.io:4680"},
    "an address of the network": {"Host": "192.168.1.2:4680"},
    "another origin": {**OWN, "Origin": "http://evil.example"},
    "another origin on our port": {**OWN, "Origin": "http://evil.example:4680"},
    "another port of this machine": {**OWN, "Origin": "http://localhost:8080"},
    "no origin": {**OWN, "Origin": "null"},
    "a file": {**OWN, "Origin": "file://"},
    "an origin that is none": {**OWN, "Origin": "http://[::1"},
    "a referer that is none": {**OWN, "Referer": "http://[x]/"},
    "an extension": {**OWN, "Origin": "chrome-extension://abc"},
    "another referer": {**OWN, "Referer": "http://evil.example/page"},
    "a referer that only mentions us": {**OWN, "Referer": "http://evil.example/localhost:4680"},
    "a fetch of another site": {**OWN, "Sec-Fetch-Site": "cross-site"},
    "a fetch of a sister site": {**OWN, "Sec-Fetch-Site": "same-site"},
    "a fetch that shouts": {**OWN, "Sec-Fetch-Site": "CROSS-SITE"},
    "a rebound name with its own origin": {
        "Host": "evil.example:4680",
        "Origin": "http://evil.example:4680",
        "Sec-Fetch-Site": "same-origin",
    },
}
PEERS = ["10.0.0.2", "192.168.1.2", "::2", "::ffff:10.0.0.2", "8.8.8.8", "not an address"]
SIMPLE = ["text/plain", "text/plain; application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", None]  # fmt: skip
DELIBERATE = {"X-Emulator-Control": "1"}
TOKEN = {"Authorization": "Bearer let-me"}
NO_TOKEN = [{}, {"Authorization": "Bearer let-you"}, {"Authorization": "let-me"}, {"Authorization": "Bearer "}, {"Authorization": "Basic let-me"}, {"X-Emulator-Control": "let-me"}]  # fmt: skip


def estate_with_something(**more: Any) -> Application:
    """An emulator where something happened: a journal, a fault, an object, another world."""
    settings = Settings(**{"demo": True, "strict": True, "clock": "frozen", **more})
    application = Application(settings, wall=lambda: WALL)
    for at in ("", "/w/other"):
        do_something(Client(application), at)
    return application


def do_something(client: Client, at: str) -> None:
    """Have something of all that can be commanded, with the token if there is one."""
    example = catalogue.contracts()["pai"].seed["example"]
    client.post(f"{at}/pai{example['path']}", headers=example["headers"], json=example["body"])
    fault = {"effect": {"delay": 2}, "match": {"operation": "GetDataset"}}
    assert client.post(f"{at}/_emulator/faults", json=fault, headers=TOKEN).status_code == 200
    stored = {"bucket": "b", "key": "k", "text": "t"}
    assert client.put(f"{at}/_emulator/objects", json=stored, headers=TOKEN).status_code == 200


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = estate_with_something()
    yield application
    application.close()


def told(application: Application, *places: str) -> Mapping[str, bytes]:
    """Everything the control API tells its own of some worlds, and which worlds there are."""
    client = Client(application)
    return {
        at + path: client.get(at + path, headers=OWN).get_data()
        for at in places or ("/w/other", "")
        for path in READS
    }


def path_of(operation: Operation) -> str:
    path = operation.path
    for placeholder, value in PARAMETERS.items():
        path = path.replace(placeholder, value)
    return path + ("?bucket=b&key=k" if operation.name == "DeleteObject" else "")


def commanded(
    application: Application, operation: Operation, at: str = "", **how: Any
) -> tuple[int, Mapping[str, str], bytes]:
    body = json.dumps(WISHES.get(operation.name, {})).encode()
    given = {"data": body, "content_type": "application/json"}
    given = given if operation.method not in SAFE else {}
    answer = Client(application).open(
        at + path_of(operation), method=operation.method, **{**given, **how}
    )
    return answer.status_code, dict(answer.headers), answer.get_data()


def refused(
    application: Application, operation: Operation, status: int, at: str = "", **how: Any
) -> None:
    """Try a command, and see that it is refused in so many words and with no leave for pages."""
    given, headers, body = commanded(application, operation, at, **how)
    assert (operation.name, given) == (operation.name, status)
    assert not [name for name in headers if name.lower().startswith("access-control")]
    if operation.method != "HEAD":
        assert json.loads(body).keys() == {"error", "message"}


def test_what_is_refused_below_is_let_in_from_its_own() -> None:
    """And every mutation changes something, so that nothing is refused that does nothing."""
    application, idle = estate_with_something(), []
    for number, operation in enumerate(ROUTES):
        at = f"/w/n{number}"
        do_something(Client(application), at)
        before = told(application, at)
        status = commanded(application, operation, at, headers=OWN)[0]
        assert status not in (403, 405, 415, 500), operation.name
        if operation in MUTATIONS and told(application, at) == before:
            idle.append(operation.name)
    application.close()
    assert set(idle) <= {"Verify", "Wait", "PutState"}


def test_what_is_compared_before_and_after_is_all_there_is() -> None:
    """And what can be commanded can be read, so that nothing changes unseen."""
    whole = ("state", "faults", "lifecycles", "quotas", "worlds", "requests", "clock", "objects", "resources", "coverage")  # fmt: skip
    assert {f"/_emulator/{it}" for it in whole} == set(READS)
    commanded = {operation.path.split("/")[2] for operation in MUTATIONS}
    assert commanded - set(whole) == {"reset", "verify", "wait"}


@pytest.mark.parametrize("source", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_foreign_request_is_refused_on_every_route_and_changes_nothing(
    application: Application, source: Mapping[str, str]
) -> None:
    before = told(application)
    for operation in ROUTES:
        refused(application, operation, 403, headers={**DELIBERATE, **source})
    assert told(application) == before


@pytest.mark.parametrize("peer", PEERS)
def test_a_client_on_another_machine_is_refused_on_every_route_and_changes_nothing(
    application: Application, peer: str
) -> None:
    before = told(application)
    how: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": peer}}
    for operation in ROUTES:
        refused(application, operation, 403, headers={**DELIBERATE, **OWN}, **how)
    assert told(application) == before


@pytest.mark.parametrize("content_type", SIMPLE)
@pytest.mark.parametrize("mark", [None, "0", "", "true", "1, 1"])
def test_what_a_page_can_send_without_asking_is_refused_and_changes_nothing(
    application: Application, content_type: str | None, mark: str | None
) -> None:
    before = told(application)
    marked = {} if mark is None else {"X-Emulator-Control": mark}
    for operation in MUTATIONS:
        how: dict[str, Any] = {"headers": {**OWN, **marked}, "content_type": content_type}
        refused(application, operation, 415, **how)
    assert told(application) == before


def test_a_browsers_question_whether_it_may_is_not_answered_with_yes(
    application: Application,
) -> None:
    before = told(application)
    for operation in ROUTES:
        asked = {
            **OWN,
            "Origin": "http://evil.example",
            "Access-Control-Request-Method": operation.method,
            "Access-Control-Request-Headers": "content-type, x-emulator-control, x-emulator-world",
            "Access-Control-Request-Private-Network": "true",
        }
        answer = Client(application).options(path_of(operation), headers=asked)
        names = [name.lower() for name, _ in answer.headers]
        assert (operation.name, answer.status_code) == (operation.name, 405)
        assert not [name for name in names if name.startswith("access-control")]
    assert told(application) == before


@pytest.mark.parametrize("way", ["path", "header"])
def test_a_request_that_is_refused_makes_no_world(application: Application, way: str) -> None:
    before = told(application)
    at = "/w/theirs" if way == "path" else ""
    named = {"X-Emulator-World": "theirs"} if way == "header" else {}
    for operation in ROUTES:
        for source in FOREIGN.values():
            headers = {**DELIBERATE, **named, **source}
            refused(application, operation, 403, at, headers=headers)
    for operation in MUTATIONS:
        how: dict[str, Any] = {"headers": {**OWN, **named}, "content_type": "text/plain"}
        refused(application, operation, 415, at, **how)
    assert told(application) == before


@pytest.mark.parametrize("auth", ["off", "parse", "verify"])
def test_the_guard_stands_however_credentials_are_checked(auth: Any) -> None:
    application = Application(Settings(auth=auth, clock="frozen"), wall=lambda: WALL)
    before = told(application)
    for operation in ROUTES:
        headers = {**DELIBERATE, **OWN, "Origin": "http://evil.example"}
        refused(application, operation, 403, headers=headers)
    assert told(application) == before
    application.close()


def test_the_guard_stands_against_all_others_when_pages_are_listed() -> None:
    application = estate_with_something(cors_origin=["https://app.example"])
    before = told(application)
    for operation in ROUTES:
        for source in FOREIGN.values():
            refused(application, operation, 403, headers={**DELIBERATE, **source})
        asked = {
            **OWN,
            "Origin": "http://evil.example",
            "Access-Control-Request-Method": operation.method,
        }
        answer = Client(application).options(path_of(operation), headers=asked)
        assert (operation.name, answer.status_code) == (operation.name, 405)
    for operation in MUTATIONS:
        for content_type in SIMPLE:
            refused(application, operation, 415, headers=OWN, content_type=content_type)
    assert told(application) == before
    application.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
def test_where_other_machines_reach_it_nothing_changes_without_the_token(host: str) -> None:
    application = estate_with_something(host=host, control_token="let-me")
    before = told(application)
    for given in NO_TOKEN:
        for operation in ROUTES:
            headers = {**DELIBERATE, **OWN, **given}
            far: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "192.168.1.7"}}
            refused(application, operation, 403, headers=headers, **far)
            if operation in MUTATIONS:
                refused(application, operation, 401, headers={**OWN, **given})
                refused(application, operation, 401, "/w/theirs", headers={**OWN, **given})
    assert told(application) == before
    application.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5"])
def test_where_other_machines_reach_it_and_there_is_no_token_nothing_changes(host: str) -> None:
    settings = Settings(host=host, demo=True, clock="frozen")
    application = Application(settings, wall=lambda: WALL)
    before = told(application, "")
    for given in (*NO_TOKEN, TOKEN):
        for operation in MUTATIONS:
            refused(application, operation, 401, headers={**OWN, **given})
            refused(application, operation, 401, "/w/theirs", headers={**OWN, **given})
    assert told(application, "") == before
    application.close()


@pytest.mark.parametrize("header", [{"Content-Type": "application/json"}, {"Content-Type": "APPLICATION/JSON; charset=utf-8"}, DELIBERATE], ids=repr)  # fmt: skip
def test_what_no_page_sends_unasked_is_let_in(header: Mapping[str, str]) -> None:
    application = Application(Settings(clock="frozen"), wall=lambda: WALL)
    answer = Client(application).post("/_emulator/reset", headers={**OWN, **header}, data=b"{}")
    application.close()
    assert answer.status_code == 200
