"""Faults: rules that make requests fail, late or in part.

A rule matches requests; the first one that matches and is in force applies. The provider's
errors.json turns the error it names into a response.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from emulator.core.contract.model import Document
from emulator.core.contract.policy import DEFAULT_OUTCOME, Outcome
from emulator.core.primitives.identifiers import chances
from emulator.core.worlds.match import Call, Match


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a rule does to a request."""

    error: str | None = None
    """A code, or the name of a row, of the provider's errors.json."""
    message: str | None = None
    status: int | None = None
    retry_after: float | None = None
    """Seconds that the response asks the client to wait."""
    apply_first: bool = False
    """Whether the call takes effect before its error is sent."""
    delay: float = 0
    """Seconds until the response is sent."""
    close_connection: bool = False
    truncate_bytes: int | None = None
    """Bytes of the body that are sent before the connection is closed."""
    outcome: Outcome = DEFAULT_OUTCOME

    @property
    def changes_delivery(self) -> bool:
        """Whether every response is late, in part or not sent."""
        is_cut = self.close_connection or self.truncate_bytes is not None
        return bool(self.delay) or is_cut or self == NO_EFFECT


NO_EFFECT = Effect()


@dataclass(slots=True, kw_only=True)
class Rule:
    """A fault; `matched` counts the requests that match, `applied` those it was applied to.

    `reserved` counts the requests in progress of which it is not known yet.
    """

    id: str
    match: Match
    effect: Effect
    order: Document
    """The rule as the client sent it."""
    nth: int | None = None
    """Apply to the n-th matching request only, counted from 1."""
    times: int | None = None
    probability: float = 1
    chance: Iterator[float] = field(default_factory=lambda: chances(None))
    expires_at: int | None = None
    matched: int = 0
    applied: int = 0
    reserved: int = 0

    def count(self, now: int) -> bool:
        """Count a matching request; return whether the rule applies to it."""
        if self.is_spent(now):
            return False
        self.matched += 1
        # drawn for every request: a pattern of chances must not depend on `nth`
        return next(self.chance) < self.probability and self.nth in (None, self.matched)

    def is_spent(self, now: int) -> bool:
        """Return whether the rule no longer applies to any request."""
        spent = self.times is not None and self.applied + self.reserved >= self.times
        return spent or (self.expires_at is not None and self.expires_at <= now)


class Faults:
    """The rules of one world, oldest first."""

    def __init__(self, providers: Collection[str]) -> None:
        """Apply rules to requests of these providers only.

        The control API is not among them, or a rule could keep clients from removing it.
        """
        self._providers = providers
        self.rules: Sequence[Rule] = ()
        """The rules, spent ones included; another object after each change."""
        self._ids = count(1)
        self._lock = threading.Lock()

    def add(self, make: Callable[[str], Rule]) -> Rule:
        """Add the rule that `make` returns for an id."""
        with self._lock:
            rule = make(str(next(self._ids)))
            self.rules = [*self.rules, rule]
        return rule

    def remove(self, id: str) -> bool:
        """Remove a rule; return whether it existed."""
        with self._lock:
            kept = [rule for rule in self.rules if rule.id != id]
            removed = len(kept) < len(self.rules)
            self.rules = kept
        return removed

    def clear(self, provider: str | None = None) -> None:
        """Remove every rule, or those whose match names one provider."""
        with self._lock:
            kept = [rule for rule in self.rules if provider and rule.match.provider != provider]
            self.rules = kept

    def match(self, call: Call, now: int) -> Rule | None:
        """Return the first rule for a call, and reserve one of its `times` for the call.

        The caller has to `apply` or `release` it. Every matching rule counts the call, also one
        that does not apply, so that `nth` counts the requests that came.
        """
        if not self.rules or call.provider not in self._providers:
            return None
        with self._lock:
            matching = (rule for rule in self.rules if rule.match.fits(call))
            applying = [rule for rule in matching if rule.count(now)]
            if not applying:
                return None
            applying[0].reserved += 1
            return applying[0]

    def apply(self, rule: Rule) -> None:
        """Count a matched rule as applied."""
        with self._lock:
            rule.reserved -= 1
            rule.applied += 1

    def release(self, rule: Rule) -> None:
        """Give back a matched rule that changed nothing, for another call."""
        with self._lock:
            rule.reserved -= 1
