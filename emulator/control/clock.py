"""Calls about the clock."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler, micros
from emulator.core.contract.model import Document
from emulator.core.errors.failures import Refused
from emulator.core.primitives.clock import SECOND, ClockError, to_iso


def clock(context: ControlContext, _: Document) -> object:
    """Return the mode, time and speed of the clock."""
    clock, settings = context.world.clock, context.world.settings
    return {"mode": clock.mode, "now": to_iso(clock.now()), "speed": settings.speed}


def put_clock(context: ControlContext, params: Document) -> object:
    """Freeze, run or set the clock; change the speed of lifecycles that begin from now on."""
    now = params.get("now")
    try:
        context.world.clock.set(mode=params.get("mode"), now=None if now is None else micros(now))
    except ClockError as error:
        raise Refused("invalid-time", reason=str(error)) from None
    if "speed" in params:
        context.world.settings.speed = params["speed"]
    return clock(context, params)


def advance_clock(context: ControlContext, params: Document) -> object:
    """Move the clock forward by seconds, or until no resource would change its state."""
    world = context.world
    try:
        if "seconds" in params:
            world.clock.advance(int(params["seconds"] * SECOND))
        else:
            world.clock.reach(world.resources.settles_at())
    except ClockError as error:
        raise Refused("invalid-time", reason=str(error)) from None
    return clock(context, params)


HANDLERS: Mapping[str, Handler] = {
    "GetClock": clock,
    "PutClock": put_clock,
    "AdvanceClock": advance_clock,
}
