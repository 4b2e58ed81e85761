"""FastAPI itself, with its own bearer scheme, as the judge of when credentials are asked for."""

import asyncio
import json
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Annotated, Any
from uuid import UUID

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import Request
from werkzeug.test import Client

from tests.contract.pydantic_oracle import DatasetCreateRequest
from tests.core.auth.bearer_requests import make

CHALLENGE = {"WWW-Authenticate": "Bearer"}


class Since0122(HTTPBearer):
    """The scheme as it is since FastAPI 0.122.0: one answer to whoever is not authenticated."""

    async def __call__(self, request: Request) -> HTTPAuthorizationCredentials | None:
        try:
            return await super().__call__(request)
        except HTTPException:
            raise HTTPException(401, "Not authenticated", CHALLENGE) from None


def judge(scheme: HTTPBearer, id_type: type) -> FastAPI:
    """An application built as the vendor's is thought to be, that knows one pair."""
    asked = FastAPI()

    def caller(given: Annotated[HTTPAuthorizationCredentials, Depends(scheme)]) -> str:
        if given.credentials != "client-7:sec:ret":
            raise HTTPException(401, "Invalid authentication credentials", CHALLENGE)
        return given.credentials

    @asked.post("/api/v1/datasets")
    async def create_dataset(
        request: DatasetCreateRequest, who: Annotated[str, Depends(caller)]
    ) -> None:
        return None

    async def get_dataset(dataset_id: object, who: Annotated[str, Depends(caller)]) -> None:
        raise HTTPException(404, "Dataset not found")

    get_dataset.__annotations__["dataset_id"] = id_type
    asked.get("/api/v1/datasets/{dataset_id}")(get_dataset)
    return asked


JUDGES = {"later": judge(Since0122(), UUID), "earlier": judge(HTTPBearer(), str)}
MARKS: Mapping[str, Mapping[str, str]] = {"later": {}, "earlier": {"X-Fern-SDK-Name": "coactive"}}
AUTHORIZATIONS = [
    None, "", "Bearer", "bearer", "Basic", "Basic x", "Basic eDp5", "Digest a=b", "sec:ret", "Bearer:x",
    "Bearer-x y", "Bearer\tx", "Token x", "x  y", "Bearer client-7:sec", "bearer nobody:x", "BEARER x",
    "Bearer client-7:sec:ret", "bearer client-7:sec:ret", "bEARER client-7:sec:ret",
]  # fmt: skip
BODIES = [b"", b"null", b"[]", b'"x"', b"{}", b'{"name": ', b"nope", b'"\xff"', b'{"name": []}']
PATHS = ["/api/v1/datasets/abc", "/api/v1/datasets/f47ac10b-58cc-4372-a567-0e02b2c3d479"]
REQUESTS = [
    *[("POST", "/api/v1/datasets", body) for body in BODIES],
    *[("GET", path, b"") for path in PATHS],
    ("GET", PATHS[0], b'{"name": '),
    ("GET", "/api/v1/nope", b""),
    ("POST", PATHS[1], b""),
]

Said = tuple[int, str | None, Any]
"""Status, what is asked for, and the body."""


def asked_of(app: FastAPI, method: str, path: str, body: bytes, authorization: str | None) -> Said:
    """Call the application as a server would."""
    headers = [(b"content-type", b"application/json")]
    if authorization is not None:
        headers.append((b"authorization", authorization.encode()))
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": headers}  # fmt: skip
    sent: list[Mapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    answered = dict(sent[0]["headers"]).get(b"www-authenticate")
    text = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], answered.decode() if answered else None, json.loads(text)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    application = make(tmp_path_factory.mktemp("oracle"), "verify")
    yield Client(application)
    application.close()


@pytest.mark.parametrize("generation", ["later", "earlier"])
@pytest.mark.parametrize("authorization", AUTHORIZATIONS, ids=repr)
def test_credentials_are_asked_for_when_fastapi_asks_for_them(
    client: Client, generation: str, authorization: str | None
) -> None:
    headers = {"Content-Type": "application/json", **MARKS[generation]}
    if authorization is not None:
        headers["Authorization"] = authorization
    for method, path, body in REQUESTS:
        wanted = asked_of(JUDGES[generation], method, path, body, authorization)
        answer = client.open(f"/coactive{path}", method=method, headers=headers, data=body)
        said = answer.status_code, answer.headers.get("WWW-Authenticate"), answer.get_json()
        if generation == "earlier" and wanted[0] == 422:  # its items are those of Pydantic 1
            assert said[:2] == wanted[:2], (method, path, body)
        else:
            assert said == wanted, (method, path, body)
