"""Requests of both AWS dialects as botocore signs them, and whole answers to compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock
from urllib.parse import urlsplit
from uuid import UUID

from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import Credentials
from werkzeug.test import Client

from emulator.app import Application
from emulator.core.primitives.clock import from_iso
from emulator.settings import Settings
from tests.contract.answers import OF_EVERY_AMAZON_ANSWER

NOW = "20260401T080000Z"
"""What the clock shows, and when requests are signed."""
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJ/session+token=="
BOTH = ["personalize", "lookoutvision"]
KNOWN = [
    {"id": "AKIDEXAMPLE", "secret": SECRET},
    {"id": "ASIAEXAMPLE", "secret": SECRET, "token": TOKEN},
    {"id": "LASTSECOND", "secret": SECRET, "token": TOKEN, "expires": "2026-04-01T08:00:01Z"},
]

WRONG = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"
UNKNOWN = "UnrecognizedClientException"
MISMATCH = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."  # fmt: skip
NO_SUCH_KEY = "The security token included in the request is invalid."
NO_SUCH_TOKEN = "The security token included in the request is invalid"


class Answer(NamedTuple):
    """An answer, without the id of the request and what follows from the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A service: a request of it, the answer to that, and how it refuses."""

    service: str
    method: str = "POST"
    path: str
    target: Mapping[str, str]
    body: bytes
    other_body: bytes
    media: str
    success: bytes

    def refusal(self, code: str, text: str) -> Answer:
        """Write an error as the protocol does: JSON 1.1 with 400, REST JSON with 403."""
        if self.service == "personalize":
            body = {"__type": code, "message": text}
            return Answer(400, {"Content-Type": self.media}, compact(body))
        headers = {"Content-Type": self.media, "x-amzn-ErrorType": code}
        return Answer(403, headers, compact({"message": text}))

    @property
    def accepted(self) -> Answer:
        return Answer(200, {"Content-Type": self.media}, self.success)


def compact(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


PERSONALIZE = Dialect(
    service="personalize",
    path="/",
    target={"X-Amz-Target": "AmazonPersonalize.CreateDatasetGroup"},
    body=b'{"name": "g1"}',
    other_body=b'{"name": "g2"}',
    media="application/x-amz-json-1.1",
    success=b'{"datasetGroupArn":"arn:aws:personalize:us-east-1:123456789012:dataset-group/g1"}',
)
LISTS_SCHEMAS = replace(
    PERSONALIZE,
    target={"X-Amz-Target": "AmazonPersonalize.ListSchemas"},
    body=b"",
    success=b'{"schemas":[]}',
)
VISION = Dialect(
    service="lookoutvision",
    path="/2020-11-20/projects",
    target={},
    body=b'{"ProjectName": "p1"}',
    other_body=b'{"ProjectName": "p2"}',
    media="application/json",
    success=b'{"ProjectMetadata":{"ProjectArn":"arn:aws:lookoutvision:us-east-1:123456789012'
    b':project/p1","ProjectName":"p1","CreationTimestamp":1.7750304E9}}',
)
LISTS_PROJECTS = replace(VISION, method="GET", body=b"", success=b'{"Projects":[]}')
DIALECTS = [PERSONALIZE, VISION]
WITHOUT_BODY = [LISTS_SCHEMAS, LISTS_PROJECTS]
"""What can be presigned: botocore presigns no body."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Signs requests of a dialect and sends them to an emulator."""

    application: Application
    dialect: Dialect
    host: str = "127.0.0.1:4680"
    prefixed: bool = True
    method: str | None = None
    path: str | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    key: str = "AKIDEXAMPLE"
    secret: str = SECRET
    token: str | None = None
    region: str = "us-east-1"
    service: str | None = None
    at: str = NOW
    expires: int | str | None = None
    """Seconds a presigned request lasts; None signs the header."""
    unsigned: tuple[str, ...] = ()
    """Headers that are left out of the signature."""

    def but(self, **changes: Any) -> Desk:
        """Give a desk that does some things differently."""
        return replace(self, **changes)

    def signed(self) -> AWSRequest:
        """Sign with botocore."""
        prefix = f"/{self.dialect.service}" if self.prefixed else ""
        body = self.dialect.body if self.body is None else self.body
        presigned = self.expires is not None
        headers = {"Content-Type": self.dialect.media, **self.dialect.target, **self.headers}
        request = AWSRequest(
            method=self.method or self.dialect.method,
            url=f"http://{self.host}{prefix}{self.path or self.dialect.path}",
            headers=headers,
            data=body,
            params=dict(self.params),
        )
        known = Credentials(self.key, self.secret, self.token)
        place = (known, self.service or self.dialect.service, self.region)
        signer = SigV4QueryAuth(*place, expires=self.expires) if presigned else SigV4Auth(*place)
        unsigned, chosen = self.unsigned, signer.headers_to_sign

        def headers_to_sign(request: AWSRequest) -> HTTPHeaders:
            found = chosen(request)
            for name in unsigned:
                del found[name]
            return found

        signer.headers_to_sign = headers_to_sign
        moment = datetime.strptime(self.at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        with mock.patch("botocore.auth.get_current_datetime", return_value=moment):
            signer.add_auth(request)
        return request

    def ask(self, change: Callable[[AWSRequest], object] = lambda _: None) -> Answer:
        """Sign, change what was signed, and send it."""
        request = self.signed()
        change(request)
        return self.send(request)

    def send(self, request: AWSRequest) -> Answer:
        """Send a request as it is."""
        prepared = request.prepare()
        split = urlsplit(prepared.url)
        answer = Client(self.application).open(
            prepared.url.removeprefix(f"{split.scheme}://{split.netloc}"),
            method=prepared.method,
            base_url=f"{split.scheme}://{split.netloc}",
            headers=list(prepared.headers.items()),
            data=prepared.body or b"",
        )
        every = OF_EVERY_AMAZON_ANSWER
        headers = {name: value for name, value in answer.headers.items() if name not in every}
        assert UUID(headers.pop("x-amzn-RequestId")).version == 4
        assert headers.pop("Content-Length") == str(len(answer.data))
        return Answer(answer.status_code, headers, answer.data)


def rewritten(old: str, new: str) -> Callable[[AWSRequest], object]:
    """Change a text in the header Authorization, and in the URL where that is signed."""

    def change(request: AWSRequest) -> None:
        if "Authorization" in request.headers:
            given = request.headers["Authorization"]
            assert old in given
            header("Authorization", given.replace(old, new))(request)
        else:
            assert old in request.url
            request.url = request.url.replace(old, new)

    return change


def header(name: str, value: str | None) -> Callable[[AWSRequest], object]:
    """Set a header, or take it away."""

    def change(request: AWSRequest) -> None:
        del request.headers[name]
        if value is not None:
            request.headers[name] = value

    return change


def emulator(folder: Path, pairs: Iterable[Mapping[str, str]] = KNOWN, **asked: Any) -> Application:
    """Make an emulator that verifies, if not asked otherwise, against these pairs at `NOW`."""
    file = folder / "credentials.json"
    file.write_text(json.dumps({"credentials": [{"provider": BOTH, **pair} for pair in pairs]}))
    wanted = {"auth": "verify", "clock": "frozen", "strict": True, **asked}
    settings = Settings(credentials=str(file), **wanted)
    return Application(settings, wall=lambda: from_iso(NOW) * 1000)
