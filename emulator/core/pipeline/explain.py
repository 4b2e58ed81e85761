"""Explains rejections: the rule, where, its limit and its evidence.

The explanation is kept in the journal and is never part of a provider's response.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from itertools import zip_longest

from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.validation import Violation
from emulator.core.errors.failures import (
    Failure,
    Invalid,
    NoSuchOperation,
    NoSuchRoute,
    Ordered,
    Unauthenticated,
    WrongMethod,
)
from emulator.core.errors.rendering import row_of
from emulator.core.http.exchange import Exchange
from emulator.core.primitives.json_pointer import Step, pointer

Explanation = Mapping[str, object]

_UNROUTED = (NoSuchRoute, WrongMethod, NoSuchOperation)
_LONGEST = 200
"""Maximum number of characters compared; the time grows with their square."""
_PLAIN = (str, int, float, bool)
_PARAMETER = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """A violation without the value that was sent."""

    keyword: str
    path: tuple[Step, ...]
    limit: object
    evidence: str
    allowed_by: str | None
    """The flag with which the value may be allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """What explains a rejection: facts of the failure and of the exchange, and nothing else.

    Nearly all explanations are made for nobody, so one is made when the journal is read. Until then
    failure and exchange must not live: they hold the traceback, the server's connection, the world.
    """

    contract: Contract
    failure: type[Failure]
    subject: str | None
    reason: str
    facts: Mapping[str, object]
    row: str | None
    """The row of errors.json that made the response; None for an order without a row."""
    rules: Sequence[BrokenRule]
    method: str
    path: str
    target: str

    @classmethod
    def of(cls, failure: Failure, exchange: Exchange) -> Rejection:
        """Take the facts of a failure and of the exchange that it ended."""
        contract, request = exchange.contract, exchange.request
        header = contract.protocol.get("targetHeader")
        return cls(
            contract=contract,
            failure=type(failure),
            subject=failure.subject,
            reason=str(failure.facts.get("reason", "")),
            facts=_facts(failure),
            row=row_of(failure, contract),
            rules=list(_rules(failure, exchange)) if isinstance(failure, Invalid) else (),
            method=request.method,
            path=request.path,
            target=request.header(header) if header else "",
        )

    @property
    def text(self) -> str:
        """The texts that came from the request."""
        paths = (step for rule in self.rules for step in rule.path)
        return "\n".join(map(str, (self.reason, self.target, *self.facts.values(), *paths)))

    @property
    def why(self) -> str:
        """The reason in a few words: the first broken rule, the ordered fault or the row."""
        if self.rules:
            rule = self.rules[0]
            return f"{pointer(rule.path) or '/'} breaks {rule.keyword}"
        return self.reason if self.failure is Ordered else self.row or self.failure.__name__

    def explain(self) -> Explanation:
        """Explain: `failure`, `reason`, `rules`, `evidence`, `sources`, `nearest`."""
        evidence = self._evidence()
        texts_of_evidence = [evidence, *(rule.evidence for rule in self.rules)]
        return {
            "failure": self.failure.__name__,
            "subject": self.subject,
            "reason": self.reason or _first_line(self.failure.__doc__),
            "facts": self.facts,
            "rules": [_shown(rule) for rule in self.rules],
            "evidence": evidence,
            "sources": _sources(self.contract, " ".join(texts_of_evidence)),
            "nearest": _nearest(self) if issubclass(self.failure, _UNROUTED) else None,
        }

    def _evidence(self) -> str:
        row = None if issubclass(self.failure, Ordered) else self.contract.row(self.row or "")
        return "ordered through the control API" if row is None else str(row["evidence"])


def _facts(failure: Failure) -> Mapping[str, object]:
    """Return the plain facts, without those of credentials: they may contain what was sent."""
    facts = {} if isinstance(failure, Unauthenticated) else failure.facts
    return {name: value for name, value in facts.items() if isinstance(value, _PLAIN)}


def _rules(failure: Invalid, exchange: Exchange) -> Iterator[BrokenRule]:
    general = str(exchange.operation.request.schema.get("x-evidence", ""))
    for violation in failure.violations:
        yield BrokenRule(
            keyword=violation.keyword,
            path=violation.path,
            limit=violation.limit,
            evidence=_evidence_of(violation) or general,
            allowed_by=violation.schema.get("x-allowed-by", {}).get(violation.keyword),
        )


def _shown(rule: BrokenRule) -> Explanation:
    shown = {
        "rule": rule.keyword,
        "pointer": pointer(rule.path),
        "limit": rule.limit,
        "evidence": rule.evidence,
    }
    return {**shown, "allowed_by": rule.allowed_by} if rule.allowed_by else shown


def _evidence_of(violation: Violation) -> str:
    return str(violation.schema.get("x-evidence", ""))


def _sources(contract: Contract, evidence: str) -> Mapping[str, str]:
    """Return the sources that the words of evidence name."""
    words = re.findall(r"[A-Za-z0-9-]+", evidence)
    known = contract.service["sources"]
    return {word: known[word] for word in dict.fromkeys(words) if word in known}


def _nearest(rejected: Rejection) -> Explanation | None:
    """Return the operation most similar to a rejected request, and the difference."""
    contract, target = rejected.contract, rejected.target[:_LONGEST]
    segments = rejected.path[:_LONGEST].split("/")
    likeness = cache(_likeness)  # the paths of an API have most of their segments in common

    def similarity(operation: Operation) -> float:
        if target:
            return _likeness(target, operation.target or "")
        same_method = operation.method == rejected.method
        return _similarity(segments, operation.path, likeness) + same_method / 10

    best = max(contract.operations.values(), key=similarity, default=None)
    if best is None:
        return None
    return {
        "operation": best.name,
        "method": best.method,
        "path": best.path,
        "target": best.target,
        "why": _difference(rejected, best),
    }


def _similarity(
    segments: Sequence[str], template: str, likeness: Callable[[str, str], float]
) -> float:
    """Return the similarity of a path and a template, segment by segment; 1 is a match."""
    pairs = list(zip_longest(segments, template.split("/"), fillvalue=""))
    return sum(likeness(segment, expected) for segment, expected in pairs) / len(pairs)


def _likeness(sent: str, expected: str) -> float:
    """Return the similarity of two texts; a placeholder is like any text."""
    if sent and _PARAMETER.fullmatch(expected):
        return 1.0
    return SequenceMatcher(None, sent, expected).ratio()


def _difference(rejected: Rejection, operation: Operation) -> str:
    shape = "[^/]+".join(map(re.escape, _PARAMETER.split(operation.path)))
    if not re.fullmatch(shape, rejected.path):
        return f"the path is {rejected.path}, not {operation.path}"
    if rejected.method != operation.method:
        return f"the method is {rejected.method}, not {operation.method}"
    header = rejected.contract.protocol.get("targetHeader")
    return f"the header {header} is {rejected.target!r}, not {operation.target!r}"


def _first_line(text: str | None) -> str:
    return re.split(r"[;\n]", text or "")[0].rstrip(".")
