"""Calls about resources, in one form for all providers, and their lifecycles."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import (
    LONGEST,
    ControlContext,
    Handler,
    shown_time,
    storable_text,
    unknown,
)
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.storage.engine import Selection
from emulator.core.worlds.resource_states import (
    Ambiguous,
    NoSuchState,
    ResourceRef,
    ResourceView,
    StateChange,
)


def resources(context: ControlContext, params: Document) -> object:
    """List the resources that pass every filter, oldest first within each scope."""
    context.check_resource_filter(params)
    views = context.world.resources.views(selection(params), lambda view: passes(view, params))
    return {"resources": [shown(view) for view in views]}


def resource(context: ControlContext, params: Document) -> object:
    """Return one resource with its stored members, its states and the requests that name it."""
    context.require_provider(params["provider"])
    views = context.world.resources.views(selection(params), lambda view: _is_in(view, params))
    if not views:
        raise NotFound("resource", id=params["id"])
    if len(views) > 1:
        scopes = ", ".join(view.row.scope for view in views)
        raise Refused("ambiguous-id", id=params["id"], scopes=scopes)
    [view] = views
    return {
        **shown(view),
        "body": view.body,
        "states": [
            {"state": state.name or None, "phase": state.phase, "begins_at": shown_time(begins_at)}
            for state, begins_at in view.entry.course()
        ],
        "requests": [
            entry.id
            for entry in context.world.journal
            if entry.provider == view.row.provider and entry.names(view.row.id)
        ],
    }


def _is_in(view: ResourceView, params: Document) -> bool:
    """Return whether a resource is in the account and region that are given."""
    account, _, region = view.row.scope.partition("/")
    wanted = (params.get("account", account), params.get("region", region))
    return (account, region) == wanted


def put_state(context: ControlContext, params: Document) -> object:
    """Put a resource in a state."""
    seconds = min(params["seconds"], LONGEST) if "seconds" in params else None
    wanted = StateChange(
        state=params["state"], seconds=seconds, reason=storable_text(params, "reason")
    )
    try:
        view = context.world.resources.set_state(_reference(context, params), wanted)
    except NoSuchState as states:
        raise Refused("no-such-state", state=params["state"], states=str(states)) from None
    except Ambiguous as scopes:
        raise Refused("ambiguous", id=params["id"], scopes=str(scopes)) from None
    if view is None:
        raise NotFound("resource", id=params["id"])
    return shown(view)


def _reference(context: ControlContext, params: Document) -> ResourceRef:
    scope = params.get("scope")
    return ResourceRef(
        provider=context.require_provider(params["provider"]),
        kind=params["kind"],
        id=params["id"],
        scope=scope and f"{scope['account']}/{scope['region']}",
    )


def lifecycles(context: ControlContext, _: Document) -> object:
    """Return the modes of lifecycles that begin from now on."""
    settings = context.world.settings
    return {"default": settings.lifecycle, "providers": settings.modes}


def put_lifecycles(context: ControlContext, params: Document) -> object:
    """Set the mode of lifecycles that begin from now on, for the world, a provider or a kind."""
    for provider, modes in params.get("providers", {}).items():
        known = {"*", *context.contracts[context.require_provider(provider)].lifecycles}
        for kind in modes.keys() - known:
            raise unknown("kind", kind, known, of=f"{provider}.")
    if "default" in params:
        context.world.settings.lifecycle = params["default"]
    for provider, modes in params.get("providers", {}).items():
        context.world.settings.set_modes(provider, modes)
    return lifecycles(context, params)


def selection(params: Document) -> Selection:
    """Return what the store can select by, of filters; `passes` tests the others."""
    return Selection(
        **{name: params[name] for name in ("provider", "kind", "id") if name in params}
    )


def passes(view: ResourceView, params: Document) -> bool:
    """Return whether a resource passes filters; `state` is the vendor's word or a phase."""
    row, state = view.row, view.state
    return (
        params.get("provider", row.provider) == row.provider
        and params.get("kind", row.kind) == row.kind
        and params.get("id", row.id) == row.id
        and ("state" not in params or params["state"] in (state.name, state.phase))
        and ("name" not in params or params["name"] == view.name)
    )


def shown(view: ResourceView) -> dict[str, object]:
    """Return a resource in the form of all providers."""
    account, _, region = view.row.scope.partition("/")
    return {
        "provider": view.row.provider,
        "scope": {"account": account, "region": region},
        "kind": view.row.kind,
        "id": view.row.id,
        "name": view.name,
        "state": view.state.name or None,
        "phase": view.state.phase,
        "next_transition_at": shown_time(view.next_at),
    }


HANDLERS: Mapping[str, Handler] = {
    "ListResources": resources,
    "GetResource": resource,
    "PutResourceState": put_state,
    "GetLifecycles": lifecycles,
    "PutLifecycles": put_lifecycles,
}
