"""Which row of errors.json an ordered error is, and with which facts.

An order names a row, a class of failure with or without a kind, or a code of the vendor. Several
rows can have a code; the one is taken that the operation itself would answer with, about the
resource of the request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.contract.validation import Violation
from emulator.core.errors.samples import NO_BODY, samples
from emulator.core.errors.subjects import kind_of, natural_failures
from emulator.core.errors.violation_rows import row_for
from emulator.core.primitives.templates import PLACEHOLDER

_UNROUTED = ("NoSuchRoute", "WrongMethod", "NoSuchOperation", "NotEmulated")
"""Failures of requests that come to no operation that is emulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedRow:
    """The row of an ordered error.

    `subject` is what it is about, which the name of the row need not say; `violation` is what the
    request is said to break, if it is said to break a rule of its schema.
    """

    name: str
    row: Document
    subject: str = ""
    violation: Violation | None = None


def ordered_row(
    contract: Contract,
    operation: Operation,
    error: str,
    *,
    document: object = None,
    status: int | None = None,
) -> OrderedRow | None:
    """Return the row of an error that is ordered for an operation, or None for an unknown error."""
    failure, colon, subject = error.partition(":")
    if colon:
        names = _candidates(contract, error, status)
        rows = (OrderedRow(name=name, row=_row(contract, name), subject=subject) for name in names)
        return next(rows, None)
    candidates = _candidates(contract, error, status)
    for failure, subject in natural_failures(contract, operation, document):
        name = f"{failure}:{subject}"
        name = name if name in contract.failures else failure
        if failure == "Invalid" and status in (None, _row(contract, "Invalid")["status"]):
            broken = _invalid(contract, operation, error, document)
            if broken is not None:
                return broken
        elif name in candidates:
            return OrderedRow(name=name, row=_row(contract, name), subject=subject)
    return _unnatural(contract, operation, document, candidates)


def _unnatural(
    contract: Contract, operation: Operation, document: object, candidates: Sequence[str]
) -> OrderedRow | None:
    """Return the row that fits best, of those that the operation does not answer with; or None."""
    if "Invalid" in candidates and operation.emulated:
        return OrderedRow(name="Invalid", row=_row(contract, "Invalid"), violation=NO_BODY)
    own = kind_of(contract, operation, document)

    def strangeness(name: str) -> tuple[bool, bool, bool]:
        is_about_own = own is not None and own.name in name.partition(":")[2]
        return (name in _UNROUTED, not is_about_own, ":" in name)

    name = min(candidates, key=strangeness, default="")
    if not name:
        return None
    return OrderedRow(name=name, row=_row(contract, name), subject=name.partition(":")[2])


def codes_of(contract: Contract, error: str, status: int | None = None) -> set[str]:
    """Return the codes of the rows that an order may mean; empty if there is no such row."""
    rows = (contract.row(name) or {} for name in _candidates(contract, error, status))
    codes = {str(row["code"]) for row in rows}
    of_violations = (str(row.get("code", "")) for row in contract.violations["rows"])
    return codes | {error for code in of_violations if _fits_template(code, error)}


def _fits_template(template: str, text: str) -> bool:
    fixed = map(re.escape, PLACEHOLDER.split(template)[::2])
    return re.fullmatch(r"[\w.]+".join(fixed), text) is not None


def _candidates(contract: Contract, error: str, status: int | None) -> Sequence[str]:
    """List the rows of a class of failure, or else those with a code (and a status)."""
    failure, colon, subject = error.partition(":")
    if colon and error not in contract.failures:  # a kind without a row of its own has the class's
        return [failure] if subject in contract.kinds and contract.row(failure) else []
    if colon:
        return [error]
    if contract.row(error) is not None:
        rows = [name for name in contract.failures if name.partition(":")[0] == error]
        return list(dict.fromkeys([*rows, error]))
    return [
        name
        for name, row in contract.failures.items()
        if row["code"] == error and status in (None, row["status"])
    ]


def _row(contract: Contract, name: str) -> Document:
    return contract.row(name) or {}


def _invalid(
    contract: Contract, operation: Operation, error: str, document: object
) -> OrderedRow | None:
    """Return the row of a violation that is answered with an error, or None."""
    if not operation.emulated:
        return None
    general = _row(contract, "Invalid")
    wanted = general["code"] if error == "Invalid" else error
    for violation in samples(operation, document):
        row = row_for(violation, contract.violations["rows"])
        if row is not None and _code(contract, general, violation, row) == wanted:
            return OrderedRow(name="Invalid", row=general, violation=violation)
    return None


def _code(contract: Contract, general: Document, violation: Violation, row: Document) -> str:
    """Return the code that a violation is answered with; a placeholder in it is the member."""
    is_alone = contract.violations["report"] == "first" or row.get("exclusive", False)
    code = row.get("code", general["code"]) if is_alone else general["code"]
    return PLACEHOLDER.sub(lambda _: ".".join(map(str, violation.path)), str(code))
