"""The protocol of services built with FastAPI and Pydantic 2.

Errors of FastAPI itself are `{"detail": <text>}`; those that Pydantic finds in a request are a
list of items with `type`, `loc`, `msg`, `input` and, for some types, `ctx`.

Source: https://fastapi.tiangolo.com/tutorial/handling-errors/ and the behaviour of FastAPI
0.115.6, with which tests/contract/test_pydantic_oracle.py compares it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from emulator.core.contract.model import Member
from emulator.core.contract.validation import ABSENT, Format, Rules, Violation
from emulator.core.errors.failures import Invalid, Malformed, TooLarge
from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Received, Request, Response
from emulator.core.http.protocol import Protocol, Unknown, json_response, media_type, merge
from emulator.core.primitives import datetimes, json_text, uuids
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.primitives.json_pointer import Step
from emulator.core.primitives.templates import Facts
from emulator.dialects.fastapi.coercion import PYDANTIC_2, Conversions, coerce

_JSON = re.compile(r"application/([^/]*\+)?json")


def is_uuid(value: object) -> bool:
    """Check that a text is a UUID; raises `ValueError` with the reason."""
    if isinstance(value, str):
        uuids.parse(value)
    return True


def is_finite(value: object) -> bool:
    """Return whether a number is finite; coercion has made infinity of `NaN`."""
    return not isinstance(value, float) or math.isfinite(value)


def is_datetime(value: object) -> bool:
    """Check that a text is a date-time of any year; raises `ValueError` with the reason."""
    try:
        return is_in_calendar(value)
    except datetimes.NoSuchYear:
        return True


def is_in_calendar(value: object) -> bool:
    """Check that a text is a date-time of an existing year; raises `ValueError`."""
    if isinstance(value, str):
        datetimes.parse(value)
    return True


class FastApi(Protocol):
    """Converts like Pydantic 2; a 422 has one item per wrong member."""

    formats: ClassVar[Mapping[str, Format]] = {
        "uuid": is_uuid,
        "finite": is_finite,
        "date-time": is_datetime,
        "calendar": is_in_calendar,
    }
    conversions: ClassVar[Conversions] = PYDANTIC_2
    """Conversions of values to the wanted type."""

    def request_id(self, identifiers: Identifiers, purpose: str) -> str:
        """Return an empty string: this protocol has no request ids."""
        return ""

    def read(self, received: Received) -> object:
        """Merge the members of the request and convert them.

        Raises `Invalid`, too: to FastAPI, a body that is not JSON is an invalid request.
        """
        rules = received.rules
        body = self.read_body(received)
        members = body if isinstance(body, dict) else {}
        merged = merge(received, members)
        if rules.keeps_unknown:
            merged |= self.unknown(received, members)
        document = coerce(merged, rules.schema, self.conversions)
        # FastAPI checks path, query and headers even then, and reports both.
        if members is not body:
            raise Invalid([*_outside_the_body(received, document), _no_object(rules, body)])
        return document

    def read_body(self, received: Received) -> object:
        """Parse the body, if the operation has one; null counts as no body.

        Returns the default of an absent body, or `ABSENT`.
        """
        if received.request.body is None:
            raise TooLarge(limit=self.largest_body)
        if not _has_body(received):
            return {}
        body = _sent(received.request)
        if body is None:
            return _default_body(received)
        return body

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return limit, choices and reason as Pydantic prints them."""
        limit = violation.limit
        return {
            "limit": limit,
            "number": _plain(limit),
            "plural": "" if limit == 1 else "s",
            "choices": _listed(limit) if isinstance(limit, list) else "",
            "reason": violation.reason,
        }

    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the document."""
        return json_response(exchange.operation.status, document, {})

    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write the items, or the text without items; an internal error is plain text."""
        if error.envelope == "text":
            headers = [("Content-Type", "text/plain; charset=utf-8"), *error.headers.items()]
            text = error.text or ""
            return Response(status=error.status, headers=headers, body=text.encode())
        items = [self.item(exchange, item) for item in error.items]
        detail = items if items or error.text is None else error.text
        return json_response(error.status, {"detail": detail}, error.headers)

    def item(self, exchange: Exchange, item: Mapping[str, Any]) -> Mapping[str, object]:
        """Write one item: the error, its location and the input."""
        violation: Violation = item["violation"]
        source, *path = location(exchange, violation)
        return {
            "type": item["code"],
            "loc": [source, *path],
            "msg": item["text"],
            "input": _input(exchange, violation),
            **item["members"],
        }


