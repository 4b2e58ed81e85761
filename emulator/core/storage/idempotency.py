"""Idempotency tokens: the first answer to a token is given again to the same request.

A token belongs to an operation and a scope. It is stored in the transaction of the
call it belongs to, so that a call that fails does not use its token up, and so that of
two calls with one token at the same moment one runs and the other replays.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.core.contract.model import Operation
from emulator.core.errors.failures import TokenReused
from emulator.core.primitives import json_text
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource


@dataclass(kw_only=True)
class Token(Resource):
    """A token that was used; its id is the operation and the token."""

    kind: ClassVar[str] = "idempotency-token"

    digest: str
    """Of the parameters of the request."""

    answer: str
    """The answer as JSON text."""


def recall(repository: Repository, operation: Operation, document: Any) -> Token | None:
    """Find the token of a request, if it was used within the time tokens last.

    Raises `TokenReused` when it was used for a request with other parameters.
    """
    name = _name(operation, document)
    used = repository.find(Token, name) if name else None
    if used is None or operation.idempotency is None:
        return None
    if repository.now - used.created_at >= operation.idempotency.lasts:
        repository.drop(used)
        return None
    if used.digest != _digest(operation, document):
        raise TokenReused(operation.name, token=document[operation.idempotency.member])
    return used


def remember(repository: Repository, operation: Operation, document: Any, answer: object) -> None:
    """Keep the answer to a request that carries a token; raises `AlreadyExists` in a race."""
    name = _name(operation, document)
    if name:
        text = json_text.write(answer).decode()
        repository.add(Token(id=name, digest=_digest(operation, document), answer=text))


def _name(operation: Operation, document: Any) -> str | None:
    token = operation.idempotency and document.get(operation.idempotency.member)
    return f"{operation.name}/{token}" if token else None


def _digest(operation: Operation, document: Any) -> str:
    """Digest the parameters of a request, written in one canonical way."""
    assert operation.idempotency is not None
    parameters = {k: v for k, v in document.items() if k != operation.idempotency.member}
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
