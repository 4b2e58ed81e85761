"""Calls about health, operations, worlds and reset."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler, unknown
from emulator.core.contract.model import Document, Operation
from emulator.core.errors.failures import Refused
from emulator.version import __version__

log = logging.getLogger(__name__)


def health(context: ControlContext, _: Document) -> object:
    """Return the health of the emulator, which answers only when its seeds are loaded."""
    providers = dict.fromkeys(context.contracts, "available")
    return {"status": "ok", "version": __version__, "providers": providers}


def ready(context: ControlContext, params: Document) -> object:
    """Return the health of an emulator whose database can be used; raises `Refused`."""
    try:
        context.world.check()
    except Exception:
        log.exception("the database cannot be used")
        raise Refused("not-ready") from None
    return health(context, params)


def operations(context: ControlContext, params: Document) -> object:
    """List the operations of every provider, or of one."""
    return {
        "operations": [
            describe_operation(name, operation)
            for name in context.selected_providers(params)
            for operation in context.contracts[name].operations.values()
        ]
    }


def reset(context: ControlContext, params: Document) -> object:
    """Return to the seeds, for every provider or for one."""
    chosen = context.selected_providers(params)
    context.world.reset(params.get("provider"))
    return {"status": "ok", "providers": chosen}


def worlds(context: ControlContext, _: Document) -> object:
    """List the worlds."""
    return {"worlds": [{"name": world.name} for world in context.worlds.all()]}


def drop_world(context: ControlContext, params: Document) -> object:
    """Delete a world, or reset the default one."""
    if not context.worlds.drop(params["name"]):
        raise unknown("world", params["name"], (world.name for world in context.worlds.all()))
    return {"status": "ok"}


def describe_operation(provider: str, operation: Operation) -> Document:
    """Describe an operation as `GET operations` and the command line print it."""
    return {
        "provider": provider,
        "operation": operation.name,
        "method": operation.method,
        "path": operation.path,
        "target": operation.target,
        "emulated": operation.emulated,
        "status": operation.status,
        "errors": list(operation.errors),
        "error_evidence": dict(operation.error_evidence),
        "evidence": operation.evidence,
        "documentation": operation.documentation,
    }


HANDLERS: Mapping[str, Handler] = {
    "GetPlainHealth": health,
    "HeadPlainHealth": health,
    "GetHealth": health,
    "HeadHealth": health,
    "GetPlainReady": ready,
    "HeadPlainReady": ready,
    "GetReady": ready,
    "HeadReady": ready,
    "ListOperations": operations,
    "Reset": reset,
    "ListWorlds": worlds,
    "DropWorld": drop_world,
}
