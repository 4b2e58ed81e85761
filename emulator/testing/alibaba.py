"""Clients of the Alibaba Cloud SDK for Python."""

from __future__ import annotations

from typing import Any

from alibabacloud_aiworkspace20210204.client import Client
from alibabacloud_tea_openapi.utils_models import Config


def pai(url: str, **options: Any) -> Any:
    """Make a client of PAI AIWorkSpace, whose endpoint may have a path; options are of `Config`."""
    scheme, _, endpoint = url.partition("://")
    usual = {
        "access_key_id": "emulator",
        "access_key_secret": "emulator",  # the pair that --auth verify knows
        "region_id": "cn-hangzhou",
        "endpoint": endpoint,
        "protocol": scheme,
    }
    return Client(Config(**{**usual, **options}))