def _has_body(received: Received) -> bool:
    return any(member.location == "body" for member in received.operation.members)


def _default_body(received: Received) -> object:
    """Return the default of an absent body, or `ABSENT`."""
    return received.operation.request.schema.get("default", ABSENT)


def _sent(request: Request) -> object:
    """Return the JSON of a body, or its text if it is not declared as JSON."""
    body, content_type = request.body or b"", request.headers.get("Content-Type", "")
    try:
        text = body.decode(json.detect_encoding(body), "surrogatepass")
        if not text or (content_type and not _JSON.fullmatch(media_type(content_type))):
            return text or None
        return json_text.read(text, constants=True)
    except UnicodeDecodeError:
        raise Malformed(reason="the body is not valid Unicode") from None
    except json_text.NotJson as error:
        if error.position is None:
            raise Malformed(reason=error.reason) from None
        raise Invalid([_violation("json", {}, error.position, reason=error.reason)]) from None


def _violation(keyword: str, value: object, *path: int, reason: str | None = None) -> Violation:
    """Make a violation without a schema, because there is no document."""
    return Violation(keyword=keyword, path=path, value=value, limit=None, schema={}, reason=reason)


def _outside_the_body(received: Received, document: object) -> list[Violation]:
    """List the violations of path, query and header members."""
    found = received.rules.violations(document)
    return [violation for violation in found if location(received, violation)[0] != "body"]


def _no_object(rules: Rules, body: object) -> Violation:
    """Return the violation of a body that is not an object."""
    if body is ABSENT:
        return _violation("required", ABSENT)
    return rules.violations(body)[0]


def location(received: Received, violation: Violation) -> list[Step]:
    """Return the location of a violation: the part of the request, then the path in it."""
    first = violation.path[0] if violation.path else None
    found = first if isinstance(first, Unknown) else _member(received, violation)
    return [found.location if found else "body", *violation.path]


def _member(received: Received, violation: Violation) -> Member | None:
    name = violation.path[0] if violation.path else None
    return next((member for member in received.operation.members if member.name == name), None)


def _input(exchange: Exchange, violation: Violation) -> object:
    """Return the value of a violation as it was sent, before conversion.

    The input of a missing member is the object it is missing from.
    """
    member = _member(exchange, violation)
    if member and member.location == "query":
        # Of a repeated parameter that is not a list, FastAPI takes the last.
        texts = [text for name, text in exchange.request.query if name == member.wire_name]
        is_item = member.many and len(violation.path) > 1
        return texts[int(violation.path[1]) if is_item else -1] if texts else violation.value
    is_whole = violation.keyword in ("json", "additionalProperties")
    if is_whole or (member and member.location != "body"):
        return violation.value
    found: Any = _sent(exchange.request)
    for step in violation.path[:-1] if violation.keyword == "required" else violation.path:
        if not isinstance(found, list) and step not in (found or ()):
            return violation.value  # the error was ordered, and the member was not sent
        found = found[step]
    return found


def _listed(choices: list[object]) -> str:
    *others, last = [f"'{choice}'" for choice in choices]
    return f"{', '.join(others)} or {last}" if others else last


def _plain(limit: object) -> str:
    """Print a number without an exponent or a fraction of zero, as Rust does."""
    if not isinstance(limit, float):
        return str(limit)
    return format(Decimal(repr(limit)), "f").removesuffix(".0")
