"""Looking at resources in one form for all providers, and moving them from state to state."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import LONGEST, Desk, Handler, said, shown_time
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound, Refused
from emulator.core.worlds.resource_states import Ambiguous, NoSuchState, One, Seen, Wish, id_of


def resources(desk: Desk, wish: Document) -> object:
    """List the resources that fit every filter given, oldest first within each scope."""
    desk.meant_resources(wish)
    return {"resources": [shown(seen) for seen in desk.world.survey() if fits(seen, wish)]}


def put_state(desk: Desk, wish: Document) -> object:
    """Let a resource be in a state from now on."""
    seconds = min(wish["seconds"], LONGEST) if "seconds" in wish else None
    wanted = Wish(state=wish["state"], seconds=seconds, reason=said(wish, "reason"))
    try:
        seen = desk.world.jump(_one(desk, wish), wanted)
    except NoSuchState as states:
        raise Refused("no-such-state", state=wish["state"], states=str(states)) from None
    except Ambiguous as scopes:
        raise Refused("ambiguous", id=wish["id"], scopes=str(scopes)) from None
    if seen is None:
        raise NotFound("resource", id=wish["id"])
    return shown(seen)


def _one(desk: Desk, wish: Document) -> One:
    scope = wish.get("scope")
    return One(
        provider=desk.known(wish["provider"]),
        kind=wish["kind"],
        id=wish["id"],
        scope=scope and f"{scope['account']}/{scope['region']}",
    )


def lifecycles(desk: Desk, _: Document) -> object:
    """Show how lifecycles go that begin from now on."""
    return {"default": desk.world.lifecycle, "providers": desk.world.lifecycles}


def put_lifecycles(desk: Desk, wish: Document) -> object:
    """Set how lifecycles go that begin from now on: for the world, a provider or a kind."""
    for provider, modes in wish.get("providers", {}).items():
        known = {"*", *desk.contracts[desk.known(provider)].lifecycles}
        for kind in modes.keys() - known:
            raise NotFound("kind", id=f"{provider}.{kind}")
    if "default" in wish:
        desk.world.lifecycle = wish["default"]
    for provider, modes in wish.get("providers", {}).items():
        set_here = {**desk.world.lifecycles.get(provider, {}), **modes}
        desk.world.lifecycles[provider] = {k: mode for k, mode in set_here.items() if mode}
    return lifecycles(desk, wish)


def fits(seen: Seen, wish: Document) -> bool:
    """Tell whether a resource is what filters ask for; `state` is native or normal."""
    asked = {name: wish[name] for name in ("provider", "kind", "id", "name") if name in wish}
    document = shown(seen)
    state = wish.get("state", document["state"])
    return all(document[name] == value for name, value in asked.items()) and (
        state in (document["state"], document["means"])
    )


def shown(seen: Seen) -> dict[str, object]:
    """Give a resource in the normal form."""
    account, _, region = seen.row["scope"].partition("/")
    return {
        "provider": seen.row["provider"],
        "scope": {"account": account, "region": region},
        "kind": seen.row["kind"],
        "id": id_of(seen),
        "name": seen.name,
        "state": seen.state.name or None,
        "means": seen.state.means,
        "next_transition_at": shown_time(seen.next_at),
    }


HANDLERS: Mapping[str, Handler] = {
    "ListResources": resources,
    "PutResourceState": put_state,
    "GetLifecycles": lifecycles,
    "PutLifecycles": put_lifecycles,
}
