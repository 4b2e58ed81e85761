"""The contract as it is served: its files, and an OpenAPI document made of them."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import ControlContext, Handler
from emulator.control.openapi import document_of
from emulator.core.contract.model import Document


def openapi(context: ControlContext, params: Document) -> object:
    """Describe a provider, or the control API, as OpenAPI 3.1."""
    return document_of(context.contract_files.contract(params["provider"]))


def schema(context: ControlContext, params: Document) -> object:
    """Give a file of a contract."""
    return context.contract_files.file(params["provider"], params["file"])


HANDLERS: Mapping[str, Handler] = {"GetOpenApi": openapi, "GetSchema": schema}
