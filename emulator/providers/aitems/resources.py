"""What exists in AiTEMS: schemas, known by their name, and datasets, known by an id.

Format of ids: observed in answers of 2022 (service.json, `recorded2022`).
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulator.core.call import Call
from emulator.core.resources import Resource

_ID_ALPHABET = string.digits + string.ascii_lowercase
_ID_LENGTH = 11

Field = dict[str, Any]
"""A field of a schema: `name`, `type` (a list) and possibly `categorical`."""


@dataclass(kw_only=True)
class Schema(Resource):
    """The fields that the data of a dataset type has; its id is its name."""

    kind: ClassVar[str] = "schema"

    name: str
    dataset_type: str
    schema_fields: list[Field]
    description: str


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset read from an object in Object Storage."""

    kind: ClassVar[str] = "dataset"

    type: str
    name: str
    description: str
    schema_name: str
    os_info: dict[str, str]
    connected_service: list[dict[str, str]] = field(default_factory=list)


def new_id(call: Call, kind: str, name: str) -> str:
    """Draw eleven digits and lower-case letters."""
    return call.identifiers.text(_ID_ALPHABET, _ID_LENGTH, *call.purpose(kind, name))
