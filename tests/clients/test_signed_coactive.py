"""Coactive by plain `requests` and by the vendor's client, at a server that verifies credentials."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.programs import missing
from tests.project.served import Served, served

FLOW = Path(__file__).parent / "coactive_sdk" / "pair_flow.py"
PYTHON = FLOW.parents[3] / ".venv-coactive" / "bin" / "python"
PAIR = {"provider": "coactive", "id": "client-7", "secret": "sec:ret", "token": "personal-7"}
PARAMS = {"name": "clips_1", "encoder_name": "multimodal"}
INVALID = {"detail": "Invalid authentication credentials"}
MISSING = {"detail": "Not authenticated"}
EMPTY = {
    "meta": {"page": {"current_page": 1, "last_page": 0, "limit": 100, "offset": 0, "total": 0}},
    "data": [],
}
UNREAD = {"server", "date", "content-length", "connection"}
"""Headers that belong to the server and the connection."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("signed") / "credentials.json"
    file.write_text(json.dumps({"credentials": [PAIR]}))
    arguments = ["--port", "0", "--strict", "--auth", "verify", "--credentials", str(file)]
    with served(*arguments) as emulator:
        yield emulator


@pytest.fixture
def base(server: Served) -> str:
    """The URL of a server that was reset."""
    control(server.base, "/reset", {})
    return server.base


def control(base: str, path: str, document: object) -> None:
    answer = requests.post(f"{base}/_emulator{path}", json=document, timeout=10)
    assert answer.status_code == 200, answer.text


class Bearing(requests.auth.AuthBase):
    """Sends an Authorization as it stands."""

    def __init__(self, authorization: str) -> None:
        self.authorization = authorization

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self.authorization
        return request


def log_in(base: str, auth: Any, grant: str) -> requests.Response:
    url = f"{base}/coactive/api/v0/login"
    return requests.post(url, json={"grant_type": grant}, auth=auth, timeout=10)


def bearing(base: str, auth: Any, grant: str) -> Bearing:
    """Log in, and bear the token from then on."""
    answer = log_in(base, auth, grant)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    wanted = {"access_token": said["access_token"], "token_type": "Bearer", "expires_in": 3600}
    assert said == wanted
    return Bearing(f"Bearer {said['access_token']}")


def listed(base: str, auth: Any) -> requests.Response:
    return requests.get(f"{base}/coactive/api/v1/datasets", auth=auth, timeout=10)


def created(base: str, auth: Any) -> requests.Response:
    return requests.post(f"{base}/coactive/api/v1/datasets", json=PARAMS, auth=auth, timeout=10)


def assert_answers(answer: requests.Response, status: int, wanted: object, **extra: str) -> None:
    """Compare status, headers, and the body as it was written, in the order of its members."""
    assert (answer.status_code, answer.text) == (status, json.dumps(wanted, separators=(",", ":")))
    headers = {name.lower(): value for name, value in answer.headers.items()}
    given = {name: value for name, value in headers.items() if name not in UNREAD}
    assert given == {"content-type": "application/json", **extra}


def assert_refuses(answer: requests.Response) -> None:
    assert_answers(answer, 401, INVALID, **{"www-authenticate": "Bearer"})


@pytest.mark.parametrize(
    ("auth", "grant"),
    [
        (("client-7", "sec:ret"), "client_credentials"),
        (Bearing("Bearer personal-7"), "refresh_token"),
    ],
    ids=["Basic", "personal token"],
)
def test_a_token_lasts_an_hour_and_can_be_had_again(base: str, auth: Any, grant: str) -> None:
    session = bearing(base, auth, grant)
    dataset = created(base, session)
    assert (dataset.status_code, dataset.json()["created_by"]) == (200, "client-7")
    control(base, "/clock/advance", {"seconds": 3601})
    assert_refuses(listed(base, session))
    assert_refuses(created(base, session))
    session = bearing(base, auth, grant)
    page = listed(base, session)
    assert page.status_code == 200
    assert page.json()["data"] == [dataset.json()]


def test_a_login_with_another_secret_or_token_is_refused(base: str) -> None:
    for auth in (("client-7", "sec"), ("nobody", "sec:ret"), Bearing("Bearer personal")):
        assert_refuses(log_in(base, auth, "client_credentials"))


def test_who_bears_nothing_is_asked_for_a_token(base: str) -> None:
    challenge = {"www-authenticate": "Bearer"}
    for answer in (
        listed(base, None),
        listed(base, ("client-7", "sec:ret")),
        created(base, Bearing("Bearer")),
        requests.post(f"{base}/coactive/api/v0/login", timeout=10),
    ):
        assert_answers(answer, 401, MISSING, **challenge)


def test_a_pair_is_let_in_on_the_bare_port(base: str) -> None:
    headers = {"Authorization": "bearer client-7:sec:ret"}
    url = f"{base}/api/v1/datasets"
    assert_answers(requests.get(url, headers=headers, timeout=10), 200, EMPTY)
    headers = {"Authorization": "bearer client-7:sec"}
    assert_refuses(requests.get(url, headers=headers, timeout=10))


def ask(base: str, client_id: str, secret: str) -> list[dict[str, Any]]:
    """Run the flow with the vendor's two clients, one after the other."""
    if not PYTHON.exists():
        missing(f"{PYTHON} (make clients)")
    command: list[str | Path] = [PYTHON, FLOW, f"{base}/coactive", client_id, secret]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    document: list[dict[str, Any]] = json.loads(done.stdout)
    return document


def test_the_vendors_clients_are_let_in_with_their_pair(base: str) -> None:
    assert ask(base, "client-7", "sec:ret") == [
        {"by": "client-7", "names": ["clips 1"]},
        {"by": "client-7", "names": ["clips 1", "clips 2"]},
    ]


def test_the_vendors_clients_raise_what_they_are_answered(base: str) -> None:
    raised = {"raised": "ApiError", "status": 401, "body": INVALID}
    assert ask(base, "client-7", "sec") == [raised, raised]
    assert ask(base, "nobody", "sec:ret") == [raised, raised]
