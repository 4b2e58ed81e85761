"""The partitions of AWS, which ARNs name.

Source: botocore 1.40.55, data/partitions.json.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.core.http.exchange import Scope

_BY_PREFIX: Mapping[str, str] = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-iso-": "aws-iso",
    "us-isob-": "aws-iso-b",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "eusc-": "aws-eusc",
}
"""Beginnings of the names of regions; all other regions are in `aws`."""


def partition_of(scope: Scope) -> Mapping[str, str]:
    """Return the partition of a caller's region, as the fact `partition` of templates."""
    found = (name for start, name in _BY_PREFIX.items() if scope.region.startswith(start))
    return {"partition": next(found, "aws")}
