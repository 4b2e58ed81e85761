"""Renders failures in the vendor's words: errors.json gives status, code and text.

errors.json has two tables. `failures` has a row per class of failure, or per class and subject
(`NotFound:dataset`). `violations` has a row per keyword of JSON Schema, narrowed by the expected
type, the format, the actual type and the location of the member; it says whether a row is
exclusive and whether all violations are reported or only the first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emulator.core.contract.model import Contract, Document
from emulator.core.contract.validation import Violation
from emulator.core.errors.failures import Failure, Invalid, Ordered
from emulator.core.errors.placeholders import Placeholders, limit_for
from emulator.core.primitives.json_pointer import pointer
from emulator.core.primitives.templates import PLACEHOLDER, Facts, fill

Describe = Callable[[Violation], Facts]
"""Returns the facts of a violation as a protocol prints them."""

LOCATIONS = ("body", "path", "query", "header")
"""Locations of a member in a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedError:
    """An error in the vendor's words; the protocol gives it its form."""

    status: int
    code: str
    text: str | None = None
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    items: Sequence[Mapping[str, object]] = ()
    """One entry per violation, for vendors that list them."""
    envelope: str = ""
    """The shape of the error: `<envelope>.error.json`."""


def render(failure: Failure, contract: Contract, describe: Describe) -> RenderedError:
    """Render a failure with the rows of a provider's errors.json."""
    if isinstance(failure, Ordered):
        return _ordered(failure, contract)
    if isinstance(failure, Invalid):
        return _render_violations(failure, contract, describe)
    return _rendered(contract, _natural_row(failure, contract)[1], failure.facts)


def _ordered(ordered: Ordered, contract: Contract) -> RenderedError:
    """Render an ordered error: the row it names, with what the order replaces."""
    error, status = ordered.error, ordered.status
    name = ordered_row(contract, error, status) or ordered_row(contract, error) or ""
    row = contract.row(name) or {"status": 400, "code": error, "text": error}
    subject = name.partition(":")[2]
    limit = limit_for(contract, ordered.operation, subject)
    facts = Placeholders(ordered.document, subject, limit)
    if ordered.retry_after is not None:
        facts["retryAfter"] = str(math.ceil(ordered.retry_after))
        facts["retryAfterMs"] = str(math.ceil(ordered.retry_after * 1000))
    items = _ordered_items(ordered, contract) if name.partition(":")[0] == "Invalid" else ()
    # The placeholders have a value for every name, so that a text is never left unfilled. A header
    # needs real values: those without are left out by `_ordered_headers`.
    rendered = _rendered(contract, {**row, "headers": {}}, facts, items)
    return replace(
        rendered,
        status=status or rendered.status,
        text=rendered.text if items or ordered.message is None else ordered.message,
        headers=_ordered_headers(row.get("headers", {}), facts),
    )


def _ordered_items(ordered: Ordered, contract: Contract) -> Sequence[Mapping[str, object]]:
    """Return the item that has an ordered message, if the vendor writes messages in items."""
    rows = [row for row in contract.violations["rows"] if row["keyword"] == "ordered"]
    if ordered.message is None or not rows:
        return ()
    value = ordered.document
    violation = Violation(keyword="ordered", path=(), value=value, limit=None, schema={})
    return [_item(violation, rows[0], {"reason": ordered.message})]


def ordered_row(contract: Contract, error: str, status: int | None = None) -> str | None:
    """Return the row of errors.json with this name, or with this code (and status).

    Of several rows with the code, one for a whole class precedes those for a single subject.
    """
    if contract.row(error):
        return error
    candidates = [
        name
        for name, row in contract.failures.items()
        if row["code"] == error and status in (None, row["status"])
    ]
    return min(candidates, key=lambda name: ":" in name, default=None)


def _ordered_headers(templates: Mapping[str, str], facts: Facts) -> Mapping[str, str]:
    complete = {
        name: text
        for name, text in templates.items()
        if all(fact in facts for fact in PLACEHOLDER.findall(text))
    }
    headers = {name: fill(text, facts) for name, text in complete.items()}
    if "retryAfter" in facts and not any("{retryAfter" in text for text in templates.values()):
        headers["Retry-After"] = str(facts["retryAfter"])
    return headers


def row_of(failure: Failure, contract: Contract) -> str | None:
    """Return the name of the row for a failure, or None for an ordered error without a row."""
    if isinstance(failure, Ordered):
        return ordered_row(contract, failure.error, failure.status)
    return _natural_row(failure, contract)[0]


def _natural_row(failure: Failure, contract: Contract) -> tuple[str, Document]:
    """Return the row for a failure's subject, or for its class, with its name.

    A vendor's errors.json need not have every class: _defaults/errors.json has all of them.
    """
    name = type(failure).__name__
    candidates = (f"{name}:{failure.subject}", name, "InternalError")
    return next((candidate, row) for candidate in candidates if (row := contract.row(candidate)))


def _rendered(
    contract: Contract, row: Document, facts: Facts, items: Sequence[Mapping[str, object]] = ()
) -> RenderedError:
    return RenderedError(
        status=row["status"],
        code=fill(row.get("code", ""), facts),
        text=fill(row.get("text"), facts),
        members=fill(row.get("members", {}), facts),
        headers=fill(row.get("headers", {}), facts),
        items=items,
        envelope=row.get("envelope", contract.envelope),
    )


def _render_violations(failure: Invalid, contract: Contract, describe: Describe) -> RenderedError:
    table, general = contract.violations, contract.row("Invalid") or {}
    rows = [*table["rows"], *contract.defaults["violations"]["rows"]]
    pairs = [(violation, _row_for(violation, rows)) for violation in failure.violations]

    def facts(violation: Violation) -> Facts:
        general_facts = {"path": pointer(violation.path) or "/", "keyword": violation.keyword}
        return {**general_facts, **describe(violation)}

    # The sort is stable: violations of one priority stay in the order of the schema.
    pairs.sort(key=lambda pair: pair[1].get("priority", 0))
    violation, row = pairs[0]
    if table["report"] == "first" or row.get("exclusive"):
        return _rendered(contract, {**general, **row}, facts(violation))
    reported = [pair for pair in pairs if not pair[1].get("exclusive")]
    if table["report"] == "first of each member":
        reported = _first_of_each(reported)
    items = [_item(violation, row, facts(violation)) for violation, row in reported]
    sentences = "; ".join(str(item["text"]) for item in items)
    plural = "" if len(items) == 1 else "s"
    return _rendered(
        contract, general, {"count": len(items), "plural": plural, "sentences": sentences}, items
    )


def _row_for(violation: Violation, rows: Sequence[Document]) -> Document:
    """Return the first row that fits, with the schema's own text for the keyword, if any."""
    row = next(row for row in rows if _fits(row, violation))
    own_text = violation.schema.get("x-error-message", {}).get(violation.keyword)
    return row if own_text is None else {**row, "text": own_text}


def _fits(row: Document, violation: Violation) -> bool:
    return (
        row["keyword"] in (violation.keyword, "*")
        and violation.expected in row.get("expected", [violation.expected])
        and violation.given in row.get("actualType", [violation.given])
        and _is_one_of(violation.schema.get("format"), row.get("format"))
        and _is_one_of(violation.schema.get("x-kind"), row.get("kind"))
        and violation.schema.get("x-in", "body") in row.get("location", LOCATIONS)
    )


def _is_one_of(value: object, allowed: Sequence[object] | None) -> bool:
    return allowed is None or value in allowed


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
