"""Whether a client can make the emulator slow: refusing large requests against accepting them.

What has to be stored before a request is accepted comes from the case files.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.test import Client

from bench.hostile import NESTED, Hostile, HostileBodies, HostileQueries, Request
from bench.library.options import Bench
from bench.library.results import Cell, Column, Section, Table
from emulator.core.contract.model import Contract, Operation
from emulator.core.http.wsgi import Environ, StartResponse, Wsgi
from tests.cases.runner import Case, Runner, all_cases

PART = "refusals"
WANTED = 3
"""How many times as much a refusal may cost."""

QUERY = 60_000
"""Bytes of the longest query that is sent: the server itself refuses targets above 64 KB."""

SPARE = 1_000
"""Bytes that the longest body stays under the limit."""

OTHER_CONTRACTS = {"schemas", "switches"}
"""Settings with which the members of a request may be others."""

PARTS = {"call", "path", "json", "query", "parameters"}
"""What a request that is used consists of."""

SHAPES = ("unknown members", "nesting", "long texts", "many items", "repeated members")

_CREATE_OR_LIST = re.compile(r"Create|List|GetDatasets$|Get\w+List$")


class Timed:
    """A WSGI application that remembers the processor time of its last request, in seconds."""

    def __init__(self, app: Wsgi) -> None:
        self.app = app
        self.took = 0.0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Sequence[bytes]:
        """Handle a request (WSGI)."""
        began = time.process_time()
        body = b"".join(self.app(environ, start_response))
        self.took = time.process_time() - began
        return [body]


@dataclass(frozen=True)
class Beginning(Case):
    """The first steps of a case, without the assertions on each response of `--strict`."""

    steps: int

    @property
    def document(self) -> Mapping[str, Any]:
        """The document of the case, cut short."""
        whole = super().document
        settings = {**whole.get("settings", {}), "strict": False}
        return {**whole, "settings": settings, "steps": whole["steps"][: self.steps]}


class Valid:
    """A request that is accepted after the steps before it in a case file."""

    def __init__(self, case: Case, step: int) -> None:
        self.beginning = Beginning(case.file, case.provider, case.operation, case.text, step)
        self.request: Request = case.document["steps"][step]["request"]
        self._runner: Runner | None = None

    def seconds(self, request: Request) -> tuple[int, float]:
        """Send a request to a world in which the steps before are done: its status, and what it cost."""
        runner = self._runner or self._prepared()
        timed = Timed(runner.application)
        runner.client = Client(timed)
        status = runner.send(request).status_code
        self._runner = runner if status >= 400 else None  # what was accepted has changed the world
        return status, timed.took

    def _prepared(self) -> Runner:
        runner = Runner(self.beginning)
        if self.beginning.steps:
            runner.run()
        return runner


def run(bench: Bench) -> Section:
    """Measure every operation that creates or lists."""
    columns = [Column("Operation"), Column("bytes", ","), Column("cheapest accepted, ms", ".2f")]
    columns += [Column("dearest refused, ms", ".2f")]
    columns += [Column(shape, ".1f", at_most=WANTED) for shape in SHAPES]
    table, notes = Table(columns), []
    measured, requests = list(operations(bench.contracts)), _accepted_requests()
    for contract, operation in measured:
        accepted = requests[contract.provider, operation.name]
        row = _measured(bench, contract, operation, accepted, share=1 / len(measured))
        if row is None:
            notes.append(f"{contract.provider} {operation.name} is left out: it refuses nothing.")
        else:
            table.rows.append(row)
    method = (
        "How many times as much processor time a refusal takes as an accepted request of the same length and shape, in one process; medians of "
        f"up to {bench.options.rounds}. Bodies are just under the limit of the provider, but have at most {bench.options.body:,} bytes; queries have at most {QUERY:,}. "
        f"What is refused is valid but for a fault and: unknown members; lists in lists, {NESTED} deep, in a member that is no such list; a long text in each member that is a "
        "text; many items in each member that is a list; one member many times. What is accepted has the same in members that are unknown, which every provider ignores, or repeats "
        f"a valid member. Wanted: at most {WANTED} times; what misses it is bold."
    )  # fmt: skip
    return Section(PART, method, [table], notes)


def operations(contracts: Mapping[str, Contract]) -> Iterator[tuple[Contract, Operation]]:
    """Iterate over the operations that create or list."""
    for contract in contracts.values():
        for operation in contract.operations.values():
            if operation.emulated and _CREATE_OR_LIST.match(operation.name):
                yield contract, operation


def _measured(
    bench: Bench, contract: Contract, operation: Operation, requests: Sequence[Valid], share: float
) -> list[Cell] | None:
    """Measure an operation by one of its accepted requests; return None if it refuses nothing."""
    # that with most members, of these that with the fewest steps before it
    valid = max(requests, key=lambda r: (len(r.request.get("json", ())), -r.beginning.steps))
    hostile: Hostile
    if "json" in valid.request:
        limit = contract.service["limits"]["bodyBytes"] - SPARE
        hostile = HostileBodies(operation, valid.request, _items(requests))
    else:
        limit = QUERY
        hostile = HostileQueries(operation, valid.request)
    size = min(limit, bench.options.body)
    fault = next((f for f in hostile.faults() if valid.seconds(hostile.plain(f))[0] >= 400), None)
    if fault is None:
        return None
    times = Times(valid, hostile, size, fault)
    for _ in bench.rounds(bench.options.rounds, share):
        times.measure_accepted()
        times.measure_refused()
    return [f"{contract.provider} {operation.name}", size, *times.row()]


@dataclass
class Times:
    """What the long requests of one operation cost, in seconds by their shape."""

    valid: Valid
    hostile: Hostile
    size: int
    fault: str
    accepted: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def measure_accepted(self) -> None:
        """Send each long request that should be accepted."""
        for shape, request in self.hostile.accepted(self.size).items():
            status, took = self.valid.seconds(request)
            if status < 400:
                self.accepted[shape].append(took)

    def measure_refused(self) -> None:
        """Send each shape without a fault, which may be reason enough to refuse it; if not, with one."""
        with_fault = self.hostile.refused(self.size, self.fault)
        for shape, request in self.hostile.refused(self.size, "").items():
            status, took = self.valid.seconds(request)
            if status < 400:
                status, took = self.valid.seconds(with_fault[shape])
            assert 400 <= status < 500, (self.valid.beginning.name, shape, status)
            self.refused[shape].append(took)

    def row(self) -> list[Cell]:
        """Return an accepted request and the dearest refusal in ms, and the ratio of each refusal."""
        accepted = {shape: statistics.median(times) for shape, times in self.accepted.items()}
        refused = {shape: statistics.median(times) for shape, times in self.refused.items()}
        cheapest = min(accepted.values())
        ratios = [
            refused[shape] / accepted.get(shape, cheapest) if shape in refused else None
            for shape in SHAPES
        ]
        return [1000 * cheapest, 1000 * max(refused.values()), *ratios]


def _accepted_requests() -> Mapping[tuple[str, str], list[Valid]]:
    """Find the requests that case files have accepted, by provider and operation."""
    found = defaultdict[tuple[str, str], list[Valid]](list)
    for case in all_cases():
        document = case.document
        if document.get("settings", {}).keys() & OTHER_CONTRACTS:
            continue
        for number, step in enumerate(document["steps"]):
            request = step.get("request", {})
            if step.get("answer", {}).get("status", 400) < 300 and request.keys() <= PARTS:
                found[case.provider, request["call"]].append(Valid(case, number))
    return found


def _items(requests: Iterable[Valid]) -> Mapping[str, Any]:
    """Return a valid item of each member that is a list in some of the requests."""
    members = (valid.request.get("json", {}).items() for valid in requests)
    return {n: v[0] for each in members for n, v in each if isinstance(v, list) and v}
