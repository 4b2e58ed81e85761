"""Calls about resources, in one form for all providers, and their lifecycles."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import LONGEST, ControlContext, Handler, shown_time, storable_text
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.worlds.resource_states import (
    Ambiguous,
    NoSuchState,
    ResourceRef,
    ResourceView,
    StateChange,
    id_of,
)


def resources(context: ControlContext, params: Document) -> object:
    """List the resources that pass every filter, oldest first within each scope."""
    context.check_resource_filter(params)
    return {
        "resources": [
            shown(view) for view in context.world.resource_views() if passes(view, params)
        ]
    }


def put_state(context: ControlContext, params: Document) -> object:
    """Put a resource in a state."""
    seconds = min(params["seconds"], LONGEST) if "seconds" in params else None
    wanted = StateChange(
        state=params["state"], seconds=seconds, reason=storable_text(params, "reason")
    )
    try:
        view = context.world.set_state(_reference(context, params), wanted)
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
            raise NotFound("kind", id=f"{provider}.{kind}")
    if "default" in params:
        context.world.settings.lifecycle = params["default"]
    for provider, modes in params.get("providers", {}).items():
        context.world.settings.set_modes(provider, modes)
    return lifecycles(context, params)


def passes(view: ResourceView, params: Document) -> bool:
    """Return whether a resource passes filters; `state` is the vendor's word or a phase."""
    wanted = {name: params[name] for name in ("provider", "kind", "id", "name") if name in params}
    document = shown(view)
    state = params.get("state", document["state"])
    return all(document[name] == value for name, value in wanted.items()) and (
        state in (document["state"], document["phase"])
    )


def shown(view: ResourceView) -> dict[str, object]:
    """Return a resource in the form of all providers."""
    account, _, region = view.row["scope"].partition("/")
    return {
        "provider": view.row["provider"],
        "scope": {"account": account, "region": region},
        "kind": view.row["kind"],
        "id": id_of(view),
        "name": view.name,
        "state": view.state.name or None,
        "phase": view.state.phase,
        "next_transition_at": shown_time(view.next_at),
    }


HANDLERS: Mapping[str, Handler] = {
    "ListResources": resources,
    "PutResourceState": put_state,
    "GetLifecycles": lifecycles,
    "PutLifecycles": put_lifecycles,
}
