"""Idempotency tokens: a repeated request gets the first response again.

A token belongs to an operation and a scope. It is stored in the transaction of its call, so that a
failed call does not use it up, and of two concurrent calls one runs and the other replays.
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
    """A used token; its id is the operation and the token."""

    kind: ClassVar[str] = "idempotency-token"

    digest: str
    """Digest of the parameters of the request."""

    answer: str
    """The response as JSON text."""


def recall(repository: Repository, operation: Operation, document: Any) -> Token | None:
    """Return the used token of a request, if it has not expired.

    Raises `TokenReused` if it was used with other parameters.
    """
    name = _name(operation, document)
    used = repository.find(Token, name) if name else None
    if used is None or operation.idempotency is None:
        return None
    if repository.now - used.created_at >= operation.idempotency.lasts:
        repository.drop(used)  # so that `remember` can store it anew
        return None
    if used.digest != _digest(operation, document):
        raise TokenReused(operation.name, token=document[operation.idempotency.member])
    return used


def remember(repository: Repository, operation: Operation, document: Any, response: object) -> None:
    """Store the response to a request with a token; raises `AlreadyExists` in a race."""
    name = _name(operation, document)
    if name:
        text = json_text.write(response).decode()
        repository.add(Token(id=name, digest=_digest(operation, document), answer=text))


def _name(operation: Operation, document: Any) -> str | None:
    token = operation.idempotency and document.get(operation.idempotency.member)
    return f"{operation.name}/{token}" if token else None


def _digest(operation: Operation, document: Any) -> str:
    """Return a digest of the parameters in canonical form."""
    assert operation.idempotency is not None
    parameters = {k: v for k, v in document.items() if k != operation.idempotency.member}
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
