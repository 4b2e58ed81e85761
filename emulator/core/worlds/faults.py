"""Faults on order: which requests go wrong, how, how often, until when.

A rule matches requests by what they are; the first that matches and has not spent itself
takes effect. What goes wrong is said in the vendor's own words, by `speech`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.primitives.identifiers import chances
from emulator.core.primitives.json_pointer import value_at

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a request must be like; what is None does not matter."""

    providers: Collection[str]
    operation: str | None = None
    fields: Document = field(default_factory=dict)
    """JSON Pointers, or names of members, and the values they must have."""
    nth: int | None = None
    """Only the n-th request that is like this, counted from 1."""

    def fits(self, provider: str, operation: str, document: object) -> bool:
        """Tell whether a request is like this, whichever it is in order."""
        return (
            provider in self.providers
            and self.operation in (None, operation)
            and all(value_at(document, path) == value for path, value in self.fields.items())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What happens to a request."""

    error: str | None = None
    """A code, or a row, of the provider's errors.json."""
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None
    """Seconds the answer asks the client to wait."""
    after: bool = False
    """Whether the call takes effect before its error is sent."""
    delay: float = 0
    """Seconds until the answer is sent."""
    cut: bool = False
    truncate: int | None = None
    """Bytes of the body that are sent before the connection is closed."""
    outcome: Outcome = DEFAULT_OUTCOME

    @property
    def is_of_lifecycles(self) -> bool:
        """Whether it is of the lifecycles alone that a call begins."""
        return (
            self.outcome is not DEFAULT_OUTCOME
            and replace(self, outcome=DEFAULT_OUTCOME) == NO_EFFECT
        )


NO_EFFECT = Effect()


@dataclass(slots=True, kw_only=True)
class Rule:
    """A fault on order; `seen` counts the requests it matched, `used` those it struck."""

    id: str
    match: Match
    effect: Effect
    order: Document
    """The order as it was given."""
    times: int | None = None
    probability: float = 1
    chance: Iterator[float] = field(default_factory=lambda: chances(None))
    expires_at: int | None = None
    seen: int = 0
    used: int = 0

    def counts(self, now: int) -> bool:
        """Count a request that is like the match, and tell whether this one is to be struck."""
        if self.is_spent(now):
            return False
        self.seen += 1
        return next(self.chance) < self.probability and self.match.nth in (None, self.seen)

    def is_for(self, provider: str) -> bool:
        """Tell whether the rule is for the requests of one provider only."""
        return set(self.match.providers) == {provider}

    def is_spent(self, now: int) -> bool:
        """Tell whether the rule strikes no more."""
        spent = self.times is not None and self.used >= self.times
        return spent or (self.expires_at is not None and self.expires_at <= now)


class Faults:
    """The rules of one world, oldest first."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._ids = count(1)
        self._lock = threading.Lock()

    def add(self, make: Callable[[str], Rule]) -> Rule:
        """Add the rule that `make` makes of an id."""
        with self._lock:
            rule = make(str(next(self._ids)))
            self._rules = [*self._rules, rule]
        return rule

    def all(self) -> Sequence[Rule]:
        """List the rules, spent ones included."""
        return self._rules

    def remove(self, id: str) -> bool:
        """Forget a rule; tell whether there was one."""
        with self._lock:
            kept = [rule for rule in self._rules if rule.id != id]
            removed = len(kept) < len(self._rules)
            self._rules = kept
        return removed

    def clear(self, provider: str | None = None) -> None:
        """Forget every rule, or those that are for one provider only."""
        with self._lock:
            kept = [rule for rule in self._rules if provider and not rule.is_for(provider)]
            self._rules = kept

    def draw(self, provider: str, operation: str, document: object, now: int) -> Effect:
        """Give what happens to a request: the effect of the first rule that strikes it.

        It counts for every rule that it is like, so that the n-th one is the n-th that came.
        """
        if not self._rules:
            return NO_EFFECT
        with self._lock:
            fitting = (r for r in self._rules if r.match.fits(provider, operation, document))
            striking = [rule for rule in fitting if rule.counts(now)]
            if not striking:
                return NO_EFFECT
            striking[0].used += 1
            return striking[0].effect

    def release(self, effect: Effect) -> None:
        """Take it that an effect did not strike, after all."""
        with self._lock:
            for rule in self._rules:
                rule.used -= rule.effect is effect
