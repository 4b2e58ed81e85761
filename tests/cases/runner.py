"""Runs case files: sends their requests, moves the clock, compares whole answers."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Contract
from emulator.core.contract.validation import Rules
from emulator.core.primitives.clock import SECOND, from_iso, to_http
from emulator.core.storage.objects import put_object
from emulator.settings import Settings

CASES = Path(__file__).parent
START = "2026-04-01T08:00:00.123Z"
"""What the clock shows when a case begins; it stands still until the case moves it."""

_TRANSPORT = {"Content-Length"}
"""Headers that follow from the body."""

_SAVED = re.compile(r"\$\{(\w+)\}")


class Number(str):
    """A JSON number with a fraction or an exponent, as it was written."""

    __slots__ = ()


def exact(text: str) -> Any:
    """Parse JSON, keeping the notation of its numbers (and, as dicts do, the order of members)."""
    return json.loads(text, parse_float=Number)


@dataclass(frozen=True)
class Case:
    """One scenario of one provider's operation."""

    file: Path
    provider: str
    operation: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.operation}/{self.file.stem}"

    @property
    def document(self) -> Mapping[str, Any]:
        document: Mapping[str, Any] = json.loads(self.text)
        return document


def all_cases() -> Iterator[Case]:
    """Find every case file, by provider and operation."""
    for file in sorted(CASES.glob("*/*/*.json")):
        provider, operation = file.parts[-3:-1]
        yield Case(file, provider, operation, file.read_text(encoding="utf-8"))


@cache
def _form() -> Rules:
    return Rules(json.loads((built_in_folder() / "_meta" / "case.json").read_text()))


@cache
def _application(settings: tuple[tuple[str, Any], ...]) -> Application:
    given = dict(settings)
    given["switches"] = dict(given.get("switches", ()))
    return Application(Settings(**given), wall=lambda: from_iso(START) * 1000)


class Runner:
    """Runs one case in an emulator that was reset, with a clock that stands at `START`."""

    def __init__(self, case: Case) -> None:
        self.case = case
        settings = {"clock": "frozen", "strict": True, **case.document.get("settings", {})}
        if "schemas" in settings:
            settings["schemas"] = str(CASES.parent / settings["schemas"])
        settings["switches"] = tuple(sorted(settings.get("switches", {}).items()))
        self.application = _application(tuple(sorted(settings.items())))
        self.application.world.reset()
        self.contract = self.application.contracts[case.provider]
        self.defaults = json.loads((CASES / case.provider / "_defaults.json").read_text())
        self.client = Client(self.application)
        self.saved: dict[str, str] = {}

    def run(self) -> None:
        """Go through the steps; raises `AssertionError` at the first answer that differs.

        A file that is not what its meta-schema says is not run.
        """
        assert _form().violations(self.case.document) == []
        wanted = exact(self.case.text)["steps"]
        for number, step in enumerate(self.case.document["steps"]):
            if "advance" in step:
                self.application.world.clock.advance(round(step["advance"] * SECOND))
            elif "object" in step:
                with self.application.world.objects() as repository:
                    put_object(repository, **step["object"])
            elif "quotas" in step:
                settings = self.application.world.settings
                settings.set_limits(self.case.provider, step["quotas"])
            else:
                self.compare(f"step {number}", wanted[number]["answer"], self.send(step["request"]))

    def send(self, request: Mapping[str, Any]) -> TestResponse:
        """Send the request of a step, under the provider's prefix."""
        return send(self.client, self.contract, self.defaults["request"], self._filled(request))

    def compare(self, where: str, wanted: Mapping[str, Any], answer: TestResponse) -> None:
        """Compare status, all headers and the whole body."""
        body = answer.get_data(as_text=True)
        assert answer.status_code == wanted["status"], f"{where}: {answer.status_code} {body}"
        outcome = "success" if answer.status_code < 400 else "failure"
        headers = {**self.defaults[outcome]["headers"], **wanted.get("headers", {})}
        expected = {name.title(): value for name, value in headers.items() if value is not None}
        given = {n.title(): v for n, v in answer.headers.items() if n.title() not in _TRANSPORT}
        assert given.pop("Date", None) == to_http(self.application.world.clock.now())
        expected.pop("Date", None)
        assert given.keys() == expected.keys(), f"{where}: headers {sorted(given)}"
        for name, value in given.items():
            self._fits(f"{where}: header {name}", expected[name], value)
        if "json" in wanted:
            self._fits(f"{where}: body", wanted["json"], exact(body))
        else:
            assert body == wanted.get("text", ""), f"{where}: body {body}"

    def _fits(self, where: str, wanted: Any, given: Any) -> None:
        wanted = self._filled(wanted)
        if isinstance(wanted, dict) and wanted.keys() & {"$match", "$save"}:
            assert isinstance(given, str), f"{where}: {given!r} is no text"
            assert re.fullmatch(wanted.get("$match", ".*"), given), f"{where}: {given!r}"
            if "$save" in wanted:
                self.saved[wanted["$save"]] = given
        elif isinstance(wanted, dict) and isinstance(given, dict):
            assert list(given) == list(wanted), f"{where}: members {list(given)}"
            for name, member in wanted.items():
                self._fits(f"{where}/{name}", member, given[name])
        elif isinstance(wanted, list) and isinstance(given, list):
            assert len(given) == len(wanted), f"{where}: {len(given)} items {given}"
            for index, item in enumerate(wanted):
                self._fits(f"{where}/{index}", item, given[index])
        else:
            same = type(given) is type(wanted) and given == wanted
            assert same, f"{where}: {given!r} is not {wanted!r}"

    def _filled(self, node: Any) -> Any:
        """Put what was saved in the place of `${name}`."""
        if isinstance(node, dict):
            return {name: self._filled(member) for name, member in node.items()}
        if isinstance(node, list):
            return [self._filled(item) for item in node]
        if type(node) is not str:
            return node
        return _SAVED.sub(lambda found: self.saved.get(found[1], found[0]), node)


def send(
    client: Client, contract: Contract, defaults: Mapping[str, Any], request: Mapping[str, Any]
) -> TestResponse:
    """Send a request under the prefix of its provider; `defaults` are its usual headers."""
    method, path = request.get("method"), request.get("path", "")
    headers = dict(defaults["credentials"])
    if "call" in request:
        operation = contract.operations[request["call"]]
        method, path = operation.method, request.get("path", operation.path)
        headers |= defaults["headers"]
        if operation.target:
            headers[contract.protocol["targetHeader"]] = operation.target
    headers |= request.get("headers", {})
    for name, value in request.get("parameters", {}).items():
        path = path.replace(f"{{{name}}}", value)
    return client.open(
        f"/{contract.provider}{path}",
        method=method,
        query_string=request.get("query", ""),
        headers={name: value for name, value in headers.items() if value is not None},
        data=_body(request),
    )


def _body(request: Mapping[str, Any]) -> bytes:
    if "json" in request:
        return json.dumps(request["json"]).encode()
    if "base64" in request:
        return base64.b64decode(request["base64"])
    document: bytes = request.get("text", "").encode()
    return document
