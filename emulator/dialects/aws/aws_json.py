"""AWS JSON 1.1: one route, the operation in a header, errors named by `__type`.

Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Response
from emulator.core.primitives import json_text
from emulator.dialects.aws.protocol import AwsProtocol


class AwsJson(AwsProtocol):
    """Writes compact JSON with the service's own content type, on errors too."""

    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the result; an operation without a result has an empty body."""
        body = b"" if document is None else json_text.write(document)
        return self._response(exchange, exchange.operation.status, body)

    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write `__type` and, if there is a text, a lower-case `message`.

        An error of the shape `rest` is one of a sister service, which signs alike and speaks REST
        JSON: its class stands in a header.
        """
        message = {} if error.text is None else {"message": error.text}
        if error.envelope == "rest":
            fields = self.headers(
                exchange, "application/json", {"x-amzn-ErrorType": error.code, **error.headers}
            )
            body = json_text.write({**message, **error.members})
            return Response(status=error.status, headers=fields, body=body)
        body = json_text.write({"__type": error.code, **message, **error.members})
        return self._response(exchange, error.status, body, error.headers)

    def _response(
        self, exchange: Exchange, status: int, body: bytes, extra: Mapping[str, str] | None = None
    ) -> Response:
        headers = self.headers(exchange, self.options["contentTypes"][0], extra or {})
        return Response(status=status, headers=headers, body=body)
