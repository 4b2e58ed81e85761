"""Outcomes chosen in the request itself, by a suffix of a name.

`clicks--fails`, `clicks--manual`, `clicks--immediate`, `clicks--timed`, `clicks--stays-30`
(seconds in the first state); underscores work like dashes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import get_args

from emulator.core.contract.policy import DEFAULT_OUTCOME, LifecycleMode, Outcome
from emulator.core.primitives.clock import SECOND

_NAMES = ("name", "jobname", "projectname")
"""Members with the name of the resource, in lower case."""

_SUFFIX = re.compile(
    r".*(?:--|__)(?P<word>fails|immediate|manual|timed|stays[-_](?P<seconds>\d{1,6}))"
)


def outcome_from_name(document: object) -> Outcome:
    """Return the outcome that the suffix of a name selects, or the default."""
    members = document.items() if isinstance(document, Mapping) else ()
    names = (value for member, value in members if member.lower() in _NAMES)
    matches = (_SUFFIX.fullmatch(name) for name in names if isinstance(name, str))
    suffix = next((match for match in matches if match), None)
    if suffix is None:
        return DEFAULT_OUTCOME
    choice, seconds = suffix["word"], suffix["seconds"]
    modes: dict[str, LifecycleMode] = {mode: mode for mode in get_args(LifecycleMode)}
    return Outcome(
        mode=modes.get(choice),
        fails=choice == "fails",
        hold=int(seconds) * SECOND if seconds else None,
    )
