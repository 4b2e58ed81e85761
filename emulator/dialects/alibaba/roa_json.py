"""Resource-oriented JSON behind an API gateway: bodies contain the request id.

The `protocol` of service.json names the headers, the host and the help page, with its sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.core.contract.model import Document
from emulator.core.contract.validation import Violation
from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Response
from emulator.core.http.protocol import Protocol
from emulator.core.primitives import json_text
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.primitives.json_pointer import Step
from emulator.core.primitives.templates import Facts, fill

_REQUEST_IDS = ("RequestId", "requestId")
"""Spellings of the member with the request id."""


class RoaJson(Protocol):
    """Reads absent members as their defaults; writes the request id first, also in errors.

    The request id has the name in the operation's response schema, if any; errors call it
    `RequestId`.
    """

    null_is_absent = True
    fills_defaults = True

    def __init__(self, service: Document) -> None:
        """Read the names of headers, host and help page from service.json."""
        super().__init__(service)
        self._region: str = service["identity"]["region"]

    def request_id(self, identifiers: Identifiers, purpose: str) -> str:
        """Generate an upper-case UUID of version 5."""
        return str(identifiers.uuid("request", purpose, version=5)).upper()

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return the name of the member, `Labels.1.Key` inside lists."""
        return {"field": ".".join(map(_step, violation.path)) or "body"}

    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the members of the result after the id of the request."""
        members = document if isinstance(document, Mapping) else {}
        ids = dict.fromkeys(_names(exchange), exchange.request_id)
        return self._response(exchange, exchange.operation.status, {**ids, **members}, {})

    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write the host, the error and the page that explains it."""
        facts = {
            "code": error.code,
            "requestId": exchange.request_id,
            "region": exchange.host_region or self._region,
        }
        members = {
            "RequestId": exchange.request_id,
            "HostId": fill(self.options["hostId"], facts),
            "Code": error.code,
            "Message": error.text,
            "Recommend": fill(self.options["recommend"], facts),
            **error.members,
        }
        return self._response(exchange, error.status, members, error.headers)

    def _response(
        self,
        exchange: Exchange,
        status: int,
        members: Mapping[str, object],
        extra: Mapping[str, str],
    ) -> Response:
        headers = [
            ("Content-Type", self.options["answerType"]),
            (self.options["requestIdHeader"], exchange.request_id),
            (self.options["traceIdHeader"], exchange.request_id.replace("-", "").lower()),
            *extra.items(),
        ]
        return Response(status=status, headers=headers, body=json_text.write(members))


def _names(exchange: Exchange) -> Iterator[str]:
    """Return the name of the request id in the operation's response, if it has one."""
    members = exchange.operation.response.schema["properties"]
    return (name for name in _REQUEST_IDS if name in members)


def _step(step: Step) -> str:
    return str(step + 1) if isinstance(step, int) else step
