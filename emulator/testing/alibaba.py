"""Clients of the Alibaba Cloud SDK for Python."""

from __future__ import annotations

from typing import Any

from alibabacloud_aiworkspace20210204.client import Client  # type: ignore[import-untyped]
from alibabacloud_tea_openapi.utils_models import Config  # type: ignore[import-untyped]


def pai(url: str) -> Any:
    """Make a client of PAI AIWorkSpace; its endpoint is an address that may have a path."""
    scheme, _, endpoint = url.partition("://")
    return Client(
        Config(
            access_key_id="emulator",
            access_key_secret="emulator",  # noqa: S106 - the pair that --auth verify knows
            region_id="cn-hangzhou",
            endpoint=endpoint,
            protocol=scheme,
        )
    )
