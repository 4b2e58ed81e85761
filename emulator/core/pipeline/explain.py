"""Explains rejections: the rule, where, its limit and its evidence.

The explanation is kept in the journal and is never part of a provider's response.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
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
from emulator.core.http.exchange import Exchange, Request
from emulator.core.primitives.json_pointer import pointer

Explanation = Mapping[str, object]

_UNROUTED = (NoSuchRoute, WrongMethod, NoSuchOperation)
_LONGEST = 200
"""Maximum number of characters compared; the time grows with their square."""
_PLAIN = (str, int, float, bool)
_PARAMETER = re.compile(r"\{[^}]*\}")


def explain(failure: Failure, exchange: Exchange) -> Explanation:
    """Explain a rejection: `failure`, `reason`, `rules`, `evidence`, `sources`, `nearest`."""
    contract, evidence = exchange.contract, "ordered through the control API"
    row = None if isinstance(failure, Ordered) else contract.row(row_of(failure, contract) or "")
    if row is not None:
        evidence = row["evidence"]
    rules = list(_rules(failure, exchange)) if isinstance(failure, Invalid) else []
    texts_of_evidence = [evidence, *(str(rule["evidence"]) for rule in rules)]
    return {
        "failure": type(failure).__name__,
        "subject": failure.subject,
        "reason": str(failure.facts.get("reason", "")) or _first_line(type(failure).__doc__),
        "facts": _facts(failure),
        "rules": rules,
        "evidence": evidence,
        "sources": _sources(contract, " ".join(texts_of_evidence)),
        "nearest": _nearest(exchange) if isinstance(failure, _UNROUTED) else None,
    }


def _facts(failure: Failure) -> Explanation:
    """Return the plain facts, without those of credentials: they may contain what was sent."""
    facts = {} if isinstance(failure, Unauthenticated) else failure.facts
    return {name: value for name, value in facts.items() if isinstance(value, _PLAIN)}


def _rules(failure: Invalid, exchange: Exchange) -> Iterator[dict[str, object]]:
    general = exchange.operation.request.schema.get("x-evidence", "")
    for violation in failure.violations:
        yield {
            "rule": violation.keyword,
            "pointer": pointer(violation.path),
            "limit": violation.limit,
            "evidence": _evidence_of(violation) or general,
        }


def _evidence_of(violation: Violation) -> str:
    return str(violation.schema.get("x-evidence", ""))


def _sources(contract: Contract, evidence: str) -> Mapping[str, str]:
    """Return the sources that the words of evidence name."""
    words = re.findall(r"[A-Za-z0-9-]+", evidence)
    known = contract.service["sources"]
    return {word: known[word] for word in dict.fromkeys(words) if word in known}


def _nearest(exchange: Exchange) -> Explanation | None:
    """Return the operation most similar to a request, and the difference."""
    request, contract = exchange.request, exchange.contract
    header = contract.protocol.get("targetHeader")
    target = request.header(header)[:_LONGEST] if header else ""

    def similarity(operation: Operation) -> float:
        if target:
            return SequenceMatcher(None, target, operation.target or "").ratio()
        same_method = operation.method == request.method
        return _similarity(request.path[:_LONGEST], operation.path) + same_method / 10

    best = max(contract.operations.values(), key=similarity, default=None)
    if best is None:
        return None
    return {
        "operation": best.name,
        "method": best.method,
        "path": best.path,
        "target": best.target,
        "why": _difference(request, best, header),
    }


def _similarity(path: str, template: str) -> float:
    """Return the similarity of two paths, segment by segment; 1 is a match."""
    pairs = list(zip_longest(path.split("/"), template.split("/"), fillvalue=""))
    similarities = (
        1.0
        if segment and _PARAMETER.fullmatch(expected)
        else SequenceMatcher(None, segment, expected).ratio()
        for segment, expected in pairs
    )
    return sum(similarities) / len(pairs)


def _difference(request: Request, operation: Operation, header: str | None) -> str:
    shape = "[^/]+".join(map(re.escape, _PARAMETER.split(operation.path)))
    if not re.fullmatch(shape, request.path):
        return f"the path is {request.path}, not {operation.path}"
    if request.method != operation.method:
        return f"the method is {request.method}, not {operation.method}"
    return f"the header {header} is {request.header(header or '')!r}, not {operation.target!r}"


def _first_line(text: str | None) -> str:
    return re.split(r"[;\n]", text or "")[0].rstrip(".")
