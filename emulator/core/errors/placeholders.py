"""Facts of a failure that did not happen, guessed from the request it was ordered for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from emulator.core.contract.model import Contract

_NAMES_A_RESOURCE = (re.compile(r"arn$"), re.compile(r"id$"), re.compile(r"name$"))
"""How the names of members end that name resources, best first."""


class Placeholders(dict[str, object]):
    """What the placeholders of a row may stand for; one that nothing fits stands for its name.

    A fact is the request's member of the same name, however it is spelt, a `limit` that of
    the quota, and an `id` what the request names a resource with: one of the kind `subject`
    if it does.
    """

    def __init__(self, document: object, subject: str = "", limit: object = None) -> None:
        members = document.items() if isinstance(document, Mapping) else ()
        super().__init__({_plain(name): value for name, value in members})
        named = self._naming(_plain(subject))
        for name, guess in (("id", named), ("limit", limit)):
            if guess is not None:
                self.setdefault(name, guess)

    def __missing__(self, name: str) -> object:
        return self.get(_plain(name), name)

    def _naming(self, subject: str) -> object:
        """Give the value that names a resource, that of the subject before any other."""
        for beginning in (subject, ""):
            for ending in _NAMES_A_RESOURCE:
                for name, value in self.items():
                    if name.startswith(beginning) and ending.search(name):
                        return value
        return None


def limit_for(contract: Contract, operation: str, subject: str) -> object:
    """Give the limit of a quota, or of the one that is called after what an operation makes."""
    doing = _plain(operation)
    fitting = [name for name in contract.quotas if _plain(name).removesuffix("s") in doing]
    name = subject if subject in contract.quotas else max(fitting, key=len, default="")
    return contract.quotas.get(name, {}).get("limit")


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
