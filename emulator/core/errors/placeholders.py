"""Facts for an ordered error, taken from the request it is sent for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.core.contract.model import Contract

_NAMES_A_RESOURCE = (re.compile(r"arn$"), re.compile(r"id$"), re.compile(r"name$"))
"""Endings of member names that identify a resource, best first."""


class Placeholders(dict[str, object]):
    """Values for the placeholders of a row; an unknown placeholder becomes its own name.

    A fact is the request's member of the same name in any spelling. `limit` is that of the quota,
    `id` the member that identifies a resource, of the kind `subject` if there is one.
    """

    def __init__(self, document: object, subject: str = "", limit: object = None) -> None:
        members = document.items() if isinstance(document, Mapping) else ()
        super().__init__({_plain(name): value for name, value in members})
        identifier = self._identifier_of(_plain(subject))
        for name, value in (("id", identifier), ("limit", limit)):
            if value is not None:
                self.setdefault(name, value)

    def __missing__(self, name: str) -> object:
        return self.get(_plain(name), name)

    def _identifier_of(self, subject: str) -> object:
        """Return the member that identifies a resource, preferably of the subject."""
        for beginning in (subject, ""):
            for ending in _NAMES_A_RESOURCE:
                for name, value in self.items():
                    if name.startswith(beginning) and ending.search(name):
                        return value
        return None


def limit_for(contract: Contract, operation: str, subject: str) -> object:
    """Return the limit of the quota `subject`, else of the quota named after what is created."""
    plain_operation = _plain(operation)
    candidates = [
        name for name in contract.quotas if _plain(name).removesuffix("s") in plain_operation
    ]
    name = subject if subject in contract.quotas else max(candidates, key=len, default="")
    return contract.quotas.get(name, {}).get("limit")


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
