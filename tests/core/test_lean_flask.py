"""Views are called without Flask's contexts, with the same answers, until somebody changes the app."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import flask
import pytest
from click.testing import CliRunner
from flask import Flask, signals
from flask.cli import FlaskGroup
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.test import Client, TestResponse

from emulator.app import Application, flask_app
from emulator.core.http.exchange import Response
from emulator.core.http.wsgi import Environ, StartResponse
from emulator.core.pipeline import lean_flask
from emulator.core.pipeline.lean_flask import (
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    LeanFlask,
    LeanView,
)
from emulator.settings import Settings
from tests.contract import catalogue
from tests.core.conftest import START

PROVIDERS = list(catalogue.contracts())


def emulator() -> Application:
    settings = Settings(demo=True, strict=True, clock="frozen", id_seed=1)
    return Application(settings, wall=lambda: START * 1000)


# --- the same answers ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lean() -> Iterator[Application]:
    application = emulator()
    yield application
    application.close()


@pytest.fixture(scope="module")
def whole() -> Iterator[Application]:
    """An emulator whose providers take Flask's own path."""
    application = emulator()
    for app in application.flask_apps.values():
        app.before_request(lambda: None)
    yield application
    application.close()


def odd_requests(provider: str) -> Iterator[dict[str, Any]]:
    """Requests at the edges of routing, and some ordinary ones."""
    contract = catalogue.contracts()[provider]
    example = contract.seed["example"]
    path, headers = f"/{provider}{example['path']}", example["headers"]
    body = json.dumps(example["body"]).encode()
    usual = {"path": path, "method": example["method"], "headers": headers, "data": body}
    yield from (
        usual,
        usual,
        {**usual, "data": b"{"},
        {**usual, "data": b"[]"},
        {**usual, "data": b""},
    )
    yield from ({**usual, "headers": {}}, {**usual, "query_string": "a=1&a=%C3%A9&b"})
    yield {**usual, "data": b" " * (contract.service["limits"]["bodyBytes"] + 1)}
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "TRACE", example["method"].lower()):
        yield {**usual, "method": method}
    for odd in ("/", "//", "/%2F", "/..", "/é", "/%FF", "/%0A", f"/{'x' * LONGEST_REMEMBERED}"):
        yield {**usual, "path": f"{path}{odd}"}
    yield {**usual, "path": f"/{provider}/{example['path']}"}
    yield {**usual, "path": f"/{provider}//{example['path']}"}
    for operation in list(contract.operations.values())[:12]:
        for value in ("a", "a%2Fb", "é", "a//b"):
            filled = operation.path.replace("{", "").replace("}", value).replace("+", "")
            yield {"path": f"/{provider}{filled}", "method": operation.method, "headers": headers}


