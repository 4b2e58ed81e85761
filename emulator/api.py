"""What providers may import: the surface under which core can move freely.

Re-exports only. A provider in a distribution of its own imports from here and from its dialect.
"""

from emulator.core.contract.model import Document
from emulator.core.errors.failures import (
    BadToken,
    InUse,
    Invalid,
    NotFound,
    NotReady,
    QuotaExceeded,
    Refused,
)
from emulator.core.http.exchange import Request, Scope
from emulator.core.http.plain_json import PlainJson
from emulator.core.pipeline.call import Call, Check
from emulator.core.pipeline.plans import Params
from emulator.core.pipeline.provider import Handler, LayerChoice, Provider
from emulator.core.pipeline.references import references
from emulator.core.pipeline.verbs import create, delete, enter, list_, named, update
from emulator.core.primitives import clock, json_text
from emulator.core.primitives.clock import SECOND
from emulator.core.primitives.regex import whole_match
from emulator.core.primitives.templates import fill
from emulator.core.storage.filters import AnyOf, Contains, Filter, IndexKeys
from emulator.core.storage.query import Page, Query
from emulator.core.storage.resource import Resource

__all__ = [
    "SECOND",
    "AnyOf",
    "BadToken",
    "Call",
    "Check",
    "Contains",
    "Document",
    "Filter",
    "Handler",
    "InUse",
    "IndexKeys",
    "Invalid",
    "LayerChoice",
    "NotFound",
    "NotReady",
    "Page",
    "Params",
    "PlainJson",
    "Provider",
    "Query",
    "QuotaExceeded",
    "Refused",
    "Request",
    "Resource",
    "Scope",
    "clock",
    "create",
    "delete",
    "enter",
    "fill",
    "json_text",
    "list_",
    "named",
    "references",
    "update",
    "whole_match",
]
