"""NAVER Cloud's dialect: the JSON of its API gateway, NCP signatures version 2."""

from emulator.dialects.naver.formats import FORMATS
from emulator.dialects.naver.gateway_json import GatewayJson
from emulator.dialects.naver.ncp import Ncp

__all__ = ["FORMATS", "GatewayJson", "Ncp"]
