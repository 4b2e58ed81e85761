"""Commanding limits."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.desk import Desk, Document, Handler
from emulator.core.failures import NotFound


def quotas(desk: Desk, _: Document) -> object:
    """Show the limits in force."""
    return {name: _limits(desk, name) for name in desk.contracts}


def patch_quotas(desk: Desk, wish: Document) -> object:
    """Set limits of this world; the ones not named stay."""
    for provider, limits in wish.items():
        for quota in limits:
            if quota not in _limits(desk, desk.known(provider)):
                raise NotFound("quota", id=f"{provider}.{quota}")
    for provider, limits in wish.items():
        desk.world.limits[provider].update(limits)
    return quotas(desk, wish)


def _limits(desk: Desk, provider: str) -> dict[str, int | None]:
    documented = desk.contracts[provider].quotas
    return {
        **{name: quota["limit"] for name, quota in documented.items()},
        **desk.world.limits[provider],
    }


HANDLERS: Mapping[str, Handler] = {"GetQuotas": quotas, "PatchQuotas": patch_quotas}
