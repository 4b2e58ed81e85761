"""AWS JSON 1.1: one route, the operation in a header, errors named by `__type`.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.errors.rendering import Spoken
from emulator.core.http.exchange import Answer, Exchange
from emulator.core.primitives import json_text
from emulator.dialects.aws.protocol import AwsProtocol


class AwsJson(AwsProtocol):
    """Writes compact JSON with the service's own content type, on errors too."""

    def success(self, exchange: Exchange, document: object) -> Answer:
        """Write the result as it is; an operation without a result has an empty body."""
        body = b"" if document is None else json_text.write(document)
        return self._answer(exchange, exchange.status, body)

    def failure(self, exchange: Exchange, spoken: Spoken) -> Answer:
        """Write `__type` and, where the service says something, a lower-case `message`."""
        said = {} if spoken.text is None else {"message": spoken.text}
        body = json_text.write({"__type": spoken.code, **said, **spoken.members})
        return self._answer(exchange, spoken.status, body, spoken.headers)

    def _answer(
        self, exchange: Exchange, status: int, body: bytes, more: Mapping[str, str] | None = None
    ) -> Answer:
        headers = [
            ("Content-Type", self.options["contentTypes"][0]),
            ("x-amzn-RequestId", exchange.request_id),
            *(more or {}).items(),
        ]
        return Answer(status=status, headers=headers, body=body)
