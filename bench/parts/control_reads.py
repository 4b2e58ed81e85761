"""Whether reading the control API grows with what is stored: on the worlds of `growth`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from urllib.parse import quote, urlencode

from werkzeug.test import EnvironBuilder

from bench.library.options import Bench
from bench.library.results import Section
from bench.stored.aws_pair import ARN, Call
from bench.stored.worlds import compare
from emulator.paths import CONTROL_PATH

PART = "control-reads"
KIND = "dataset-group"


def run(bench: Bench) -> Section:
    """Compare the calls."""
    timed = list(calls())
    rounds = partial(bench.rounds, bench.options.samples, 1 / len(timed))
    table = compare("Call of the control API", timed, bench.worlds, rounds)
    method = "As above, for calls of the control API that name one resource or none."
    return Section(PART, method, [table])


def calls() -> Iterator[tuple[str, Call]]:
    """Yield every timed call, with its name."""
    yield "GET resources, provider, kind, id", lambda n: _get("resources", provider="personalize", kind=KIND, id=_group(n))  # fmt: skip
    yield "GET resources, a kind without any", lambda n: _get("resources", kind="event-tracker")  # fmt: skip
    yield "GET resources, id", lambda n: _get("resources", id=_group(n))
    yield "PUT resources, state of one", lambda n: _send("PUT", f"resources/personalize/{KIND}/{quote(_group(n))}/state", {"state": "ACTIVE"})  # fmt: skip
    yield "GET quotas", lambda n: _get("quotas")
    yield "PATCH quotas", lambda n: _send("PATCH", "quotas", {"personalize": {"schemas": 10**9 + n}})  # fmt: skip
    yield "POST wait, one look at one", lambda n: _send("POST", "wait", {"until": {"resource": {"provider": "personalize", "kind": KIND, "id": _group(n)}, "state": "ready"}})  # fmt: skip
    yield "POST clock/advance, until settled", lambda n: _send("POST", "clock/advance", {"until": "settled"})  # fmt: skip


def _group(number: int) -> str:
    return f"{ARN}dataset-group/x{number}"


def _get(call: str, **query: str) -> EnvironBuilder:
    return EnvironBuilder(f"{CONTROL_PATH}/{call}", query_string=urlencode(query))


def _send(method: str, call: str, document: object) -> EnvironBuilder:
    return EnvironBuilder(
        f"{CONTROL_PATH}/{call}",
        method=method,
        data=json.dumps(document),
        content_type="application/json",
    )
