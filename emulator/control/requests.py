"""Calls about the journal: list, verify, wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from emulator.control.context import ControlContext, Handler, micros
from emulator.control.resources import passes, selection, shown
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound, Refused, Timeout
from emulator.core.primitives.changes import Awaited
from emulator.core.primitives.clock import to_iso
from emulator.core.worlds.journal_entry import Entry
from emulator.core.worlds.match import Match
from emulator.core.worlds.resource_states import ResourceView

_PATIENCE = 30
"""Default timeout of `wait`, in seconds."""

_MOST_SEEN = 10
"""Requests or resources in the response to a `wait` that timed out, at most."""


def requests(context: ControlContext, params: Document) -> object:
    """List the requests that pass every filter, oldest first."""
    since = params.get("since")
    after = micros(since) if since and not since.isdecimal() else None
    fitting = _matching(context, params)
    if since and after is None:
        fitting = [entry for entry in fitting if int(entry.id) > int(since)]
    elif after is not None:
        fitting = [entry for entry in fitting if entry.at >= after]
    return {"requests": [summary(entry) for entry in fitting]}


def request(context: ControlContext, params: Document) -> object:
    """Return one request and its response."""
    for entry in context.world.journal:
        if entry.id == params["id"]:
            sides = {"request": asdict(entry.request), "response": asdict(entry.response)}
            return {**summary(entry), **sides}
    raise NotFound("request", id=params["id"])


def clear_requests(context: ControlContext, _: Document) -> object:
    """Clear the journal."""
    context.world.journal.clear()
    return {"status": "ok"}


def verify(context: ControlContext, params: Document) -> object:
    """Check how many requests match; raises `Refused` with those that do."""
    seen = [summary(entry) for entry in _matching(context, params["match"])]
    if len(seen) != params["count"]:
        raise Refused("not-verified", count=len(seen), wanted=params["count"], seen=seen)
    return {"status": "ok", "count": len(seen)}


def wait(context: ControlContext, params: Document) -> object:
    """Wait for the state of a resource or for requests; raises `Timeout` until it holds."""
    until, seconds = params["until"], params.get("timeout", _PATIENCE)
    if "requests" in until:
        _look_at_requests(context, until, seconds)
    else:
        _look_at_resources(context, until, seconds)
    return {"status": "ok"}


def _look_at_requests(context: ControlContext, until: Document, seconds: float) -> None:
    """Look for requests; raises `Timeout`, to look again after the next one."""
    changes = context.world.journal.changes
    awaited = Awaited(changes, changes.count)
    matching = _matching(context, until.get("match", {}))
    if len(matching) < until["requests"]:
        raise Timeout(seconds, awaited, seen=[summary(entry) for entry in matching[:_MOST_SEEN]])


def _look_at_resources(context: ControlContext, until: Document, seconds: float) -> None:
    """Look for a state; raises `Timeout`, to look again after a change or the next transition."""
    wanted = {**until["resource"], "state": until["state"]}
    context.check_resource_filter(wanted)
    world, count = context.world, context.world.changes.count
    named = _named(context, until["resource"])
    if not any(passes(view, wanted) for view in named):
        due = min((view.next_at for view in named if view.next_at is not None), default=None)
        later = None if due is None else world.clock.seconds_until(due)
        seen = [shown(view) for view in named[:_MOST_SEEN]]
        raise Timeout(seconds, Awaited(world.changes, count, later), seen=seen)


def _named(context: ControlContext, params: Document) -> list[ResourceView]:
    """List the resources that pass filters."""
    return context.world.resources.views(selection(params), lambda view: passes(view, params))


def _matching(context: ControlContext, params: Document) -> list[Entry]:
    """List the journalled requests that meet the conditions; raises `NotFound`."""
    context.matching_operations(params)
    match = Match.read(params)
    return [entry for entry in context.world.journal if match.fits(entry)]


def summary(entry: Entry) -> dict[str, object]:
    """Return the entry of a request in lists."""
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
        "warnings": entry.warnings,
        "duration_ms": entry.duration_ms,
    }


HANDLERS: Mapping[str, Handler] = {
    "ListRequests": requests,
    "GetRequest": request,
    "ClearRequests": clear_requests,
    "Verify": verify,
    "Wait": wait,
}
