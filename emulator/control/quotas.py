"""Calls about quotas."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler, unknown
from emulator.core.contract.model import Document


def quotas(context: ControlContext, _: Document) -> object:
    """Return the limits in force, their use and their evidence."""
    return {name: _shown(context, name) for name in context.contracts}


def patch_quotas(context: ControlContext, params: Document) -> object:
    """Set limits of this world; those not named do not change."""
    for provider, limits in params.items():
        known = context.contracts[context.require_provider(provider)].quotas
        for quota in limits.keys() - known.keys():
            raise unknown("quota", quota, known, of=f"{provider}.")
    for provider, limits in params.items():
        context.world.settings.set_limits(provider, limits)
    return quotas(context, params)


def _shown(context: ControlContext, provider: str) -> Document:
    set_here = context.world.settings.limits(provider)
    used = context.world.resources.used(provider)
    return {
        name: {
            "limit": set_here.get(name, quota["limit"]),
            "used": used.get(name),
            "evidence": quota["evidence"],
        }
        for name, quota in context.contracts[provider].quotas.items()
    }


HANDLERS: Mapping[str, Handler] = {"GetQuotas": quotas, "PatchQuotas": patch_quotas}
