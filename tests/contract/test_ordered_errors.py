"""Every row of every operation, ordered in every way: as good as what the operation says itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.validation import Rules
from emulator.core.primitives.templates import PLACEHOLDER
from emulator.settings import Settings
from tests.cases.runner import send
from tests.contract import catalogue
from tests.contract.example_requests import defaults_of, example_of

FAULTS = "/_emulator/faults"
OPERATIONS = [
    pytest.param(name, operation, id=f"{name}-{operation.name}")
    for name, operation in catalogue.operations()
    if operation.emulated
]
NAMES = {
    name
    for contract in catalogue.contracts().values()
    for row in contract.failures.values()
    for name in PLACEHOLDER.findall(json.dumps(row))
}
"""The names of all placeholders."""

LEFT = re.compile(r"\{(" + "|".join(sorted(NAMES)) + r")\}|errorplural|count validation")
"""What a text has in it that was not filled."""


@pytest.fixture(scope="module")
def application() -> Iterator[Application]:
    application = Application(Settings(demo=True, strict=True, clock="frozen"))
    yield application
    application.close()


@pytest.fixture
def client(application: Application) -> Client:
    application.world.reset()
    return Client(application)


def strike(client: Client, provider: str, operation: Operation, orders: Sequence[Any]) -> list[TestResponse]:  # fmt: skip
    """Order faults for one request each, and send as many; the oldest fault is the next to apply."""
    for order in orders:
        made = client.post(FAULTS, json={**order, "times": 1, "allow_undeclared": True})
        assert made.status_code == 200, (order, made.get_json())
    contract, defaults = catalogue.contracts()[provider], defaults_of(provider)["request"]
    request = example_of(provider, operation.name)
    answers = [send(client, contract, defaults, request) for _ in orders]
    found = client.get(FAULTS).get_json()["faults"]
    assert [each["applied"] for each in found] == [1] * len(orders)
    return answers


def orders_of(provider: str, operation: Operation) -> list[tuple[str, Any]]:
    """List what is ordered: each row, each class and each code, for one provider or for all."""
    contract = catalogue.contracts()[provider]
    classes = list(dict.fromkeys(name.partition(":")[0] for name in contract.failures))
    codes = list(dict.fromkeys([*operation.errors, *(r["code"] for r in contract.failures.values())]))  # fmt: skip
    here = {"provider": provider, "operation": operation.name}
    ordered = [(name, here) for name in (*contract.failures, *classes, *codes)]
    ordered += [(name, {}) for name in classes]
    return [(error, {"match": match, "effect": {"error": error}}) for error, match in ordered]


def leaves(node: object) -> Iterator[object]:
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from leaves(child)
    else:
        yield node


def document_of(answer: TestResponse) -> Any:
    text = answer.get_data(as_text=True)
    return json.loads(text) if "json" in answer.content_type else text


def forms_of(contract: Contract) -> list[Contract]:
    """List a contract and what its layers make of it; one of them has answered."""
    variants = catalogue.variants().values()
    return [contract, *(each for each in variants if each.provider == contract.provider)]


def shapes_of(contract: Contract) -> Iterator[Rules]:
    """Iterate over the shapes of errors that a provider has, those of its layers included."""
    for each in forms_of(contract):
        yield from map(each.envelopes, each.envelope_names)


def members_in(document: Any) -> list[str]:
    """List the names of members in the items of an error, where the vendor has items."""
    items = document.get("detail") if isinstance(document, dict) else None
    return [name for item in items for name in item["loc"]] if isinstance(items, list) else []


def assert_is_whole(contract: Contract, error: str, answer: TestResponse) -> None:
    """Check the shape of an error, and that nothing in it was left out or unfilled."""
    document = document_of(answer)
    assert any(not shape.violations(document) for shape in shapes_of(contract)), (error, document)
    assert "X-Emulator-Error" not in answer.headers, (error, document)
    texts = [each for each in leaves(document) if isinstance(each, str)]
    for text in (*texts, *answer.headers.values()):
        assert not LEFT.search(text), (error, text)
        assert text not in NAMES or text in members_in(document), (error, document)
    if isinstance(document, dict) and "detail" in document:
        assert document["detail"], error


def filled(template: str, text: str) -> list[tuple[str, str]] | None:
    """Return the placeholders of a template with what stands in their place, or None."""
    names = PLACEHOLDER.findall(template)
    fixed = map(re.escape, PLACEHOLDER.split(template)[::2])
    found = re.fullmatch("(.*)".join(fixed), text, re.DOTALL)
    return list(zip(names, found.groups(), strict=True)) if found else None


def assert_is_of_the_row(contract: Contract, operation: Operation, row: str, answer: TestResponse) -> None:  # fmt: skip
    """Check that the text is that of the row, with what is known of the request in it."""
    templates = {each.failures[row]["text"] for each in forms_of(contract)} - {None}
    texts = [each for each in leaves(document_of(answer)) if isinstance(each, str)]
    pairs = product(templates, texts)
    matches = [found for each in pairs if (found := filled(*each)) is not None]
    assert matches or not templates, (row, texts)
    known = {"operation": operation.name, "action": operation.name, **contract.service["identity"]}
    for name, value in matches[0] if matches else ():
        assert value not in ("", name), (row, texts)
        assert value == known.get(name, value), (row, texts)


@pytest.mark.parametrize(("provider", "operation"), OPERATIONS)
def test_every_row_can_be_ordered_and_is_filled(
    client: Client, provider: str, operation: Operation
) -> None:
    contract, ordered = catalogue.contracts()[provider], orders_of(provider, operation)
    answers = strike(client, provider, operation, [order for _, order in ordered])
    for (error, _), answer in zip(ordered, answers, strict=True):
        assert answer.status_code >= 400, error
        assert_is_whole(contract, error, answer)
    for name, answer in zip(contract.failures, answers, strict=False):
        if ":" in name:
            statuses = {each.failures[name]["status"] for each in forms_of(contract)}
            assert answer.status_code in statuses, name
            assert_is_of_the_row(contract, operation, name, answer)
