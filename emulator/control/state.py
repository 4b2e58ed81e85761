"""Calls about the state of a whole world."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler
from emulator.core.contract.model import Document
from emulator.core.errors.failures import Refused
from emulator.core.worlds.state_document import StateError, UnsupportedVersion


def state(context: ControlContext, _: Document) -> object:
    """Return the state document of the world."""
    return context.world.snapshot()


def put_state(context: ControlContext, params: Document) -> object:
    """Replace the state of the world; an invalid document changes nothing."""
    try:
        context.world.restore(params)
    except StateError as error:
        subject = (
            "unsupported-version" if isinstance(error, UnsupportedVersion) else "invalid-state"
        )
        raise Refused(subject, pointer=error.pointer, fault=error.fault) from None
    return {"status": "ok"}


HANDLERS: Mapping[str, Handler] = {"GetState": state, "PutState": put_state}
