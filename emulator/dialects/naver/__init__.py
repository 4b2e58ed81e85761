"""NAVER Cloud's dialect: the JSON of its API gateway, NCP signatures version 2."""

from emulator.dialects.naver.gateway_json import GatewayJson, local_time
from emulator.dialects.naver.ncp import Ncp

__all__ = ["GatewayJson", "Ncp", "local_time"]
