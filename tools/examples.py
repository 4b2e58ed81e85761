"""Writes `examples.json` of each provider: a request and a response of every operation.

They are recorded from the cases in `tests/cases`, whose expected responses come from the vendors'
sources, and from the example of `seed.json`, sent to the demo world. Run it after an operation or
its members changed.

python -m tools.examples
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any
from unittest.mock import patch

from werkzeug.test import Client

from emulator.app import Application
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import NO_OPERATION, Contract, Document
from emulator.core.http.exchange import Exchange, Response
from emulator.core.pipeline.gateway import Gateway
from emulator.core.primitives.clock import from_iso
from emulator.settings import Settings
from tests.cases import runner

EVIDENCE = "inferred: recorded from the cases of the emulator"
LONGEST_TEXT, LONGEST_LIST = 250, 2
"""Characters and items of the longest value in an example; cases of limits have longer ones."""

SHOWN, OF_ITS_CASE, OTHER = range(3)
"""What a call is: the example of seed.json, one of a case about its operation, or another."""


class Recorder:
    """The successful calls of cases, by provider and operation, each with what it is."""

    def __init__(self) -> None:
        self.calls: dict[str, dict[str, list[tuple[int, Document]]]] = {}
        self._contract: Contract | None = None
        self._operation: str | None = None

    def run(self, case: runner.Case) -> None:
        """Run a case; one with switches or schemas of its own shows what is not usual."""
        if not case.document.get("settings", {}).keys() & {"switches", "schemas"}:
            running = runner.Runner(_with_seed(case))
            self._contract, self._operation = running.contract, case.operation
            running.run()

    def show(self, provider: str) -> None:
        """Send the example of seed.json to the demo world."""
        settings = Settings(demo=True, clock="frozen", id_seed=1)
        application = Application(settings, wall=lambda: from_iso(runner.START) * 1000)
        self._contract, self._operation = application.contracts[provider], None
        example = dict(self._contract.seed["example"])
        path, body = f"/{provider}{example.pop('path')}", json.dumps(example.pop("body"))
        Client(application).open(path, data=body, **example)

    def note(self, exchange: Exchange, document: object, response: Response) -> None:
        """Keep a call."""
        operation, provider = exchange.operation.name, exchange.contract.provider
        body = {"response": json.loads(response.body)} if response.body else {}
        known = (
            self._contract.operations.get(operation, NO_OPERATION)
            if self._contract
            else NO_OPERATION
        )
        # calls of another generation of an API have other messages
        if (
            known.emulated
            and known.request.accepts(document)
            and known.response.accepts(body.get("response"))
        ):
            sort = {None: SHOWN, operation: OF_ITS_CASE}.get(self._operation, OTHER)
            calls = self.calls.setdefault(provider, {}).setdefault(operation, [])
            calls.append((sort, {"request": document, **body}))


def _with_seed(case: runner.Case) -> runner.Case:
    """Let the ids be the same at every run; the notation of numbers stays."""
    settings = case.document.get("settings")
    if settings is None:
        return replace(case, text=case.text.replace("{", '{"settings": {"id_seed": 1},', 1))
    if "id_seed" in settings:
        return case
    seeded = re.sub(r'"settings": *\{', '"settings": {"id_seed": 1, ', case.text, count=1)
    return replace(case, text=seeded)


def record() -> Mapping[str, Mapping[str, Document]]:
    """Run all cases; return the best call of each operation, by provider."""
    recorder, respond = Recorder(), vars(Gateway)["_respond"]

    def responding(gateway: Gateway, exchange: Exchange, *given: Any) -> Any:
        response, began = respond(gateway, exchange, *given)
        recorder.note(exchange, given[-1], response)
        return response, began

    with patch.object(Gateway, "_respond", responding):
        for case in runner.all_cases():
            recorder.run(case)
        for provider in list(recorder.calls):
            recorder.show(provider)
    return {
        provider: {name: min(calls, key=_rank)[1] for name, calls in operations.items()}
        for provider, operations in recorder.calls.items()
    }


def _rank(found: tuple[int, Document]) -> tuple[bool, int, int]:
    """Order the best first: no long value, then those of its case, then most members."""
    sort, call = found
    names, is_short = zip(*_members(call), strict=True)
    return not all(is_short), sort, -len(set(names))


def _members(node: object, name: str = "") -> Iterator[tuple[str, bool]]:
    """Yield the name of each member, and whether its value is short."""
    if isinstance(node, Mapping):
        yield name, True
        yield from chain.from_iterable(_members(value, key) for key, value in node.items())
    elif isinstance(node, list):
        yield name, len(node) <= LONGEST_LIST
        yield from chain.from_iterable(_members(value, name) for value in node)
    else:
        yield name, len(str(node)) <= LONGEST_TEXT


def page(calls: Mapping[str, Document]) -> str:
    """Write the file of a provider, a line per message."""
    entries = []
    for name, call in calls.items():
        lines = (
            f'      "{side}": {json.dumps(message, ensure_ascii=False)}'
            for side, message in call.items()
        )
        entries.append(f'    "{name}": {{\n' + ",\n".join(lines) + "\n    }")
    head = json.dumps({"$schema": "../_meta/examples.json", "evidence": EVIDENCE}, indent=2)
    operations = ",\n".join(entries)
    return head.removesuffix("\n}") + f',\n  "operations": {{\n{operations}\n  }}\n}}\n'


def main() -> None:
    """Write the files."""
    logging.disable()  # cases provoke rejections
    for provider, calls in record().items():
        folder = built_in_folder() / provider
        order = json.loads((folder / "service.json").read_text(encoding="utf-8"))["operations"]
        text = page({name: calls[name] for name in order if name in calls})
        (folder / "examples.json").write_text(text, encoding="utf-8")
        print(f"{provider}: {len(calls)} of {len(order)} operations")


if __name__ == "__main__":
    main()
