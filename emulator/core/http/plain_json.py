"""Plain JSON, the protocol of the control API."""

from __future__ import annotations

from emulator.core.contract.validation import Violation
from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Received, Response
from emulator.core.http.protocol import Protocol, json_response, merge
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.primitives.json_pointer import pointer
from emulator.core.primitives.templates import Facts


class PlainJson(Protocol):
    """Writes compact JSON; an error is `{"error": <code>, "message": <text>}`."""

    def request_id(self, identifiers: Identifiers, purpose: str) -> str:
        """Return an empty string: this protocol has no request ids."""
        return ""

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return path (a JSON Pointer), limit and keyword."""
        path = pointer(violation.path) or "/"
        return {"path": path, "limit": violation.limit, "keyword": violation.keyword}

    def read(self, received: Received) -> object:
        """Merge the members; keep unknown ones, so that validation rejects them."""
        body = self.read_body(received)
        if not isinstance(body, dict):
            return body
        return {**dict(received.request.query), **body, **merge(received, body)}

    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the document."""
        return json_response(exchange.operation.status, document, {})

    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write code and text of the error."""
        document = {"error": error.code, "message": error.text, **error.members}
        return json_response(error.status, document, error.headers)
