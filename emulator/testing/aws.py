"""Clients of the AWS SDK for Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import UnknownServiceError


def personalize(url: str, **options: Any) -> Any:
    """Make a client of Amazon Personalize; the options are those of `boto3.client`."""
    return _client("personalize", url, options)


def lookoutvision(url: str, **options: Any) -> Any:
    """Make a client of Amazon Lookout for Vision; raises `ImportError` where boto3 forgot it."""
    try:
        return _client("lookoutvision", url, options)
    except UnknownServiceError:
        raise ImportError(
            f"botocore {botocore.__version__} does not know lookoutvision any more:"
            " pip install 'boto3<1.40.61' 'botocore<1.40.61'"
        ) from None


def _client(service: str, url: str, options: Mapping[str, Any]) -> Any:
    usual = {
        "endpoint_url": url,
        "region_name": "us-east-1",
        "aws_access_key_id": "emulator",
        "aws_secret_access_key": "emulator",  # the pair that --auth verify knows
    }
    config = Config(proxies={}).merge(options.get("config") or Config())
    return boto3.client(service, **{**usual, **options, "config": config})
