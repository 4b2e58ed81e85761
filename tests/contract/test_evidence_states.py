"""Every state that an answer may show can be set or is shown by a case, or it is said why not.

That the states of lifecycles.json can be set: `test_states_and_answers.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.core.contract.model import Contract
from tests.cases.runner import all_cases
from tests.contract import catalogue

CONTRACTS = [*catalogue.contracts().values(), *catalogue.variants().values()]
EVERY_CONTRACT = pytest.mark.parametrize(
    "contract",
    {(c.provider, c.layers): c for c in CONTRACTS}.values(),
    ids=lambda contract: "-".join((contract.provider, *contract.layers)),
)
OF_STATES = re.compile(r"(?:^|_)(?:status|state)$|(?:Status|State)$")
"""Names of members that tell a state."""


def parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and every object inside it."""
    if isinstance(schema, dict):
        yield schema
    for child in schema.values() if isinstance(schema, dict) else schema:
        if isinstance(child, dict | list):
            yield from parts(child)


def told(contract: Contract) -> set[str]:
    return {
        value
        for op in contract.operations.values()
        if op.emulated
        for part in parts(op.response.schema)
        for name, member in part.get("properties", {}).items()
        if OF_STATES.search(name)
        for value in member.get("enum", ())
        if value
    }


def shown_by_cases(provider: str) -> set[str]:
    steps = [step for c in all_cases() if c.provider == provider for step in c.document["steps"]]
    return {
        value
        for step in steps
        for part in parts(step.get("answer", {}).get("json") or {})
        for name, value in part.items()
        if OF_STATES.search(name) and isinstance(value, str)
    }


@EVERY_CONTRACT
def test_a_state_that_is_told_is_reached_or_said_to_be_out_of_reach(contract: Contract) -> None:
    lives = (life for each in contract.lifecycles.values() for life in each.values())
    reached = {state.name for life in lives for state in life.states}
    reached |= shown_by_cases(contract.provider)
    known = told(contract)
    excused = contract.service.get("unreachableStates", {}).keys()
    assert known - reached == excused & known
    assert contract.layers or excused <= known
