"""The region in a vendor's host name, if its pattern has a group for it."""

from __future__ import annotations

import re
from functools import cache

from emulator.core.http.exchange import Exchange


def region_of_host(exchange: Exchange) -> str | None:
    """Return the region in the host name of a request, or None."""
    host = exchange.request.header("Host").partition(":")[0]
    found = (_compiled(pattern).fullmatch(host) for pattern in exchange.contract.service["hosts"])
    return next((match.groupdict().get("region") for match in found if match), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
