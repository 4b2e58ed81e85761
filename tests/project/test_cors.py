"""Web pages of listed origins may use the emulator; of all others nothing is said."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
import requests
from werkzeug.test import Client

from emulator import Emulator, Settings
from emulator.app import Application
from emulator.commands.options import SettingsCommand, read_settings, settings_options
from tests.contract import catalogue
from tests.project.served import served

PAGE = "https://app.example"
OTHER_PAGE = "http://localhost:3000"
FOREIGN = ("http://app.example", "https://app.example:8443", "https://app.example.evil.example", "https://APP.example", "null", "*")  # fmt: skip
DELIBERATE = {"X-Emulator-Control": "1"}
LEAVE = [("Access-Control-Allow-Origin", PAGE), ("Vary", "Origin")]
WALL = 1_774_656_000 * 10**9
Fields = list[tuple[str, str]]
Said = tuple[int, Fields, bytes]


def make_application(**settings: Any) -> Application:
    settings = {"clock": "frozen", "id_seed": 7, "demo": True, "auth": "off", **settings}
    return Application(Settings(**settings), wall=lambda: WALL)


@pytest.fixture
def listing() -> Iterator[Application]:
    application = make_application(cors_origin=(PAGE, OTHER_PAGE))
    yield application
    application.close()


def routes() -> Iterator[tuple[str, str]]:
    """Method and path of every operation of every provider and of the control API."""
    for name, operation in catalogue.operations():
        yield operation.method, f"/{name}{operation.path}"
    for operation in catalogue.control().operations.values():
        yield operation.method, operation.path
    yield "POST", "/api/v1/datasets"


def asked(application: Application, method: str, path: str, **how: Any) -> Said:
    answer = Client(application).open(path, method=method, **how)
    return answer.status_code, list(answer.headers), answer.get_data()


def preflight(method: str, origin: str = PAGE, **more: str) -> dict[str, str]:
    return {"Origin": origin, "Access-Control-Request-Method": method, **more}


def everything(application: Application) -> Said:
    """What a world holds, and the requests it was asked."""
    told = [asked(application, "GET", f"/_emulator/{it}") for it in ("state", "requests", "worlds")]
    text = b"".join(body for _, _, body in told)
    return 200, [], re.sub(rb'"duration_ms":[0-9.e-]+', b"", text)


def created(application: Application, name: str, **headers: str) -> Said:
    """Create what the provider shows as an example."""
    example = catalogue.contracts()[name].seed["example"]
    headers = {**example["headers"], **headers}
    return asked(application, "POST", f"/{name}{example['path']}", json=example["body"], headers=headers)  # fmt: skip


# --- preflights ---------------------------------------------------------------------------------


def test_a_preflight_is_answered_on_every_route_and_nothing_happens(listing: Application) -> None:
    before = everything(listing)
    names = "authorization, x-amz-date,content-type"
    for method, path in routes():
        headers = preflight(method, **{"Access-Control-Request-Headers": names})
        for at in ("", "/w/pages"):
            assert asked(listing, "OPTIONS", at + path, headers=headers) == (
                204,
                [
                    *LEAVE,
                    ("Access-Control-Allow-Methods", "DELETE, GET, HEAD, PATCH, POST, PUT"),
                    ("Access-Control-Allow-Headers", "authorization, x-amz-date, content-type"),
                ],
                b"",
            )
    assert everything(listing) == before


@pytest.mark.parametrize(
    ("more", "allowed"),
    [
        ({}, {}),
        ({"Access-Control-Request-Headers": "*"}, {}),
        ({"Access-Control-Request-Headers": "a, *, b*"}, {"Access-Control-Allow-Headers": "a, b"}),
        ({"Access-Control-Request-Private-Network": "true"}, {"Access-Control-Allow-Private-Network": "true"}),
    ],
    ids=repr,
)  # fmt: skip
def test_a_preflight_allows_what_is_asked_for_and_never_everything(
    listing: Application, more: Mapping[str, str], allowed: Mapping[str, str]
) -> None:
    status, fields, _ = asked(listing, "OPTIONS", "/pai/", headers=preflight("GET", **more))
    methods = ("Access-Control-Allow-Methods", "DELETE, GET, HEAD, PATCH, POST, PUT")
    assert (status, fields) == (204, [*LEAVE, methods, *allowed.items()])


def test_options_that_are_no_preflight_are_answered_as_ever(listing: Application) -> None:
    status, fields, _ = asked(listing, "OPTIONS", "/_emulator/clock", headers={"Origin": PAGE})
    assert (status, fields[-3:-1]) == (405, LEAVE)


# --- answers ------------------------------------------------------------------------------------


def readable(said: Said) -> Said:
    """What a page may read, of an answer nobody on another page may."""
    status, fields, body = said
    names = ", ".join(dict.fromkeys(name for name, _ in fields))
    return status, [*fields, *LEAVE, ("Access-Control-Expose-Headers", names)], body


def test_a_listed_page_may_read_answers_and_failures_with_all_their_headers(
    listing: Application,
) -> None:
    usual = make_application()
    for name in (*catalogue.contracts(), *catalogue.contracts()):  # the second time there is one
        assert created(listing, name, Origin=PAGE) == readable(created(usual, name))
    for path in ("/_emulator/clock", "/_emulator/nope", "/pai/nope", "/api/v1/datasets"):
        plain = asked(usual, "GET", path)
        assert asked(listing, "GET", path, headers={"Origin": PAGE}) == readable(plain)
    usual.close()


def tells_pages_nothing(said: Said) -> bool:
    return not [name for name, _ in said[1] if name.startswith("Access-Control") or name == "Vary"]


def test_for_whom_is_not_listed_no_byte_is_another_on_any_route(listing: Application) -> None:
    usual = make_application()
    for method, path in routes():
        headers = preflight(method, "http://app.example")
        for how in (method, "OPTIONS"):
            said = asked(listing, how, path, headers=headers)
            assert said == asked(usual, how, path, headers=headers)
            assert tells_pages_nothing(said)
    assert everything(listing) == everything(usual)
    usual.close()


@pytest.mark.parametrize("origin", FOREIGN)
def test_an_origin_that_resembles_a_listed_one_is_not_listed(
    listing: Application, origin: str
) -> None:
    before = everything(listing)
    for method, path in (("PUT", "/_emulator/clock"), ("GET", "/_emulator/state")):
        headers = {"Origin": origin, **DELIBERATE}
        refused = asked(listing, method, path, headers=headers)
        assert (refused[0], tells_pages_nothing(refused)) == (403, True)
        asks = asked(listing, "OPTIONS", path, headers=preflight(method, origin))
        assert (asks[0], tells_pages_nothing(asks)) == (405, True)
    assert everything(listing) == before


def test_without_a_list_no_page_is_told_anything() -> None:
    usual = make_application()
    for method, path in routes():
        for how in (method, "OPTIONS"):
            assert tells_pages_nothing(asked(usual, how, path, headers=preflight(method)))
    usual.close()


# --- the guard of the control API ---------------------------------------------------------------


def change(**headers: str) -> dict[str, Any]:
    return {"headers": {"Host": "localhost:4680", **headers}, "json": {"mode": "real"}}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": PAGE},
        {"Origin": OTHER_PAGE},
        {"Origin": PAGE, "Referer": f"{PAGE}/a?b", "Sec-Fetch-Site": "cross-site"},
        {"Origin": OTHER_PAGE, "Referer": f"{OTHER_PAGE}/", "Sec-Fetch-Site": "same-site"},
    ],
    ids=repr,
)
def test_the_control_api_lets_a_listed_page_in(
    listing: Application, headers: Mapping[str, str]
) -> None:
    status, fields, _ = asked(listing, "PUT", "/_emulator/clock", **change(**headers))
    assert (status, dict(fields)["Access-Control-Allow-Origin"]) == (200, headers["Origin"])
    assert listing.world.clock.mode == "real"


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"Origin": PAGE, "Host": "evil.example"}),
        (403, {"Origin": PAGE, "Referer": "https://evil.example/"}),
        (403, {"Origin": PAGE, "Referer": "http://app.example/"}),
        (403, {"Origin": "https://evil.example", "Referer": f"{PAGE}/"}),
        (403, {"Referer": f"{PAGE}/", "Sec-Fetch-Site": "cross-site"}),
        (415, {"Origin": PAGE, "Content-Type": "text/plain"}),
    ],
    ids=repr,
)
def test_it_lets_nobody_else_in_for_it(
    listing: Application, status: int, headers: Mapping[str, str]
) -> None:
    assert asked(listing, "PUT", "/_emulator/clock", **change(**headers))[0] == status
    assert listing.world.clock.mode == "frozen"


def test_a_listed_page_needs_the_token_as_well() -> None:
    application = make_application(host="0.0.0.0", control_token="let-me", cors_origin=[PAGE])
    assert asked(application, "PUT", "/_emulator/clock", **change(Origin=PAGE))[0] == 401
    far = {"environ_base": {"REMOTE_ADDR": "10.0.0.7"}}
    assert asked(application, "PUT", "/_emulator/clock", **change(Origin=PAGE), **far)[0] == 403
    assert application.world.clock.mode == "frozen"
    given = change(Origin=PAGE, Authorization="Bearer let-me")
    assert asked(application, "PUT", "/_emulator/clock", **given, **far)[0] == 200
    application.close()


# --- on servers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["served", "in process"])
def base(request: pytest.FixtureRequest) -> Iterator[str]:
    with ExitStack() as stack:
        if request.param == "served":
            listed = {"DATASET_EMULATOR_CORS_ORIGIN": f"{OTHER_PAGE},{PAGE}"}
            yield stack.enter_context(served("--port", "0", "--auth", "off", **listed)).base
        else:
            settings = Settings(port=0, auth="off", cors_origin=(PAGE,))
            yield stack.enter_context(Emulator(settings)).endpoints.base


def leave(answer: requests.Response) -> Mapping[str, str]:
    """What an answer says to a page."""
    told = {name.title(): value for name, value in answer.headers.items()}
    return {name: value for name, value in told.items() if name.startswith(("Access-Control", "Vary"))}  # fmt: skip


def test_a_preflight_on_a_kept_connection_has_no_body(base: str) -> None:
    with requests.Session() as session:
        for path in ("/coactive/api/v1/datasets", "/_emulator/clock"):
            answer = session.options(f"{base}{path}", headers=preflight("POST"), timeout=10)
            methods = "DELETE, GET, HEAD, PATCH, POST, PUT"
            assert (answer.status_code, answer.content) == (204, b"")
            assert leave(answer) == {**dict(LEAVE), "Access-Control-Allow-Methods": methods}
        assert session.get(f"{base}/health", timeout=10).json()["status"] == "ok"


@pytest.mark.parametrize("effect", [{"delay": 0.01}, {"truncate_bytes": 3}, {"error": "Throttled", "retry_after": 2, "delay": 0.01}])  # fmt: skip
def test_an_answer_that_is_late_or_in_part_may_be_read_as_well(
    base: str, effect: Mapping[str, object]
) -> None:
    params = {"match": {"provider": "coactive"}, "effect": effect, "times": 1}
    page = {"Origin": PAGE, "Sec-Fetch-Site": "cross-site"}
    ordered = requests.post(f"{base}/_emulator/faults", json=params, headers=page, timeout=10)
    assert ordered.status_code == 200
    with requests.get(f"{base}/coactive/api/v1/datasets", headers=page, timeout=10, stream=True) as answer:  # fmt: skip
        said = dict(leave(answer))
        exposed = said.pop("Access-Control-Expose-Headers").lower().split(", ")
        assert said == dict(LEAVE)
        assert ("retry-after" in exposed) is ("retry_after" in effect)


@pytest.mark.parametrize(("requested", "status"), [(0, 200), (10**6, 408)])
def test_an_answer_that_is_waited_for_may_be_read_as_well(
    base: str, requested: int, status: int
) -> None:
    params = {"until": {"requests": requested}, "timeout": 0.1}
    answer = requests.post(f"{base}/_emulator/wait", json=params, headers={"Origin": PAGE}, timeout=10)  # fmt: skip
    assert answer.status_code == status
    assert leave(answer).items() >= dict(LEAVE).items()


# --- the setting --------------------------------------------------------------------------------


@pytest.fixture
def read() -> Callable[..., Settings]:
    """Read settings as `serve` does."""
    import click

    @click.command(cls=SettingsCommand)
    @settings_options()
    def command(**values: Any) -> Settings:
        return read_settings(values)

    def run(*arguments: str) -> Settings:
        settings: Settings = command.main(arguments, standalone_mode=False)
        return settings

    return run


def test_origins_are_listed_by_flags_a_variable_or_a_file(
    read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    assert read().cors_origin == ()
    assert read("--cors-origin", PAGE, "--cors-origin", OTHER_PAGE).cors_origin == (PAGE, OTHER_PAGE)  # fmt: skip
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"cors-origin": [OTHER_PAGE]}))
    assert read("--config", str(file)).cors_origin == (OTHER_PAGE,)
    for text in (f"{PAGE},{OTHER_PAGE}", f"{PAGE} {OTHER_PAGE}", f" {PAGE} , {OTHER_PAGE}"):
        monkeypatch.setenv("DATASET_EMULATOR_CORS_ORIGIN", text)
        assert read("--config", str(file)).cors_origin == (PAGE, OTHER_PAGE)


@pytest.mark.parametrize("origin", ["http://[::1]:3000", "http://127.0.0.1:8080", "chrome-extension://abc", "https://a:80", "http://a:443"])  # fmt: skip
def test_what_browsers_send_is_an_origin(read: Callable[..., Settings], origin: str) -> None:
    assert read("--cors-origin", origin).cors_origin == (origin,)
