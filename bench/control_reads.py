"""Whether reading the control API grows with what is stored: on the worlds of `growth`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

from werkzeug.test import EnvironBuilder

from bench import growth
from bench.aws_pair import ARN, Call
from emulator.paths import CONTROL_PATH

KIND = "dataset-group"


def report(worlds: growth.Worlds, samples: int) -> None:
    """Print the medians on both sides, and their ratio."""
    growth.compare("Call of the control API", calls(), worlds, samples)


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
