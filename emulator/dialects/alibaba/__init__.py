"""Alibaba Cloud's dialect: the ROA protocol in JSON, ACS3 signatures."""

from emulator.dialects.alibaba.acs import Acs
from emulator.dialects.alibaba.formats import FORMATS
from emulator.dialects.alibaba.roa_json import RoaJson

__all__ = ["FORMATS", "Acs", "RoaJson"]
