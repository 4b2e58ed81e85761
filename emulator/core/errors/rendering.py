"""Failures in the vendor's words: a failure and errors.json make status, code and text.

Two tables speak. `failures` has a row per class of failure, or per class and subject
(`NotFound:dataset`). `violations` has a row per keyword of JSON Schema, narrowed by the
type that was expected, its format, the type that was given and the place of the member
in the request; it says whether a row speaks alone and whether all violations are
reported or only the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emulator.core.contract.model import Contract, Document
from emulator.core.contract.validation import Violation
from emulator.core.errors.failures import Failure, Invalid, Ordered
from emulator.core.errors.placeholders import Placeholders, limit_for
from emulator.core.primitives.templates import PLACEHOLDER, Facts, fill

Describe = Callable[[Violation], Facts]
"""How a protocol names the path and the value of a violation."""

LOCATIONS = ("body", "path", "query", "header")
"""Where a request carries a member."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedError:
    """What the vendor says to a failure; the protocol gives it its shape."""

    status: int
    code: str
    text: str | None = None
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    items: Sequence[Mapping[str, object]] = ()
    """One entry per violation, for vendors that list them."""
    envelope: str | None = None
    """Which of its error shapes a vendor with several uses."""


def render(failure: Failure, contract: Contract, describe: Describe) -> RenderedError:
    """Say a failure in the words of a provider's errors.json."""
    if isinstance(failure, Ordered):
        return _ordered(failure, contract)
    if isinstance(failure, Invalid):
        return _render_violations(failure, contract, describe)
    return _rendered(contract.failures[_usual_row(failure, contract)], failure.facts)


def _ordered(ordered: Ordered, contract: Contract) -> RenderedError:
    """Say what was ordered: in the words of the row it names, as far as the order has no others."""
    error, status = ordered.error, ordered.status
    name = ordered_row(contract, error, status) or ordered_row(contract, error) or ""
    row = contract.failures.get(name) or {"status": 400, "code": error, "text": error}
    subject = name.partition(":")[2]
    limit = limit_for(contract, ordered.operation, subject)
    facts = Placeholders(ordered.document, subject, limit)
    if ordered.retry_after is not None:
        facts["retryAfter"] = str(math.ceil(ordered.retry_after))
        facts["retryAfterMs"] = str(math.ceil(ordered.retry_after * 1000))
    rendered = _rendered({**row, "headers": {}}, facts)
    return replace(
        rendered,
        status=status or rendered.status,
        text=rendered.text if ordered.message is None else ordered.message,
        headers=_ordered_headers(row.get("headers", {}), facts),
    )


def ordered_row(contract: Contract, error: str, status: int | None = None) -> str | None:
    """Find the row of errors.json with a name, or with a code (and a status).

    Of several with the code, one that speaks for its whole class goes before those that
    speak for one subject.
    """
    if error in contract.failures:
        return error
    fitting = [
        name
        for name, row in contract.failures.items()
        if row["code"] == error and status in (None, row["status"])
    ]
    return min(fitting, key=lambda name: ":" in name, default=None)


def _ordered_headers(templates: Mapping[str, str], facts: Facts) -> Mapping[str, str]:
    known = {
        name: text
        for name, text in templates.items()
        if all(fact in facts for fact in PLACEHOLDER.findall(text))
    }
    headers = {name: fill(text, facts) for name, text in known.items()}
    if "retryAfter" in facts and not any("{retryAfter" in text for text in templates.values()):
        headers["Retry-After"] = str(facts["retryAfter"])
    return headers


def row_of(failure: Failure, contract: Contract) -> str | None:
    """Name the row of errors.json that speaks for a failure; what was ordered may have none."""
    if isinstance(failure, Ordered):
        return ordered_row(contract, failure.error, failure.status)
    return _usual_row(failure, contract)


def _usual_row(failure: Failure, contract: Contract) -> str:
    """Name the row of a failure's subject, or of its class.

    A failure without one is a defect of the provider's errors.json, and speaks as `InternalError`.
    """
    name = type(failure).__name__
    named = (f"{name}:{failure.subject}", name, "InternalError")
    return next(each for each in named if each in contract.failures)


def _rendered(
    row: Document, facts: Facts, items: Sequence[Mapping[str, object]] = ()
) -> RenderedError:
    return RenderedError(
        status=row["status"],
        code=fill(row.get("code", ""), facts),
        text=fill(row.get("text"), facts),
        members=fill(row.get("members", {}), facts),
        headers=fill(row.get("headers", {}), facts),
        items=items,
        envelope=row.get("envelope"),
    )


def _render_violations(failure: Invalid, contract: Contract, describe: Describe) -> RenderedError:
    table, general = contract.violations, contract.failures["Invalid"]
    found = [(violation, _row_for(violation, table["rows"])) for violation in failure.violations]
    found.sort(key=lambda pair: pair[1].get("rank", 0))
    violation, row = found[0]
    if table["report"] == "first" or row.get("alone"):
        return _rendered({**general, **row}, describe(violation))
    reported = [pair for pair in found if not pair[1].get("alone")]
    if table["report"] == "first of each member":
        reported = _first_of_each(reported)
    items = [_item(violation, row, describe(violation)) for violation, row in reported]
    sentences = "; ".join(str(item["text"]) for item in items)
    plural = "" if len(items) == 1 else "s"
    return _rendered(
        general, {"count": len(items), "plural": plural, "sentences": sentences}, items
    )


def _row_for(violation: Violation, rows: Sequence[Document]) -> Document:
    """Find the first row that fits, with the text the schema itself may give for the keyword."""
    row = next(row for row in rows if _fits(row, violation))
    own = violation.schema.get("errorMessage", {}).get(violation.keyword)
    return row if own is None else {**row, "text": own}


def _fits(row: Document, violation: Violation) -> bool:
    return (
        row["keyword"] in (violation.keyword, "*")
        and violation.expected in row.get("expected", [violation.expected])
        and violation.given in row.get("given", [violation.given])
        and violation.schema.get("format") in row.get("format", [violation.schema.get("format")])
        and violation.schema.get("in", "body") in row.get("place", LOCATIONS)
    )


def _first_of_each(pairs: Sequence[tuple[Violation, Document]]) -> list[tuple[Violation, Document]]:
    first: dict[object, tuple[Violation, Document]] = {}
    for pair in pairs:
        first.setdefault(pair[0].path, pair)
    return list(first.values())


def _item(violation: Violation, row: Document, facts: Facts) -> Mapping[str, object]:
    return {
        "violation": violation,
        "code": fill(row.get("code", ""), facts),
        "text": fill(row["text"], facts),
        "members": fill(row.get("members", {}), facts),
    }
