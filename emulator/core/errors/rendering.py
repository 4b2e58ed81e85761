"""Renders failures in the vendor's words: errors.json gives status, code and text.

errors.json has two tables. `failures` has a row per class of failure, or per class and subject
(`NotFound:dataset`). `violations` has a row per keyword of JSON Schema, narrowed by the expected
type, the format, the actual type and the location of the member; it says whether a row is
exclusive and whether all violations are reported or only the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from emulator.core.contract.model import Contract, Document
from emulator.core.contract.validation import Violation
from emulator.core.errors.failures import Failure, Invalid, Ordered
from emulator.core.errors.ordering import OrderedRow, ordered_row
from emulator.core.errors.placeholders import facts_of
from emulator.core.errors.violation_rows import row_for
from emulator.core.primitives.json_pointer import pointer
from emulator.core.primitives.templates import PLACEHOLDER, Facts, fill

Describe = Callable[[Violation], Facts]
"""Returns the facts of a violation as a protocol prints them."""


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
        return _render_order(failure, contract, describe)
    if isinstance(failure, Invalid):
        return _render_violations(failure, contract, describe)
    return _rendered(contract, _natural_row(failure, contract)[1], failure.facts)


def _render_order(ordered: Ordered, contract: Contract, describe: Describe) -> RenderedError:
    """Render an ordered error: the row it names, with what the order replaces."""
    found, text = _found(ordered, contract), ordered.message
    facts = facts_of(ordered, contract, found)
    if found.violation is None:
        # A fact is an example if the request has none, so that a text is never left unfilled. A
        # header needs real values: those without are left out by `_ordered_headers`.
        rendered = _rendered(contract, {**found.row, "headers": {}}, facts)
    elif text is not None and _lists_messages(contract):
        violation, text = replace(found.violation, keyword="ordered", reason=text), None
        rendered = _render_violations(Invalid([violation]), contract, describe)
    else:
        rendered = _render_violations(Invalid([found.violation]), contract, describe)
    return replace(
        rendered,
        status=ordered.status or rendered.status,
        text=rendered.text if text is None else text,
        headers=_ordered_headers(found.row.get("headers", {}), facts),
    )


def _lists_messages(contract: Contract) -> bool:
    """Return whether an ordered message stands in an item, where the vendor lists violations."""
    return any(row["keyword"] == "ordered" for row in contract.violations["rows"])


def _found(ordered: Ordered, contract: Contract) -> OrderedRow:
    """Return the row of an order; without one, its error is the code and the text."""
    for status in dict.fromkeys((ordered.status, None)):
        found = ordered_row(
            contract, ordered.operation, ordered.error, document=ordered.document, status=status
        )
        if found is not None:
            return found
    made_up = {"status": 400, "code": ordered.error, "text": ordered.error}
    return OrderedRow(name="", row=made_up)


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
        return _found(failure, contract).name or None
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
    pairs = [(each, row_for(each, rows) or rows[-1]) for each in failure.violations]

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
