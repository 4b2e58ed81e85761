"""The resources of AiTEMS: schemas, identified by name, and datasets, by id.

Format of ids: observed in responses of 2022 (service.json, `recorded2022`).
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field
from typing import Any, ClassVar

from emulator.api import Call, IndexKeys, Resource

_ID_ALPHABET = string.digits + string.ascii_lowercase
_ID_LENGTH = 11

Field = dict[str, Any]
"""A field of a schema: `name`, `type` (a list) and possibly `categorical`."""

Connection = dict[str, str]
"""A service that uses a dataset: `service_id` and `name`."""


@dataclass(kw_only=True)
class Schema(Resource):
    """The fields that the data of a dataset type has; its id is its name."""

    kind: ClassVar[str] = "schema"

    name: str
    dataset_type: str
    schema_fields: list[Field]
    description: str

    def index_keys(self) -> IndexKeys:
        """Return the dataset type, by which lists are filtered."""
        return IndexKeys(facets={"dataset_type": self.dataset_type}, texts={})


@dataclass(kw_only=True)
class Named(Resource):
    """A resource with an id, a name that may change, and a time of the last update."""

    name: str

    @property
    def claim(self) -> str:
        """The claim that makes the name unique."""
        return f"{self.kind}-name/{self.name}"


@dataclass(kw_only=True)
class Dataset(Named):
    """A dataset read from an object in Object Storage."""

    kind: ClassVar[str] = "dataset"
    identifier: ClassVar[str] = "dataset_id"

    type: str
    description: str
    schema_name: str
    os_info: dict[str, str]
    connections: list[Connection] = field(default_factory=list)

    @property
    def source(self) -> tuple[object, ...]:
        """The members that decide which data is read; a change starts a new reading."""
        return self.type, self.schema_name, self.os_info


def new_id(call: Call, kind: str, name: str) -> str:
    """Generate eleven digits and lower-case letters."""
    return call.identifiers.text(_ID_ALPHABET, _ID_LENGTH, *call.purpose(kind, name))
