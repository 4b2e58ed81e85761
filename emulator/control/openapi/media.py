"""Bodies by their media type.

Tools know JSON by the names `application/json` and `...+json`, and take a body of any other type
for text. Where a vendor sends JSON under another name, its text is an alternative to its schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from emulator.core.contract.model import Document
from emulator.core.primitives import json_text

_KNOWN = re.compile(r"application/(.+\+)?json|text/.*")
_TEXT = {
    "description": "The same in JSON, for tools that take a body of this media type for text.",
    "type": "string",
    "contentMediaType": "application/json",
}


def content(
    media_type: str, schemas: Sequence[Document], examples: Mapping[str, Document]
) -> Document:
    """Return the content of a message: its schema, one of several, and its examples by name."""
    alternatives = schemas if _is_known(media_type) or not schemas else [*schemas, _TEXT]
    body: dict[str, object] = {}
    if alternatives:
        body["schema"] = alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
    if examples:
        body["examples"] = examples
    return {media_type: body}


def example(media_type: str, value: object, **more: str) -> Document:
    """Return an example of a body."""
    is_text = isinstance(value, str) or _is_known(media_type)
    return {**more, "value": value if is_text else json_text.write(value).decode()}


def _is_known(media_type: str) -> bool:
    return _KNOWN.fullmatch(media_type) is not None
