"""PAI through Alibaba Cloud's SDK for Python against a real server that verifies signatures."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from itertools import count
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from alibabacloud_aiworkspace20210204 import models
from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.utils_models import Config

from tests.clients.pai_5 import test_pai_flow as older_sdk
from tests.core.auth.acs_requests import (
    BEARER,
    BEARER_EXPIRED,
    EXPIRED,
    EXPIRED_TOKEN,
    INACTIVE,
    STS,
    STS_TOKEN,
    credentials,
)
from tests.core.auth.acs_signer import KEY, SECRET, Wish, canonical_request, string_to_sign
from tests.programs import missing
from tests.project.served import Served, served

ODD = "a b*~+/é 数据"
NAMES = map("n{}".format, count())
ENDPOINTS = ["{}", "{}/pai", "http://{}", "http://{}/", "http://{}/pai"]
ACCEPTED: dict[str, dict[str, Any]] = {
    "a pair": {},
    "another pair": {"access_key_id": "anotherKey"},
    "temporary credentials": {"access_key_id": STS, "security_token": STS_TOKEN},
    "a bearer token": {"access_key_id": None, "access_key_secret": None, "bearer_token": BEARER, "type": "bearer"},
}  # fmt: skip
OLDER = {"signature_algorithm": "v2"}
REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "an unknown key": ({"access_key_id": "nobody"}, 404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."),
    "a disabled key": ({"access_key_id": INACTIVE}, 400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled."),
    "no token": ({"access_key_id": STS}, 400, "MissingSecurityToken", "SecurityToken is mandatory for this action."),
    "the token of another": ({"access_key_id": STS, "security_token": EXPIRED_TOKEN}, 400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey."),
    "an expired token": ({"access_key_id": EXPIRED, "security_token": EXPIRED_TOKEN}, 400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."),
    "a wrong bearer token": ({**ACCEPTED["a bearer token"], "bearer_token": "wrong"}, 400, "InvalidBearerToken", "InvalidBearerTokenException: Bearertoken is invalid"),
    "an expired bearer token": ({**ACCEPTED["a bearer token"], "bearer_token": BEARER_EXPIRED}, 400, "InvalidBearerToken", "InvalidBearerTokenException: Bearertoken has expired"),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    file = tmp_path_factory.mktemp("pai") / "credentials.json"
    file.write_text(json.dumps({"credentials": credentials()}))
    with served("--auth", "verify", "--credentials", str(file), "--port", "0") as started:
        yield started


@pytest.fixture
def host(server: Served) -> str:
    """The address of the server, which knows nothing of the tests before."""
    requests.post(f"{server.base}/_emulator/reset", json={}, timeout=10).raise_for_status()
    return urlsplit(server.base).netloc


def connect(endpoint: str, **changes: Any) -> Client:
    config = {
        "access_key_id": KEY,
        "access_key_secret": SECRET,
        "region_id": "cn-hangzhou",
        "endpoint": endpoint,
        "protocol": "http",
    }
    return Client(Config(**{**config, **changes}))


def wanted(name: str) -> models.CreateDatasetRequest:
    return models.CreateDatasetRequest(
        name=name,
        property="DIRECTORY",
        data_source_type="NAS",
        uri="nas://09f1.cn-hangzhou/",
        description=ODD,
    )


def gone_through(client: Client) -> tuple[bool, str]:
    """Create, get and list; give name and description as they come back."""
    name = next(NAMES)
    made = client.create_dataset(wanted(name)).body.dataset_id
    got = client.get_dataset(made, models.GetDatasetRequest()).body
    odd = client.list_datasets(models.ListDatasetsRequest(name=ODD, label="", source_id="*"))
    assert (odd.status_code, odd.body.datasets) == (200, [])
    listed = client.list_datasets(models.ListDatasetsRequest(dataset_ids=f"{made},{ODD}"))
    assert [each.dataset_id for each in listed.body.datasets] == [made]
    client.delete_dataset(made, models.DeleteDatasetRequest())
    return got.name == name, got.description


def gone_through_async(client: Client) -> tuple[bool, str]:
    async def go() -> tuple[bool, str]:
        name = next(NAMES)
        made = (await client.create_dataset_async(wanted(name))).body.dataset_id
        got = (await client.get_dataset_async(made, models.GetDatasetRequest())).body
        query = models.ListDatasetsRequest(name=ODD, label="", source_id="*")
        odd = await client.list_datasets_async(query)
        assert (odd.status_code, odd.body.datasets) == (200, [])
        query = models.ListDatasetsRequest(dataset_ids=f"{made},{ODD}")
        listed = await client.list_datasets_async(query)
        assert [each.dataset_id for each in listed.body.datasets] == [made]
        await client.delete_dataset_async(made, models.DeleteDatasetRequest())
        return got.name == name, got.description

    return asyncio.run(go())


WAYS = pytest.mark.parametrize("go", [gone_through, gone_through_async], ids=["sync", "async"])
Go = Callable[[Client], tuple[bool, str]]


@WAYS
@pytest.mark.parametrize("config", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_the_sdk_is_let_in(host: str, go: Go, config: dict[str, Any]) -> None:
    assert go(connect(host, **config)) == (True, ODD)


@WAYS
@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_endpoint_may_carry_a_scheme_and_a_prefix(host: str, go: Go, endpoint: str) -> None:
    assert go(connect(endpoint.format(host))) == (True, ODD)


@pytest.mark.parametrize("endpoint", ["{}", "{}/pai"])
@pytest.mark.parametrize("config", [{}, ACCEPTED["temporary credentials"]], ids=["pair", "sts"])
def test_the_older_signature_is_let_in(host: str, endpoint: str, config: dict[str, Any]) -> None:
    assert gone_through(connect(endpoint.format(host), **OLDER, **config)) == (True, ODD)


def test_the_older_signature_of_the_async_client_is_let_in_with_a_body(host: str) -> None:
    made = asyncio.run(connect(host, **OLDER).create_dataset_async(wanted(next(NAMES))))
    assert made.status_code == 200


def refused(client: Client) -> ClientException:
    with pytest.raises(ClientException) as caught:
        client.list_datasets(models.ListDatasetsRequest(name=ODD))
    return caught.value


@pytest.mark.parametrize(("config", "status", "code", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_is_a_client_exception(
    host: str, config: dict[str, Any], status: int, code: str, text: str
) -> None:
    error = refused(connect(host, **config))
    assert (error.status_code, error.code) == (status, code)
    assert error.message == f"code: {status}, {text} request id: {error.request_id}"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[requests.PreparedRequest]:
    """The requests that the sync client sends, as it hands them to its HTTP library."""
    found: list[requests.PreparedRequest] = []
    send = requests.Session.send

    def keep(self: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
        found.append(request)
        return send(self, request, **options)

    monkeypatch.setattr(requests.Session, "send", keep)
    return found


def test_to_a_wrong_secret_the_exception_shows_the_calculation(
    host: str, sent: list[requests.PreparedRequest]
) -> None:
    error = refused(connect(host, access_key_secret="wrong"))
    headers = {name.lower(): value for name, value in sent[0].headers.items()}
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    asked = Wish(method="GET", query=[("Name", ODD)], headers=headers)
    assert (error.status_code, error.code) == (400, "SignatureDoesNotMatch")
    assert error.message == (
        "code: 400, Specified signature does not match our calculation."
        f" server StringToSign is [{string_to_sign(asked, names)}]"
        f" server CanonicalRequest is [{canonical_request(asked, names)}]"
        f" request id: {error.request_id}"
    )


def test_to_a_wrong_secret_the_older_exception_begins_otherwise(host: str) -> None:
    error = refused(connect(host, access_key_secret="wrong", **OLDER))
    assert (error.status_code, error.code) == (400, "SignatureDoesNotMatch")
    said = "Specified signature is not matched with our calculation. server string to sign is:GET"
    assert error.message.startswith(f"code: 400, {said}\n")


def again(request: requests.PreparedRequest) -> tuple[int, dict[str, str]]:
    """Send a request once more, header by header."""
    url = urlsplit(str(request.url))
    connection = HTTPConnection(url.netloc, timeout=10)
    target = f"{url.path}?{url.query}" if url.query else url.path
    connection.putrequest(str(request.method), target, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    body = request.body.encode() if isinstance(request.body, str) else request.body
    connection.endheaders(body)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


@pytest.mark.parametrize("config", [{}, OLDER, ACCEPTED["temporary credentials"]])
def test_a_request_that_is_sent_again_is_refused(
    host: str, sent: list[requests.PreparedRequest], config: dict[str, Any]
) -> None:
    client = connect(host, **config)
    made = client.create_dataset(wanted(next(NAMES))).body.dataset_id
    client.delete_dataset(made, models.DeleteDatasetRequest())
    for request in list(sent):
        status, body = again(request)
        assert (status, body["Code"]) == (400, "SignatureNonceUsed")
        assert body["Message"] == "Specified signature nonce was used already."


class Kept(BaseException):
    """Ends a call where its request would have been sent; no retry catches it."""


def test_a_body_that_was_changed_is_refused_and_its_nonce_is_not_burnt(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keep(_: requests.Session, request: requests.PreparedRequest, **options: Any) -> None:
        raise Kept(request)

    with monkeypatch.context() as patched, pytest.raises(Kept) as caught:
        patched.setattr(requests.Session, "send", keep)
        connect(host).create_dataset(wanted(next(NAMES)))
    (request,) = caught.value.args
    right = request.body
    request.body = right.replace(b"DIRECTORY", b"DIRECTORI")
    status, body = again(request)
    assert (status, body["Code"]) == (400, "SignatureDoesNotMatch")
    request.body = right
    assert again(request)[0] == 200


def logged(server: Served) -> str:
    """Read what the server has written to its log since the last time."""
    assert server.process.stderr is not None
    pipe = server.process.stderr.fileno()
    os.set_blocking(pipe, False)
    try:
        return os.read(pipe, 65536).decode()
    except BlockingIOError:
        return ""


def test_the_server_logs_what_it_refuses_without_secrets(server: Served, host: str) -> None:
    logged(server)
    refused(connect(host, **{**ACCEPTED["temporary credentials"], "access_key_secret": "wrongKey"}))
    refused(connect(host, **{**ACCEPTED["a bearer token"], "bearer_token": "wrongToken"}))
    said = logged(server)
    assert said.count("pai ListDatasets rejected: ") == said.count("--auth verify") == 2
    secrets = (STS, STS_TOKEN, SECRET, "wrongKey", "wrongToken", "Signature=")
    assert not any(secret in said for secret in secrets)


@pytest.mark.parametrize("way", ["sync", "async"])
def test_the_older_sdk_is_let_in(host: str, way: str) -> None:
    if not older_sdk.PYTHON.exists():
        missing(f"{older_sdk.PYTHON} (make clients)")
    done = subprocess.run(
        [older_sdk.PYTHON, older_sdk.HERE / "pai_flow.py", host, way],
        capture_output=True,
        text=True,
        timeout=older_sdk.SECONDS,
        check=False,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
    )
    assert done.returncode == 0, done.stderr
    expected = [*older_sdk.DATASETS, *older_sdk.WORKSPACES]
    assert [row[:2] for row in json.loads(done.stdout)] == [row[:2] for row in expected]
