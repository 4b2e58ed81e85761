"""Every label says what is known, and every source is a document that can be looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from emulator.core.contract.model import Contract, Document
from tests.cases.runner import CASES, Case, Runner, all_cases
from tests.contract import catalogue

NAMES = list(catalogue.contracts())
EVERY_PROVIDER = pytest.mark.parametrize("name", NAMES)
EVERY_CASE = pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in all_cases()])

OWN_CHOICE = re.compile(
    r"emulator|unknown|not known|nothing (?:else )?is known|stands? in\b|(?:is|are) not(?=$|[;,.])"
)
"""Words of a reason that say that a part of the answer has no source."""


@dataclass(frozen=True)
class Claim:
    """What a text of evidence says, and where it stands."""

    place: str
    text: str

    @property
    def label(self) -> str:
        return re.split(r"[ :]", self.text, maxsplit=1)[0]

    @property
    def sources(self) -> list[str]:
        """The keys that the label rests on; of an inference, none has to be named."""
        return [] if self.label == "inferred" else self.text.partition(":")[0].split()[1:]


def claims_in(node: Any, place: str) -> Iterator[Claim]:
    """Find every text of evidence: the values of members whose names end with the word."""
    children = node.items() if isinstance(node, dict) else enumerate(node)
    for name, value in children:
        here = f"{place}/{name}"
        if str(name).lower().endswith("evidence"):
            texts = value if isinstance(value, dict) else {"": value}
            yield from (Claim(f"{here}/{key}", text) for key, text in texts.items())
        elif isinstance(value, dict | list):
            yield from claims_in(value, here)


def claims_of(provider: str) -> list[Claim]:
    files = [*(catalogue.SCHEMAS / provider).rglob("*.json"), *(CASES / provider).rglob("*.json")]
    return [
        claim
        for file in files
        for claim in claims_in(json.loads(file.read_text(encoding="utf-8")), file.as_posix())
    ]


@EVERY_PROVIDER
def test_a_label_is_one_of_four_and_names_listed_sources_or_a_reason(name: str) -> None:
    listed = catalogue.contracts()[name].service["sources"].keys()
    wrong = [
        claim
        for claim in claims_of(name)
        if claim.label not in ("documented", "modelled", "observed", "inferred")
        or not (set(claim.sources) <= listed if claim.label != "inferred" else claim.text[9:])
        or (claim.label != "inferred" and not claim.sources)
    ]
    assert wrong == []


@EVERY_PROVIDER
def test_observed_is_what_was_seen_at_that_very_service(name: str) -> None:
    service = catalogue.contracts()[name].service
    live = set(service.get("liveSources", ()))
    assert live <= service["sources"].keys()
    observed = [claim for claim in claims_of(name) if claim.label == "observed"]
    assert [claim for claim in observed if not set(claim.sources) <= live] == []


@EVERY_PROVIDER
def test_sources_are_documents_and_no_searches(name: str) -> None:
    for key, source in catalogue.contracts()[name].service["sources"].items():
        assert not re.search(r"/search\b|google\.|bing\.", source), key
        assert re.search(r"https://|[0-9]\.[0-9]|; not linked, because ", source), key


def codes_like(code: str) -> re.Pattern[str]:
    """Match the codes that the code of a row makes: `Missing{field}` makes many."""
    return re.compile(re.sub(r"\\\{\w+\\\}", r"\\w+", re.escape(code)))


def rows_of(contract: Contract, code: str) -> list[Document]:
    """The rows of errors.json that answer with a code; a violation without one has that of all."""
    usual = contract.failures["Invalid"]["code"]
    rows = [*contract.failures.values()]
    rows += [{"code": usual, **row} for row in contract.violations["rows"]]
    return [row for row in rows if row["code"] and codes_like(row["code"]).fullmatch(code)]


@EVERY_PROVIDER
def test_what_an_operation_has_errors_for_is_said_of_each(name: str) -> None:
    contract = catalogue.contracts()[name]
    known = contract.service["errorEvidence"]
    emulated = {op.name: op for op in contract.operations.values() if op.emulated}
    pairs = {f"{op.name}:{code}" for op in emulated.values() for code in op.errors}
    codes = {code for op in emulated.values() for code in op.errors}
    assert known.keys() <= pairs | codes | {"*"}, "nothing has these errors"
    assert "*" in known or codes <= known.keys() | {
        code for code in codes if all(f"{op}:{code}" in known for op in emulated)
    }


@EVERY_PROVIDER
def test_an_error_that_no_row_knows_is_not_said_to_be_known(name: str) -> None:
    contract = catalogue.contracts()[name]
    if "*" in contract.service["errorEvidence"]:
        return  # the vendor's model lists the errors of each operation
    for op in contract.operations.values():
        for code, evidence in op.error_evidence.items():
            rests_on = {row["evidence"].split()[0] for row in rows_of(contract, code)}
            assert evidence.startswith("inferred:") or rests_on - {"inferred:"}, (op.name, code)


@EVERY_CASE
def test_a_case_that_pins_our_own_choice_says_so(case: Case) -> None:
    evidence = case.document["evidence"]
    chosen = evidence.startswith("inferred:") and bool(OWN_CHOICE.search(evidence))
    assert case.document.get("pins") == ("our choice" if chosen else None)


@EVERY_CASE
def test_a_case_is_named_after_what_it_shows(case: Case) -> None:
    first = case.file.stem.split("-")[0]
    assert re.fullmatch(r"[a-z]+[a-zA-Z0-9]*", first), "no keys of lists in front"


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name) for c in all_cases() if not c.document["evidence"].startswith("inferred:")])  # fmt: skip
def test_a_case_that_is_not_inferred_gets_nothing_that_is(case: Case) -> None:
    """Neither of the operations it calls, nor of the refusals it gets, is the answer inferred."""
    runner = Runner(case)
    runner.run()
    explained: list[Any] = [
        entry.explain for entry in runner.application.world.journal if entry.explain
    ]
    rests_on = [str(each["evidence"]) for why in explained for each in (why, *why["rules"])]
    called = [step["request"].get("call") for step in case.document["steps"] if "request" in step]
    rests_on += [runner.contract.operations[name].evidence for name in called if name]
    assert [text for text in rests_on if text.startswith("inferred:")] == []
