"""Facts for an ordered error: from the request that it is sent for, else from the row's example."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from emulator.core.contract.kinds import Kind
from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.errors.failures import Ordered
from emulator.core.errors.ordering import OrderedRow
from emulator.core.errors.subjects import attributes_of, id_in, kind_of, parts_of
from emulator.core.primitives.templates import PLACEHOLDER, Facts, fill


class OrderedFacts(dict[str, object]):
    """Values of placeholders; the `example` of a row has those that the request does not give.

    An example may be a template of other facts. A placeholder without a value becomes its own name.
    """

    def __init__(self, known: Facts, example: Document) -> None:
        super().__init__(known)
        self._example = example

    def __missing__(self, name: str) -> object:
        return fill(self._example[name], self) if name in self._example else name


def facts_of(ordered: Ordered, contract: Contract, found: OrderedRow) -> OrderedFacts:
    """Return the facts for the row of an ordered error."""
    operation, document = ordered.operation, ordered.document
    own = kind_of(contract, operation, document)
    about = contract.kinds.get(found.subject) or own
    known = {**_sent(contract, operation, document), **ordered.known}
    known |= _of_references(contract, own, known)
    if about is not None:
        known = {**parts_of(about, *known.values()), **known}
        id_ = id_in(about, own, known)
        known |= _complete({**about.values, "id": about.id}, known)
        known |= {} if id_ is None else {"id": id_}
    known |= _of_operation(contract, operation, known)
    limit = _limit(ordered, contract, found)
    known |= {} if limit is None else {"limit": limit}
    if ordered.retry_after is not None:
        known["retryAfter"] = str(math.ceil(ordered.retry_after))
        known["retryAfterMs"] = str(math.ceil(ordered.retry_after * 1000))
    return OrderedFacts(known, found.row.get("example", {}))


def _sent(contract: Contract, operation: Operation, document: object) -> dict[str, Any]:
    """Return the members of a request by their attributes and by their names."""
    members = document if isinstance(document, Mapping) else {}
    attributes = attributes_of(contract, operation)
    return {**members, **{attributes.get(name, name): each for name, each in members.items()}}


def _of_references(contract: Contract, own: Kind | None, known: Facts) -> Facts:
    """Return the facts that ids of other resources hold, as the group of a dataset its name."""
    return {
        fact: parts[attribute]
        for each in (own.references if own else ())
        for parts in (parts_of(contract.kinds[each.kind], known.get(each.member)),)
        for fact, attribute in each.facts.items()
        if attribute in parts
    }


def _complete(templates: Mapping[str, str], known: Facts) -> Facts:
    """Return the facts that templates make, of those whose placeholders all have a value."""
    return {
        name: fill(template, known)
        for name, template in templates.items()
        if all(known.get(each) is not None for each in PLACEHOLDER.findall(template))
    }


def _of_operation(contract: Contract, operation: Operation, known: Facts) -> Facts:
    """Return the facts that an operation has by itself."""
    methods = {each.method for each in contract.operations.values() if each.path == operation.path}
    found = {
        "operation": operation.name,
        "action": operation.name,
        "allow": ", ".join(sorted(methods)),
    }
    token = known.get(operation.idempotency.member) if operation.idempotency else None
    return found if token is None else {**found, "token": token}


def _limit(ordered: Ordered, contract: Contract, found: OrderedRow) -> object:
    """Return the limit that is said to be reached: of a quota, or of the length of a body."""
    if found.name.partition(":")[0] == "TooLarge":
        return contract.service["limits"]["bodyBytes"]
    quota = contract.quotas.get(found.subject, {})
    return ordered.limits.get(found.subject, quota.get("limit"))
