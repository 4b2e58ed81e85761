"""Commanding the clock."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import Desk, Handler, micros
from emulator.core.contract.model import Document
from emulator.core.errors.failures import Refused
from emulator.core.primitives.clock import SECOND, ClockError, to_iso


def clock(desk: Desk, _: Document) -> object:
    """Show the clock."""
    told = desk.world.clock
    return {"mode": told.mode, "now": to_iso(told.now()), "speed": desk.world.speed}


def put_clock(desk: Desk, wish: Document) -> object:
    """Freeze, release or set the clock; change the speed of lifecycles begun from now on."""
    now = wish.get("now")
    try:
        desk.world.clock.set(mode=wish.get("mode"), now=None if now is None else micros(now))
    except ClockError as error:
        raise Refused("invalid-time", reason=str(error)) from None
    desk.world.speed = wish.get("speed", desk.world.speed)
    return clock(desk, wish)


def advance_clock(desk: Desk, wish: Document) -> object:
    """Move the clock on by seconds, or until no state is left that would change."""
    told = desk.world.clock
    try:
        if "seconds" in wish:
            told.advance(int(wish["seconds"] * SECOND))
        else:
            told.reach(desk.world.settles_at())
    except ClockError as error:
        raise Refused("invalid-time", reason=str(error)) from None
    return clock(desk, wish)


HANDLERS: Mapping[str, Handler] = {
    "GetClock": clock,
    "PutClock": put_clock,
    "AdvanceClock": advance_clock,
}
