"""Reading the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import islice

from emulator.control.context import Desk, Handler, micros
from emulator.control.resources import fits as is_meant
from emulator.control.resources import shown
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound, Refused, Timeout
from emulator.core.primitives import json_text
from emulator.core.primitives.clock import to_iso
from emulator.core.worlds.faults import found
from emulator.core.worlds.journal import Entry

_PATIENCE = 30
"""Seconds that are waited where nobody says for how long."""

_MOST_SEEN = 10
"""Requests or resources that are shown where what was waited for did not come."""


def requests(desk: Desk, wish: Document) -> object:
    """List the requests that fit every filter given, oldest first."""
    desk.meant(wish)
    since = wish.get("since")
    after = micros(since) if since and not since.isdecimal() else None
    fitting = [entry for entry in desk.world.journal if fits(entry, wish)]
    if since and after is None:
        fitting = [entry for entry in fitting if int(entry.id) > int(since)]
    elif after is not None:
        fitting = [entry for entry in fitting if entry.at >= after]
    return {"requests": [summary(entry) for entry in fitting]}


def request(desk: Desk, wish: Document) -> object:
    """Show one request and its answer."""
    for entry in desk.world.journal:
        if entry.id == wish["id"]:
            sides = {"request": asdict(entry.request), "response": asdict(entry.response)}
            return {**summary(entry), **sides}
    raise NotFound("request", id=wish["id"])


def clear_requests(desk: Desk, _: Document) -> object:
    """Forget the journal."""
    desk.world.journal.clear()
    return {"status": "ok"}


def verify(desk: Desk, wish: Document) -> object:
    """Check how many requests fit; raises `Refused` with those that do."""
    desk.meant(wish["match"])
    seen = [summary(entry) for entry in desk.world.journal if fits(entry, wish["match"])]
    if len(seen) != wish["count"]:
        raise Refused("not-verified", count=len(seen), wanted=wish["count"], seen=seen)
    return {"status": "ok", "count": len(seen)}


def wait(desk: Desk, wish: Document) -> object:
    """Answer when a resource is in a state, or when so many requests have come."""
    until = wish["until"]
    if "requests" in until:
        desk.meant(until.get("match", {}))
        came = [entry for entry in desk.world.journal if fits(entry, until.get("match", {}))]
        held, there = len(came) >= until["requests"], map(summary, came)
    else:
        asked = {**until["resource"], "state": until["state"]}
        desk.meant_resources(asked)
        named = [seen for seen in desk.world.survey() if is_meant(seen, until["resource"])]
        held, there = any(is_meant(seen, asked) for seen in named), map(shown, named)
    if not held:
        raise Timeout(wish.get("timeout", _PATIENCE), seen=list(islice(there, _MOST_SEEN)))
    return {"status": "ok"}


def fits(entry: Entry, wish: Document) -> bool:
    """Tell whether a request is by a provider, of an operation and of a status, if any is named.

    So it is for `fields` of its body: JSON Pointers, or names of members, and their values.
    """
    return (
        wish.get("provider", entry.provider) == entry.provider
        and wish.get("operation", entry.operation) == entry.operation
        and wish.get("status", entry.status) == entry.status
        and _has(entry, wish.get("fields", {}))
    )


def _has(entry: Entry, fields: Document) -> bool:
    try:
        body = json_text.read(entry.request.body) if fields else None
    except json_text.NotJson:
        return False
    return all(found(body, path) == value for path, value in fields.items())


def summary(entry: Entry) -> dict[str, object]:
    """Give what a list says of a request."""
    return {
        "id": entry.id,
        "at": to_iso(entry.at),
        "provider": entry.provider,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "status": entry.status,
        "explain": entry.explain,
    }


HANDLERS: Mapping[str, Handler] = {
    "ListRequests": requests,
    "GetRequest": request,
    "ClearRequests": clear_requests,
    "Verify": verify,
    "Wait": wait,
}
