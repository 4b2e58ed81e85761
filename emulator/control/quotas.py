"""Calls about quotas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from emulator.control.context import ControlContext, Handler
from emulator.core.contract.model import Document
from emulator.core.errors.failures import NotFound
from emulator.core.worlds.resource_states import ResourceView


def quotas(context: ControlContext, _: Document) -> object:
    """Return the limits in force, their use and their evidence."""
    every = context.world.resource_views()
    return {name: _shown(context, name, every) for name in context.contracts}


def patch_quotas(context: ControlContext, params: Document) -> object:
    """Set limits of this world; those not named do not change."""
    for provider, limits in params.items():
        for quota in (
            limits.keys() - context.contracts[context.require_provider(provider)].quotas.keys()
        ):
            raise NotFound("quota", id=f"{provider}.{quota}")
    for provider, limits in params.items():
        context.world.settings.set_limits(provider, limits)
    return quotas(context, params)


def _shown(context: ControlContext, provider: str, every: Iterable[ResourceView]) -> Document:
    own = [seen for seen in every if seen.row["provider"] == provider]
    set_here = context.world.settings.limits(provider)
    return {
        name: {
            "limit": set_here.get(name, quota["limit"]),
            "used": _used(quota.get("counts"), own),
            "evidence": quota["evidence"],
        }
        for name, quota in context.contracts[provider].quotas.items()
    }


def _used(counts: Document | None, own: Iterable[ResourceView]) -> int | None:
    """Count the resources that a quota limits, where there are most; None if it limits none."""
    if counts is None:
        return None
    found = Counter(
        (seen.row["scope"], seen.row["parent"] if "perParent" in counts else None)
        for seen in own
        if seen.row["kind"] == counts["kind"] and not ("unsettled" in counts and seen.is_settled)
    )
    return max(found.values(), default=0)


HANDLERS: Mapping[str, Handler] = {"GetQuotas": quotas, "PatchQuotas": patch_quotas}
