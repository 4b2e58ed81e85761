"""Every protocol by the name service.json calls it."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.protocols.aws_json import AwsJson
from emulator.core.protocols.fastapi import FastApi
from emulator.core.protocols.fastapi_pydantic1 import FastApiPydantic1
from emulator.core.protocols.gateway_json import GatewayJson
from emulator.core.protocols.plain_json import PlainJson
from emulator.core.protocols.protocol import Protocol
from emulator.core.protocols.rest_json import RestJson
from emulator.core.protocols.roa_json import RoaJson
from emulator.core.violations import Format

PROTOCOLS: Mapping[str, type[Protocol]] = {
    "aws_json": AwsJson,
    "fastapi": FastApi,
    "fastapi_pydantic1": FastApiPydantic1,
    "gateway_json": GatewayJson,
    "plain_json": PlainJson,
    "rest_json": RestJson,
    "roa_json": RoaJson,
}


def formats_of(protocol: str) -> Mapping[str, Format]:
    """Give the formats a protocol asserts; raises `KeyError` for an unknown protocol."""
    return PROTOCOLS[protocol].formats
