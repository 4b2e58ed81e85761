"""Commanding limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from emulator.control.context import Desk, Handler
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound
from emulator.core.worlds.resource_states import Seen


def quotas(desk: Desk, _: Document) -> object:
    """Show the limits in force and what is used of them, with their evidence."""
    every = desk.world.survey()
    return {name: _shown(desk, name, every) for name in desk.contracts}


def patch_quotas(desk: Desk, wish: Document) -> object:
    """Set limits of this world; the ones not named stay."""
    for provider, limits in wish.items():
        for quota in limits.keys() - desk.contracts[desk.known(provider)].quotas.keys():
            raise NotFound("quota", id=f"{provider}.{quota}")
    for provider, limits in wish.items():
        desk.world.limits[provider].update(limits)
    return quotas(desk, wish)


def _shown(desk: Desk, provider: str, every: Iterable[Seen]) -> Document:
    own = [seen for seen in every if seen.row["provider"] == provider]
    set_here = desk.world.limits[provider]
    return {
        name: {
            "limit": set_here.get(name, quota["limit"]),
            "used": _used(quota.get("counts"), own),
            "evidence": quota["evidence"],
        }
        for name, quota in desk.contracts[provider].quotas.items()
    }


def _used(counts: Document | None, own: Iterable[Seen]) -> int | None:
    """Count the resources a quota is of, where there are most; None if it is of none."""
    if counts is None:
        return None
    found = Counter(
        (seen.row["scope"], seen.row["parent"] if "perParent" in counts else None)
        for seen in own
        if seen.row["kind"] == counts["kind"] and not ("unsettled" in counts and seen.is_settled)
    )
    return max(found.values(), default=0)


HANDLERS: Mapping[str, Handler] = {"GetQuotas": quotas, "PatchQuotas": patch_quotas}
