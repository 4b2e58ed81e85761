"""Ask for datasets with the vendor's client and a pair, and print what came back as JSON.

    python pair_flow.py <URL of the service> <client id> <client secret>

It runs in an environment of its own, without the emulator, and knows it by its URL only.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from coactive.client import AsyncCoactive, Coactive
from coactive.core import ApiError


def said(error: ApiError) -> dict[str, Any]:
    return {"raised": type(error).__name__, "status": error.status_code, "body": error.body}


def synchronous(**pair: str) -> dict[str, Any]:
    """Create a dataset, and list them."""
    client = Coactive(**pair)
    try:
        made = client.dataset.create(name="clips 1")
        return {"by": made.created_user_id, "names": [d.name for d in client.dataset.list().data]}
    except ApiError as error:
        return said(error)


async def asynchronous(**pair: str) -> dict[str, Any]:
    """Create another dataset, and list them."""
    client = AsyncCoactive(**pair)
    try:
        made = await client.dataset.create(name="clips 2")
        page = await client.dataset.list()
        return {"by": made.created_user_id, "names": [d.name for d in page.data]}
    except ApiError as error:
        return said(error)


if __name__ == "__main__":
    url, client_id, client_secret = sys.argv[1:]
    pair = {"base_url": url, "client_id": client_id, "client_secret": client_secret}
    print(json.dumps([synchronous(**pair), asyncio.run(asynchronous(**pair))]))
