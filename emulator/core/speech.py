"""Failures in the vendor's words: a failure and errors.json make status, code and text.

Two tables speak. `failures` has a row per class of failure, or per class and subject
(`NotFound:dataset`). `violations` has a row per keyword of JSON Schema, narrowed by the
type that was expected, its format, the type that was given and the place of the member
in the request; it says whether a row speaks alone and whether all violations are
reported or only the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.core.contract import Contract, Document
from emulator.core.failures import Failure, Invalid, Ordered
from emulator.core.violations import Violation

Facts = Mapping[str, object]
Describe = Callable[[Violation], Facts]
"""How a protocol names the path and the value of a violation."""

PLACES = ("body", "path", "query", "header")
"""Where a request carries a member."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
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


def speak(failure: Failure, contract: Contract, describe: Describe) -> Spoken:
    """Say a failure in the words of a provider's errors.json."""
    if isinstance(failure, Ordered):
        return _ordered(failure, contract)
    if isinstance(failure, Invalid):
        return _speak_of_violations(failure, contract, describe)
    return _said(row_of(failure, contract), failure.facts)


def _ordered(ordered: Ordered, contract: Contract) -> Spoken:
    """Say what was ordered: in the words of the row it names, as far as the order has no others."""
    effect = ordered.effect
    error = effect.error or ""
    row = ordered_row(contract, error, effect.status)
    row = row or {"status": effect.status or 400, "code": error, "text": error}
    facts = Guessed(ordered.document)
    if effect.retry_after is not None:
        facts |= {"retryAfter": f"{effect.retry_after:g}"}
        facts |= {"retryAfterMs": str(round(effect.retry_after * 1000))}
    spoken = _said({**row, "headers": {}}, facts)
    return replace(
        spoken,
        status=effect.status or spoken.status,
        text=spoken.text if effect.message is None else effect.message,
        headers=_ordered_headers(row.get("headers", {}), facts),
    )


def ordered_row(contract: Contract, error: str, status: int | None = None) -> Document | None:
    """Find the row of errors.json by its name, or the first with a code (and a status)."""
    if error in contract.failures:
        row: Document = contract.failures[error]
        return row
    fitting = (
        row
        for row in contract.failures.values()
        if row["code"] == error and status in (None, row["status"])
    )
    return next(fitting, None)


def _ordered_headers(templates: Mapping[str, str], facts: Guessed) -> Mapping[str, str]:
    headers = {name: fill(text, facts) for name, text in templates.items() if facts.has(text)}
    if "retryAfter" in facts and not any("{retryAfter" in text for text in templates.values()):
        headers["Retry-After"] = facts["retryAfter"]
    return headers


class Guessed(dict[str, object]):
    """Facts of a failure that did not happen: the request's members of the same names."""

    def __init__(self, document: object) -> None:
        members = document.items() if isinstance(document, Mapping) else ()
        super().__init__({_plain(name): value for name, value in members})

    def __missing__(self, name: str) -> object:
        return self.get(_plain(name), name)

    def has(self, template: str) -> bool:
        """Tell whether every placeholder of a template is known."""
        return all(name in self for name in _PLACEHOLDER.findall(template))


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def row_of(failure: Failure, contract: Contract) -> Document:
    """Find the row that speaks for a failure: that of its subject, or of its class.

    A failure without a row is a defect of the provider's errors.json, and speaks as `Broken`.
    """
    rows, name = contract.failures, type(failure).__name__
    row: Document = rows.get(f"{name}:{failure.subject}") or rows.get(name) or rows["Broken"]
    return row


def fill(template: Any, facts: Facts) -> Any:
    """Put facts in the place of `{placeholders}`; one that stands alone keeps its type."""
    if isinstance(template, dict):
        return {key: fill(value, facts) for key, value in template.items()}
    if not isinstance(template, str):
        return template
    alone = _PLACEHOLDER.fullmatch(template)
    if alone:
        return facts[alone[1]]
    return _PLACEHOLDER.sub(lambda match: str(facts[match[1]]), template)


def _said(row: Document, facts: Facts, items: Sequence[Mapping[str, object]] = ()) -> Spoken:
    return Spoken(
        status=row["status"],
        code=fill(row.get("code", ""), facts),
        text=fill(row.get("text"), facts),
        members=fill(row.get("members", {}), facts),
        headers=fill(row.get("headers", {}), facts),
        items=items,
        envelope=row.get("envelope"),
    )


def _speak_of_violations(failure: Invalid, contract: Contract, describe: Describe) -> Spoken:
    table, general = contract.violations, contract.failures["Invalid"]
    found = [(violation, _row_for(violation, table["rows"])) for violation in failure.violations]
    found.sort(key=lambda pair: pair[1].get("rank", 0))
    violation, row = found[0]
    if table["report"] == "first" or row.get("alone"):
        return _said({**general, **row}, describe(violation))
    reported = [pair for pair in found if not pair[1].get("alone")]
    if table["report"] == "first of each member":
        reported = _first_of_each(reported)
    items = [_item(violation, row, describe(violation)) for violation, row in reported]
    sentences = "; ".join(str(item["text"]) for item in items)
    plural = "" if len(items) == 1 else "s"
    return _said(general, {"count": len(items), "plural": plural, "sentences": sentences}, items)


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
        and violation.schema.get("in", "body") in row.get("place", PLACES)
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
