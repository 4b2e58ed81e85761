"""Calls about contracts: their files, and OpenAPI documents made from them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from emulator.control.context import ControlContext, Handler
from emulator.control.openapi import Source, document_of
from emulator.core.contract.location import CONTROL
from emulator.core.contract.model import Document


def openapi(context: ControlContext, params: Document) -> object:
    """Return the OpenAPI 3.1 document of a provider or of the control API."""
    return _document(context, params["provider"])


def control_openapi(context: ControlContext, _: Document) -> object:
    """Return the OpenAPI 3.1 document of the control API."""
    return _document(context, CONTROL)


def _document(context: ControlContext, provider: str) -> Document:
    files, world = context.contract_files, context.world
    contract = files.contract(provider)
    prefix = "" if world is context.worlds.default else f"/w/{world.name}"
    return document_of(
        Source(
            contract=contract,
            dialect=files.dialect(provider),
            read=partial(files.read, provider),
            server=prefix + ("/" if provider == CONTROL else f"/{provider}"),
            world=world,
        )
    )


def schema(context: ControlContext, params: Document) -> object:
    """Return a file of a contract."""
    return context.contract_files.file(params["provider"], params["file"])


HANDLERS: Mapping[str, Handler] = {
    "GetOpenApi": openapi,
    "GetControlOpenApi": control_openapi,
    "GetSchema": schema,
}
