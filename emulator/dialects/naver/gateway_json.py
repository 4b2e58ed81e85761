"""JSON behind an API gateway: gateway and service each have an error envelope.

The gateway, which knows routes and sizes, writes `{"error": {errorCode, message, details}}`; the
service behind it writes seven flat members, like Spring WebFlux. The `envelope` of a row in
errors.json selects one.
"""

from __future__ import annotations

from http import HTTPStatus

from emulator.core.contract.model import Document, Operation
from emulator.core.contract.validation import ABSENT, Violation
from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Received, Response
from emulator.core.http.protocol import Protocol, json_response
from emulator.core.primitives import json_text
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.primitives.templates import Facts
from emulator.dialects.naver.formats import korean_time


class GatewayJson(Protocol):
    """Writes compact JSON.

    Option: `upstream` replaces the `public` prefix of a path by the service's own `path`.
    """

    def __init__(self, service: Document) -> None:
        """Use the option of service.json for errors of the service."""
        super().__init__(service)
        self._upstream = self.options["upstream"]

    def request_id(self, identifiers: Identifiers, purpose: str) -> str:
        """Generate eight hexadecimal digits, the value of `requestId`."""
        return identifiers.hex(8, "request", purpose)

    def read_body(self, received: Received) -> object:
        """Parse the body; an operation without body members ignores it."""
        sent, operation = received.request.body is not None, received.operation
        if sent and operation.emulated and not _reads_body(operation):
            return {}
        return super().read_body(received)

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return member (`osInfo.key`; `body` for the whole), its value as text, and limit."""
        return {
            "member": ".".join(map(str, violation.path)) or "body",
            "value": _text(violation.value),
            "limit": violation.limit,
        }

    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the document."""
        return json_response(exchange.operation.status, document, {})

    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write the error in the envelope of its row."""
        if error.envelope == "gateway":
            document: object = {
                "error": {"errorCode": error.code, "message": error.text, **error.members}
            }
        else:
            document = {
                "timestamp": korean_time(exchange.arrived),
                "path": self._upstream_path(exchange.request.path),
                "status": error.status,
                "error": error.code,
                "requestId": exchange.request_id,
                "errorCode": HTTPStatus(error.status).name,
                "message": error.text,
                **error.members,
            }
        return json_response(error.status, document, error.headers)

    def _upstream_path(self, path: str) -> str:
        public = self._upstream["public"]
        if not path.startswith(public):
            return path
        return f"{self._upstream['path']}{path[len(public) :]}"


def _reads_body(operation: Operation) -> bool:
    return any(member.location == "body" for member in operation.members)


def _text(value: object) -> str:
    """Format a value for a message: a text without quotes, the rest as JSON."""
    if value is ABSENT:
        return ""
    return value if isinstance(value, str) else json_text.write(json_text.quote(value)).decode()
