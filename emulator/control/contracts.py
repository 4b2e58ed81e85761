"""The contract as it is served: its files, and an OpenAPI document made of them."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.control.context import Desk, Handler
from emulator.control.openapi import document_of
from emulator.core.contract.model import Document


def openapi(desk: Desk, wish: Document) -> object:
    """Describe a provider, or the control API, as OpenAPI 3.1."""
    return document_of(desk.library.contract(wish["provider"]))


def schema(desk: Desk, wish: Document) -> object:
    """Give a file of a contract."""
    return desk.library.file(wish["provider"], wish["file"])


HANDLERS: Mapping[str, Handler] = {"GetOpenApi": openapi, "GetSchema": schema}
