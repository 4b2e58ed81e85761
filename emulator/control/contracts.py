"""Calls about contracts: their files, and OpenAPI documents made from them."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler
from emulator.control.openapi import document_of
from emulator.core.contract.model import Document


def openapi(context: ControlContext, params: Document) -> object:
    """Return the OpenAPI 3.1 document of a provider or of the control API."""
    return document_of(context.contract_files.contract(params["provider"]))


def schema(context: ControlContext, params: Document) -> object:
    """Return a file of a contract."""
    return context.contract_files.file(params["provider"], params["file"])


HANDLERS: Mapping[str, Handler] = {"GetOpenApi": openapi, "GetSchema": schema}