def whole_of(answer: TestResponse) -> tuple[str, list[tuple[str, str]], bytes]:
    return answer.status, list(answer.headers), answer.get_data()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_both_paths_answer_alike(lean: Application, whole: Application, provider: str) -> None:
    short, long = Client(lean), Client(whole)
    for request in odd_requests(provider):
        assert whole_of(short.open(**request)) == whole_of(long.open(**request)), request
    assert lean.world.snapshot() == whole.world.snapshot()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_ordinary_answer_is_sent_as_it_is(
    lean: Application, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not made into one of Flask's before, which takes longer than all that the view does."""
    example = catalogue.contracts()[provider].seed["example"]
    made: list[Response] = []
    monkeypatch.setattr(lean_flask, "as_flask", made.append)
    lean.world.reset()
    answer = Client(lean).open(
        f"/{provider}{example['path']}",
        method=example["method"],
        headers=example["headers"],
        json=example["body"],
    )
    assert (answer.status_code < 300, made) == (True, [])


@pytest.mark.parametrize("host", ["a..b", "x" * 70, "é", ""])
@pytest.mark.parametrize("path", ["/api/v1/datasets", "/nothing"])
def test_a_host_that_is_none_changes_nothing(lean: Application, host: str, path: str) -> None:
    client, url = Client(lean), f"/aitems{path}"
    usual, odd = client.get(url), client.get(url, environ_overrides={"HTTP_HOST": host})
    assert whole_of(odd) == whole_of(usual)
    upgrade = {"Connection": "upgrade", "Upgrade": "websocket"}
    assert whole_of(client.get(url, headers=upgrade)) == whole_of(usual)


# --- who changes the application -----------------------------------------------------------------


def respond(environ: Environ, parameters: Mapping[str, Any]) -> Response:
    """Tell whether Flask's contexts are there."""
    if environ["PATH_INFO"] == "/things/broken":
        raise LookupError("the view fails")
    body = json.dumps([flask.has_request_context(), dict(parameters)]).encode()
    status = int(environ.get("HTTP_X_STATUS", "200"))
    return Response(status=status, headers=[("Content-Type", "application/json")], body=body)


@pytest.fixture
def app() -> LeanFlask:
    app = LeanFlask("things", lambda error: flask.Response(f"no: {error.code}", error.code))
    app.url_map.add(Rule("/things/<name>", endpoint="thing", methods=["GET"]))
    app.view_functions["thing"] = LeanView(respond)
    return app


def is_lean(app: Flask, **request: Any) -> bool:
    """Return whether the view was called without a context."""
    answer = Client(app).get("/things/a", **request)
    assert answer.get_json()[1] == {"name": "a"}
    return not answer.get_json()[0]


class Extension:
    """As extensions are: it has hooks and a place in `extensions`."""

    def __init__(self) -> None:
        self.seen: list[object] = []

    def init_app(self, app: Flask) -> None:
        app.extensions["watch"] = self
        app.before_request(self.before)
        app.after_request(self.after)
        app.teardown_request(self.seen.append)

    def before(self) -> None:
        self.seen.append((flask.request.endpoint, flask.request.view_args))
        flask.g.begun = True

    def after(self, response: flask.Response) -> flask.Response:
        self.seen.append(response.status_code)
        response.headers["X-Watched"] = str(flask.g.begun)
        return response


def test_an_extension_with_hooks_sees_every_request_and_changes_responses(app: LeanFlask) -> None:
    assert is_lean(app)
    extension = Extension()
    extension.init_app(app)
    answer = Client(app).get("/things/a")
    assert answer.headers["X-Watched"] == "True"
    assert extension.seen == [("thing", {"name": "a"}), 200, None]
    assert Client(app).get("/nothing").headers["X-Watched"] == "True"


def register_blueprint(app: Flask) -> None:
    app.register_blueprint(flask.Blueprint("more", __name__))


def replace_wsgi_app(app: Flask) -> None:
    inner = app.wsgi_app

    def middleware(environ: Environ, start_response: StartResponse) -> Any:
        return inner(environ, start_response)

    app.wsgi_app = middleware  # type: ignore[method-assign]


def replace_sessions(app: Flask) -> None:
    app.session_interface = SecureCookieSessionInterface()


def replace_view(app: Flask) -> None:
    app.view_functions["thing"] = partial(app.view_functions["thing"])


CHANGES: Mapping[str, Callable[[Flask], object]] = {
    "before_request": lambda app: app.before_request(lambda: None),
    "after_request": lambda app: app.after_request(lambda response: response),
    "teardown_request": lambda app: app.teardown_request(lambda _: None),
    "teardown_appcontext": lambda app: app.teardown_appcontext(lambda _: None),
    "url_value_preprocessor": lambda app: app.url_value_preprocessor(lambda *_: None),
    "an extension": lambda app: app.extensions.update(watch=True),
    "a blueprint": register_blueprint,
    "an error handler": lambda app: app.register_error_handler(NotFound, lambda _: "none"),
    "an error handler by a decorator": lambda app: app.errorhandler(ValueError)(lambda _: "none"),
    "wsgi_app": replace_wsgi_app,
    "session_interface": replace_sessions,
    "a view": replace_view,
    "trusted hosts": lambda app: app.config.update(TRUSTED_HOSTS=["localhost"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whoever_changes_the_application_gets_flasks_own_path(app: LeanFlask, change: str) -> None:
    assert is_lean(app)
    CHANGES[change](app)
    assert not is_lean(app)


@pytest.mark.parametrize("signal", ["request_started", "request_finished", "request_tearing_down", "got_request_exception", "appcontext_pushed", "appcontext_popped", "appcontext_tearing_down"])  # fmt: skip
def test_whoever_listens_to_a_signal_gets_flasks_own_path(app: LeanFlask, signal: str) -> None:
    with getattr(signals, signal).connected_to(lambda *_, **__: None, app):
        assert not is_lean(app)
    assert is_lean(app)


def test_the_error_handler_of_an_embedder_answers(app: LeanFlask) -> None:
    app.register_error_handler(404, lambda _: ("another", 404))
    assert Client(app).get("/nothing").get_data() == b"another"


def test_a_hook_that_reads_the_body_leaves_it_to_the_view() -> None:
    application, read = emulator(), list[bytes]()
    application.flask_apps["aitems"].before_request(lambda: read.append(flask.request.get_data()))
    example = catalogue.contracts()["aitems"].seed["example"]
    body = json.dumps({**example["body"], "name": "seen"}).encode()
    answer = Client(application).open(
        f"/aitems{example['path']}", method="POST", headers=example["headers"], data=body
    )
    assert (answer.status_code, read) == (201, [body])
    application.close()


# --- it stays Flask ------------------------------------------------------------------------------


def test_its_own_client_sees_the_context_of_a_request(app: LeanFlask) -> None:
    assert app.test_client().get("/things/a").get_json() == [False, {"name": "a"}]
    with app.test_client() as client:
        assert client.get("/things/a").get_json() == [True, {"name": "a"}]
        assert flask.request.endpoint == "thing"


def test_its_routes_are_those_of_the_contract() -> None:
    contract = catalogue.contracts()["aitems"]
    group = FlaskGroup(create_app=lambda: flask_app("aitems"))
    done = CliRunner().invoke(group, ["routes"])
    listed = {tuple(line.split()[2:]) for line in done.output.splitlines()[2:]}
    assert listed == {
        (operation.method, operation.path.replace("{", "<").replace("}", ">"))
        for operation in contract.operations.values()
    }


def test_an_exception_of_a_view_is_reported_as_flask_does(
    app: LeanFlask, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = Client(app).get("/things/broken")
    assert (answer.status_code, answer.get_data()) == (500, b"no: 500")
    assert [record.getMessage() for record in caplog.records] == [
        "Exception on /things/broken [GET]"
    ]
    app.testing = True
    with pytest.raises(LookupError, match="the view fails"):
        Client(app).get("/things/broken")


@pytest.mark.parametrize("status", [204, 304, 299, 799])
def test_unusual_statuses_are_sent_as_flask_sends_them(app: LeanFlask, status: int) -> None:
    headers = {"X-Status": str(status)}
    short = whole_of(Client(app).get("/things/a", headers=headers))
    app.before_request(lambda: None)
    long = whole_of(Client(app).get("/things/a", headers=headers))
    assert (short[0], [name for name, _ in short[1]]) == (long[0], [name for name, _ in long[1]])


def test_a_header_that_would_be_two_is_not_sent(app: LeanFlask) -> None:
    injected = Response(status=200, headers=[("Content-Type", "a\r\nX-Other: b")], body=b"")
    app.view_functions["thing"] = LeanView(lambda *_: injected)
    answer = Client(app).get("/things/a")
    assert (answer.status_code, answer.headers.get("X-Other")) == (500, None)


# --- what is remembered --------------------------------------------------------------------------


def test_matches_are_remembered_up_to_a_limit(app: LeanFlask) -> None:
    client = Client(app)
    for number in range(MOST_REMEMBERED + 10):
        assert client.get(f"/things/{number}").get_json() == [False, {"name": str(number)}]
    assert app.url_map._remembered.cache_info().currsize == MOST_REMEMBERED
    longest = "x" * LONGEST_REMEMBERED
    assert client.get(f"/things/{longest}").get_json() == [True, {"name": longest}]


def test_a_rule_that_is_added_later_is_found(app: LeanFlask) -> None:
    client = Client(app)
    assert client.get("/things/new").get_json() == [False, {"name": "new"}]
    app.url_map.add(Rule("/things/new", endpoint="new", methods=["GET"]))
    app.view_functions["new"] = LeanView(respond)
    assert client.get("/things/new").get_json() == [False, {}]
