"""Resource-oriented JSON behind an API gateway: every body names its request.

Which headers, which host and which help page the gateway names is said by the `protocol`
of service.json, with its sources.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core import documents
from emulator.core.auth.identity import Identity
from emulator.core.call import Answer, Exchange
from emulator.core.contract import Document
from emulator.core.identifiers import Identifiers
from emulator.core.protocols.protocol import Protocol, without_nulls
from emulator.core.speech import Facts, Spoken, fill
from emulator.core.violations import Step, Violation


class RoaJson(Protocol):
    """Reads an absent member as its default; writes `RequestId` first, on errors too."""

    def __init__(self, service: Document) -> None:
        """Take the names of headers, host and help page from service.json."""
        super().__init__(service)
        identity = service["identity"]
        self._identity = Identity(identity["scheme"], identity, service["hosts"])

    def request_id(self, identifiers: Identifiers, provider: str) -> str:
        """Draw an upper-case UUID of version 5."""
        return str(identifiers.uuid("request", provider, version=5)).upper()

    def read(self, exchange: Exchange) -> object:
        """Merge the parts of the request; a member not sent has the default of its schema."""
        document = super().read(exchange)
        return {**_defaults(exchange), **document} if isinstance(document, dict) else document

    def read_body(self, exchange: Exchange) -> object:
        """Parse the body; a member that is null is a member that is not there."""
        return without_nulls(super().read_body(exchange))

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Give the name of the member, `Labels.1.Key` inside lists."""
        return {"field": ".".join(map(_step, violation.path)) or "body"}

    def success(self, exchange: Exchange, document: object) -> Answer:
        """Write the members of the result after the id of the request."""
        members = document if isinstance(document, Mapping) else {}
        return self._answer(exchange, exchange.status, members, {})

    def failure(self, exchange: Exchange, spoken: Spoken) -> Answer:
        """Write the host, the error and the page that explains it."""
        facts = {
            "code": spoken.code,
            "requestId": exchange.request_id,
            "region": self._identity.of(exchange).region,
        }
        members = {
            "HostId": fill(self.options["hostId"], facts),
            "Code": spoken.code,
            "Message": spoken.text,
            "Recommend": fill(self.options["recommend"], facts),
            **spoken.members,
        }
        return self._answer(exchange, spoken.status, members, spoken.headers)

    def _answer(
        self,
        exchange: Exchange,
        status: int,
        members: Mapping[str, object],
        extra: Mapping[str, str],
    ) -> Answer:
        headers = [
            ("Content-Type", self.options["answerType"]),
            (self.options["requestIdHeader"], exchange.request_id),
            (self.options["traceIdHeader"], exchange.request_id.replace("-", "").lower()),
            *extra.items(),
        ]
        body = documents.write({"RequestId": exchange.request_id, **members})
        return Answer(status=status, headers=headers, body=body)


def _defaults(exchange: Exchange) -> Mapping[str, object]:
    assert exchange.operation is not None
    assert exchange.operation.request is not None
    members = exchange.operation.request.schema.get("properties", {})
    return {name: schema["default"] for name, schema in members.items() if "default" in schema}


def _step(step: Step) -> str:
    return str(step + 1) if isinstance(step, int) else step
