"""How the emulator is: health, what it has, its worlds, starting over."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler
from emulator.core.contract.model import Document, Operation
from emulator.core.errors.failures import NotFound
from emulator.version import __version__


def health(context: ControlContext, _: Document) -> object:
    """Tell that the emulator answers; it does so only once its seeds are in."""
    providers = dict.fromkeys(context.contracts, "available")
    return {"status": "ok", "version": __version__, "providers": providers}


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
    """Go back to the seeds, for every provider or for one."""
    chosen = context.selected_providers(params)
    context.world.reset(params.get("provider"))
    return {"status": "ok", "providers": chosen}


def worlds(context: ControlContext, _: Document) -> object:
    """List the worlds there are."""
    return {"worlds": [{"name": world.name} for world in context.worlds.all()]}


def drop_world(context: ControlContext, params: Document) -> object:
    """Forget a world; the default one starts over."""
    if not context.worlds.drop(params["name"]):
        raise NotFound("world", id=params["name"])
    return {"status": "ok"}


def describe_operation(provider: str, operation: Operation) -> Document:
    """Tell what is known of an operation, as `GET operations` and the command line print it."""
    return {
        "provider": provider,
        "operation": operation.name,
        "method": operation.method,
        "path": operation.path,
        "target": operation.target,
        "emulated": operation.emulated,
        "status": operation.status,
        "errors": list(operation.errors),
        "evidence": operation.evidence,
        "documentation": operation.documentation,
    }


HANDLERS: Mapping[str, Handler] = {
    "GetPlainHealth": health,
    "HeadPlainHealth": health,
    "GetHealth": health,
    "HeadHealth": health,
    "GetReady": health,
    "ListOperations": operations,
    "Reset": reset,
    "ListWorlds": worlds,
    "DropWorld": drop_world,
}
