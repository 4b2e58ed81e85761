"""The classes of the kinds of resources, made from resources.json and the messages."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, make_dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from emulator.core.contract.files import ContractError
from emulator.core.contract.kinds import Kind
from emulator.core.contract.model import Contract, Document
from emulator.core.contract.names import members_of
from emulator.core.contract.validation import Rules
from emulator.core.primitives.json_pointer import pointer
from emulator.core.storage.body_schema import schema_of
from emulator.core.storage.resource import Resource

if TYPE_CHECKING:  # they import marshmallow
    from emulator.core.pipeline.messages import Messages
    from emulator.core.pipeline.provider import Provider


class _Made(dict[str, type[Resource]]):
    """Classes by kind, each made when it is missing."""

    def __init__(self, make: Callable[[str], type[Resource]]) -> None:
        self._make = make

    def __missing__(self, kind: str) -> type[Resource]:
        return self.setdefault(kind, self._make(kind))


class Kinds(Mapping[str, type[Resource]]):
    """The classes of a provider's resources by kind, each made when it is first needed.

    Making one reads the messages of its requests, and needs the provider's code, for which nobody
    should wait at the start.
    """

    def __init__(self, contract: Contract, load: Callable[[], Provider]) -> None:
        """Make kinds of a contract; `load` returns its provider, when a class is first needed."""
        self._contract = contract
        self._load = load
        self.classes: Mapping[str, type[Resource]] = _Made(self._make)
        """The same, for look-ups alone: a class that was made is found at once."""

    @cached_property
    def _messages(self) -> Messages:
        return self._load().messages(self._contract)

    @cached_property
    def _classes(self) -> Mapping[str, type[Resource]]:
        """The classes that have the behaviour of some kinds, or are kinds of core."""
        return {resource.kind: resource for resource in self._load().resources}

    def __getitem__(self, kind: str) -> type[Resource]:
        return self.classes[kind]

    def __iter__(self) -> Iterator[str]:
        return iter({**self._contract.kinds, **self._classes})

    def __len__(self) -> int:
        return len({**self._contract.kinds, **self._classes})

    def faults(self, contract: Contract) -> Iterator[ContractError]:
        """List the rows of a seed that are of no kind, or whose body does not fit theirs."""
        for part in ("baseline", "demo"):
            for index, row in enumerate(contract.seed.get(part, ())):
                place = f"{contract.provider}/seed.json", f"/{part}/{index}"
                if row["kind"] not in self:
                    yield ContractError(*place, f"there is no kind {row['kind']}")
                    continue
                for fault in Rules(schema_of(self[row["kind"]])).violations(row["body"]):
                    path = pointer(("body", *fault.path))
                    yield ContractError(place[0], place[1] + path, f"breaks {fault.keyword}")

    def _make(self, name: str) -> type[Resource]:
        kind = self._contract.kinds.get(name)
        if kind is None:
            return self._classes[name]
        base = self._classes.get(name, Resource)
        members = self._members(kind)
        namespace = {
            "kind": name,
            "identifier": kind.identifier,
            "facets": kind.facets,
            "texts": kind.texts,
            "gives_way": kind.gives_way,
            "body_schema": _body_schema(members),
        }
        fields = [(member, Any, _field(schema)) for member, schema in members.items()]
        title = "".join(word.capitalize() for word in name.split("-"))
        return make_dataclass(title, fields, bases=(base,), namespace=namespace, kw_only=True)

    def _members(self, kind: Kind) -> Mapping[str, Document]:
        """Return the members of a kind, each with its JSON Schema."""
        found: dict[str, Document] = {}
        for place in kind.stores:
            operation, _, member = place.partition("/")
            schema = self._contract.operations[operation].request.schema
            # a request for several resources has a list of them
            of_one = members_of(schema)[member]["items"] if member else schema
            found |= self._messages.stored(of_one)
        found.pop(kind.identifier, None)
        return {**found, **kind.members}


def _body_schema(members: Mapping[str, Document]) -> Document:
    return {
        "type": "object",
        "required": [name for name, schema in members.items() if "default" not in schema],
        "additionalProperties": False,
        "properties": members,
    }


def _field(schema: Document) -> Any:
    if "default" not in schema:
        return field()
    default = schema["default"]
    # a list or an object must not be shared between resources
    if isinstance(default, (list, dict)):
        return field(default_factory=partial(copy.deepcopy, default))
    return field(default=default)
