"""The base of protocols, and what they have in common."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from emulator.core.contract.model import Document, Member
from emulator.core.contract.validation import Format, Violation
from emulator.core.errors.failures import Malformed, TooLarge, WrongContentType
from emulator.core.errors.rendering import RenderedError
from emulator.core.http.exchange import Exchange, Received, Response
from emulator.core.primitives import json_text
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.primitives.templates import Facts

_INTEGER = re.compile(r"-?[0-9]{1,30}")


class Protocol(ABC):
    """Turns requests into documents, and documents and failures into responses."""

    formats: ClassVar[Mapping[str, Format]] = {}
    """Formats that this protocol asserts, by the value of `format`."""
    null_is_absent: ClassVar[bool] = False
    """Whether a member of a body that is null counts as absent."""
    fills_defaults: ClassVar[bool] = False
    """Whether an absent member of a request has the default of its schema."""

    def __init__(self, service: Document) -> None:
        """Use the protocol options and limits of service.json."""
        self.options: Document = service.get("protocol", {})
        self.largest_body: int = service["limits"]["bodyBytes"]

    @abstractmethod
    def request_id(self, identifiers: Identifiers, purpose: str) -> str:
        """Generate the id of a request."""

    @abstractmethod
    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return the facts of a violation as error texts of this protocol print them."""

    @abstractmethod
    def success(self, exchange: Exchange, document: object) -> Response:
        """Write the response of an operation that succeeded."""

    @abstractmethod
    def failure(self, exchange: Exchange, error: RenderedError) -> Response:
        """Write the vendor's error."""

    def read(self, received: Received) -> object:
        """Merge body, path, query and header members into one document.

        An operation without members takes the body as it is. Members that an operation does not
        know are in the document if a rule looks at them; their names are `Unknown`.

        Raises `TooLarge`, `WrongContentType` or `Malformed`.
        """
        body = self.read_body(received)
        if not isinstance(body, dict):
            return body
        keeps_unknown, operation = received.rules.keeps_unknown, received.operation
        document = merge(received, body) if operation.members or keeps_unknown else body
        if keeps_unknown:
            document = {**document, **self.unknown(received, body)}
        return {**operation.defaults, **document} if self.fills_defaults else document

    def unknown(self, received: Received, body: Mapping[str, object]) -> Mapping[str, object]:
        """Collect the members of body and query that the operation does not know.

        Parameters of the query that are no business of the operation are left out, such as those
        of a signature: their names begin like one of the option `otherParameters`.
        """
        members = received.operation.members
        known = {(member.location, member.wire_name) for member in members}
        others = tuple(self.options.get("otherParameters", ()))
        in_query: dict[str, object] = {
            Unknown(name, "query"): value
            for name, value in received.request.query
            if ("query", name) not in known and not name.startswith(others)
        }
        in_body: dict[str, object] = {
            Unknown(name, "body"): value
            for name, value in body.items()
            if ("body", name) not in known
        }
        return {**in_query, **in_body}

    def read_body(self, received: Received) -> object:
        """Parse the body; an empty one is an empty object."""
        self.check_body(received)
        return parse_json(received.request.body or b"{}", nulls=not self.null_is_absent)

    def check_body(self, received: Received) -> None:
        """Reject a body that is too long or of an unsupported type."""
        if received.request.body is None:
            raise TooLarge(limit=self.largest_body)
        content_type = received.request.headers.get("Content-Type", "")
        accepted = self.options.get("contentTypes")
        if received.request.body and accepted and media_type(content_type) not in accepted:
            raise WrongContentType(given=content_type)


class Unknown(str):
    """The name of a member that an operation does not know, at a location of the request.

    It is no known name, even if it is spelt like one: a parameter of the query may be called like
    a member of the body.
    """

    __slots__ = ("location",)

    def __new__(cls, name: str, location: str) -> Self:
        """Make a name; the location is `body` or `query`."""
        made = super().__new__(cls, name)
        made.location = location
        return made

    location: str

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Unknown)
            and other.location == self.location
            and str.__eq__(self, other)
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def json_response(status: int, document: object, headers: Mapping[str, str]) -> Response:
    """Write a document as `application/json`, with more headers."""
    fields = [("Content-Type", "application/json"), *headers.items()]
    return Response(status=status, headers=fields, body=json_text.write(document))


def media_type(content_type: str) -> str:
    """Return a content type without parameters such as `; charset=utf-8`."""
    return content_type.partition(";")[0].strip().lower()


def parse_json(body: bytes, *, nulls: bool = True) -> object:
    """Parse strict UTF-8 JSON, with or without members that are null.

    Raises `Malformed` with a `reason`.
    """
    try:
        return json_text.read(body.decode("utf-8"), nulls=nulls)
    except UnicodeDecodeError:
        raise Malformed("encoding", reason="the body is not UTF-8") from None
    except json_text.NotJson as error:
        raise Malformed(reason=error.reason) from None


def merge(received: Received, body: Mapping[str, object]) -> dict[str, object]:
    """Collect each member of an operation from its location in the request."""
    found: dict[str, object] = {}
    for member in received.operation.members:
        if member.location != "body":
            _take(received, member, found)
        elif member.name in body:
            found[member.name] = body[member.name]
    return found


def _take(received: Received, member: Member, found: dict[str, object]) -> None:
    texts = _texts(received, member)
    schema = received.operation.request.schema["properties"][member.name]
    if member.many and texts:
        found[member.name] = [from_text(text, schema.get("items", {})) for text in texts]
    elif texts:
        found[member.name] = from_text(texts[-1], schema)


def _texts(received: Received, member: Member) -> list[str]:
    request, name = received.request, member.wire_name
    if member.location == "query":
        return [value for key, value in request.query if key == name]
    if member.location == "path":
        return [request.parameters[name]]
    return [request.header(name)] if name in request.headers else []


def from_text(text: str, schema: Mapping[str, Any]) -> object:
    """Convert a text to the type of its schema, if possible.

    Anything else stays a text, for validation to reject.
    """
    expected_type = schema.get("type")
    if expected_type == "integer":
        return int(text) if _INTEGER.fullmatch(text) else text
    if expected_type == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return text
