"""What the JSON protocols of AWS share: nulls, constraint sentences and timestamps.

Sources: smithy.io/2.0/aws/protocols; the sentences are those recorded from services of
the same framework (localstack/localstack, tests/aws/services/**/*.snapshot.json).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from emulator.core.contract.validation import ABSENT, Violation
from emulator.core.http.exchange import Exchange
from emulator.core.http.protocol import Protocol
from emulator.core.primitives.clock import to_http
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.primitives.json_pointer import Step
from emulator.core.primitives.templates import Facts

_HEADERS: Mapping[str, str | None] = {"Content-Type": None, "x-amzn-RequestId": None}


class AwsProtocol(Protocol):
    """The common half of AWS JSON 1.1 and REST JSON.

    The option `headers` has the headers of every response in their order; those that are null are
    the time, the content type and the id of the request. Further ones follow.
    """

    null_is_absent = True

    def headers(
        self, exchange: Exchange, content_type: str, further: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        """Return the headers of a response; `further` are those that only it has."""
        own = {
            "Date": to_http(exchange.arrived),
            "Content-Type": content_type,
            "x-amzn-RequestId": exchange.request_id,
        }
        every: Mapping[str, str | None] = self.options.get("headers", _HEADERS)
        fields = [(name, own[name] if value is None else value) for name, value in every.items()]
        return [*fields, *further.items()]

    def request_id(self, identifiers: Identifiers, purpose: str) -> str:
        """Generate a lower-case UUID, the value of `x-amzn-RequestId`."""
        return str(identifiers.uuid("request", purpose))

    def describe(self, exchange: Exchange, violation: Violation) -> Facts:
        """Return subject, path and limit as the framework's constraint sentences print them."""
        return {
            "subject": _subject(violation),
            "path": member_path(violation.path),
            "limit": violation.limit,
            "choices": f"[{', '.join(map(str, _listed(violation.limit)))}]",
        }


def member_path(path: Sequence[Step]) -> str:
    """Write a path as constraint sentences do: lower camel case, `tags.1.member.tagKey`."""
    steps = [f"{s + 1}.member" if isinstance(s, int) else s[:1].lower() + s[1:] for s in path]
    return ".".join(steps)


_OTHERWISE = re.compile(r"[^\[\], 0-9-]")
"""A character that Python and Java may print otherwise than lists of whole numbers."""


def _subject(violation: Violation) -> str:
    if violation.value is ABSENT or violation.value is None:
        return "Value null"
    if violation.schema.get("x-sensitive"):
        return "Value"
    return f"Value '{_printed(violation.value)}'"


def _printed(value: object) -> str:
    """Print a value as the framework's language, Java, would."""
    if isinstance(value, list):
        printed = repr(value)
        return _text(value) if _OTHERWISE.search(printed) else printed
    return _text(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={_text(member)}' for name, member in value.items())}}}"
    return str(value)


def _listed(limit: object) -> Sequence[object]:
    return limit if isinstance(limit, list) else [limit]
