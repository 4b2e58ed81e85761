"""AWS REST JSON: operations by method and path, errors named by a header.

Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from emulator.core.contract.validation import Format
from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Response
from emulator.core.primitives import json_text
from emulator.core.primitives.clock import from_iso
from emulator.dialects.aws.protocol import AwsProtocol


def _is_time(value: object) -> bool:
    """Read ISO 8601, as times in paths, queries and headers are; raises `ValueError`."""
    return not isinstance(value, str) or from_iso(value) is not None


class RestJson(AwsProtocol):
    """Writes compact JSON; the class of an error stands in `x-amzn-ErrorType` only."""

    formats: ClassVar[Mapping[str, Format]] = {"date-time": _is_time}

    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the result; an operation without members responds `{}`."""
        return self._response(exchange, exchange.operation.status, document, {})

    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write `Message` (null without a text) and the members of the error.

        The framework in front of the service, which rejects callers, writes `message`.
        """
        headers = {"x-amzn-ErrorType": error.code, **error.headers}
        name = "message" if error.envelope == "framework" else "Message"
        document = {name: error.text, **error.members}
        return self._response(exchange, error.status, document, headers)

    def _response(
        self, exchange: Exchange, status: int, document: object, extra: dict[str, str]
    ) -> Response:
        headers = self.headers(exchange, "application/json", extra)
        return Response(status=status, headers=headers, body=json_text.write(document))
