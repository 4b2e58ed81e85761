"""How each kind of resource is seen through its vendor's API: requests found in the case files.

A case that ends in a request which changes nothing leaves a world with resources in it, and
a way to look at them. Nothing here knows a provider: a request shows a resource if its answer
repeats the states that the resource is put in.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from emulator.core.primitives.clock import SECOND, from_iso
from emulator.core.worlds.resource_states import ResourceRef, ResourceView, StateChange
from emulator.core.worlds.world import World
from tests.cases.runner import Case, Runner, all_cases
from tests.contract import catalogue

Path = tuple[str | int, ...]
"""The steps to a member of a document."""

_TIME_OF_CHANGE = re.compile(r"updated_?(date|dt|time)|(modified|finish)_?time", re.IGNORECASE)
"""Names of members that tell when something last changed."""


@dataclass(frozen=True)
class Look:
    """A case, a resource that it leaves, and where the answer to its last request shows it."""

    case: Case
    kind: str
    number: int = 0
    """Of the resources of its kind; an id may be drawn at random."""
    state: Path = ()
    """Where its state is."""
    tells_time: bool = False
    """Whether it is told beside the state when it last changed, at least in some states."""


@dataclass
class Looking:
    """A world that a case has left, and one of its resources."""

    runner: Runner
    look: Look

    @property
    def world(self) -> World:
        return self.runner.application.world

    @property
    def views(self) -> list[ResourceView]:
        """The resources of its kind."""
        named = (self.look.case.provider, self.look.kind)
        every = self.world.resources.views()
        return [view for view in every if (view.row.provider, view.row.kind) == named]

    @cached_property
    def resource(self) -> ResourceRef:
        """The resource, as it was found when it was first asked for."""
        row = self.views[self.look.number].row
        return ResourceRef(provider=row.provider, kind=row.kind, id=row.id, scope=row.scope)

    def ask(self) -> tuple[int, Any]:
        """Send the last request again; give status and document."""
        answer = self.runner.send(self.look.case.document["steps"][-1]["request"])
        return answer.status_code, json.loads(answer.get_data() or b"null")

    def shown(self) -> tuple[Any, int | None]:
        """Give what the vendor says of the state, and when it says that this last changed."""
        status, document = self.ask()
        assert status < 300, document
        place = _at(document, self.look.state[:-1])
        times = list(_times_of_change(place).values())
        assert len(times) < 2, place
        return place.get(self.look.state[-1]), times[0] if times else None


def looking(provider: str, kind: str) -> Looking:
    """Run a case whose last request shows a resource of a kind, or one that only leaves one."""
    look = _look(provider, kind)
    runner = Runner(look.case)
    runner.run()
    return Looking(runner, look)


def states(provider: str, kind: str) -> list[str]:
    """The states of a kind that have names."""
    lives = catalogue.contracts()[provider].lifecycles[kind].values()
    found = (state.name for life in lives for state in life.states)
    return list(dict.fromkeys(name for name in found if name))


def kinds() -> list[tuple[str, str]]:
    """Every kind that has lifecycles, with its provider."""
    return [(name, kind) for name, c in catalogue.contracts().items() for kind in c.lifecycles]


@cache
def _look(provider: str, kind: str) -> Look:
    """Find a case, rather one that tells when the resource last changed."""
    known, found = set(states(provider, kind)), list[Look]()
    cases = [case for case in all_cases() if case.provider == provider]
    for case in cases:
        if known & _texts_of_last_answer(case):
            found += _looks(case, kind)
            if found and found[-1].tells_time:
                return found[-1]
    found = found or [Look(case, kind) for case in cases if _leaves(case, kind)][:1]
    assert found, f"no case of {provider} leaves a {kind}"
    return found[0]


def _leaves(case: Case, kind: str) -> bool:
    """Tell whether there is a resource of a kind when a case is over."""
    runner = Runner(case)
    runner.run()
    return bool(Looking(runner, Look(case, kind)).views)


def _texts_of_last_answer(case: Case) -> set[str]:
    """The texts in the answer to the last request, if that is a success."""
    last = case.document["steps"][-1]
    if "request" not in last or last["answer"]["status"] >= 300:
        return set()
    return {value for _, value in _values(last["answer"].get("json")) if isinstance(value, str)}


def _looks(case: Case, kind: str) -> Iterator[Look]:
    """Put each resource of a kind in each of its states, and see what is answered."""
    runner = Runner(case)
    runner.run()
    look = Looking(runner, Look(case, kind))
    look.world.clock.advance(3600 * SECOND)
    before = look.world.snapshot()
    if look.ask()[0] >= 300 or look.world.snapshot() != before:
        return  # it is no request that only reads
    for number in range(len(look.views)):
        look = Looking(runner, Look(case, kind, number))
        repeated, told = Counter[Path](), Counter[Path]()
        for state in states(case.provider, kind):
            look.world.resources.set_state(look.resource, StateChange(state=state))
            document = look.ask()[1]
            look.world.restore(before)
            for path, value in _values(document):
                if path and value == state:
                    repeated[path] += 1
                    told[path] += bool(_times_of_change(_at(document, path[:-1])))
        for path, times in repeated.items():
            if times > 1:
                yield Look(case, kind, number, path, tells_time=told[path] > 0)


def _times_of_change(place: Mapping[str, Any]) -> dict[str, int]:
    """Give what a part of an answer says of when something last changed, in microseconds."""
    found = {name: place[name] for name in place if _TIME_OF_CHANGE.search(name)}
    return {name: _micros(value) for name, value in found.items() if value is not None}


def _values(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """List the members of a document that have no members themselves."""
    if isinstance(node, dict | list):
        for name, member in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _values(member, (*path, name))
    else:
        yield path, node


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _micros(value: Any) -> int:
    """Read a time in any vendor's notation: seconds since 1970, or ISO 8601."""
    return from_iso(value) if isinstance(value, str) else round(value * SECOND)
