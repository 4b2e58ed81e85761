"""Whole answers: status, headers and body."""

from __future__ import annotations

import json
from collections.abc import Mapping

OF_EVERY_AMAZON_ANSWER = frozenset(
    {
        "Date",
        "X-XSS-Protection",
        "Strict-Transport-Security",
        "X-Frame-Options",
        "Cache-Control",
        "X-Content-Type-Options",
    }
)
"""Headers that say nothing about the request; tests/providers/test_aws_headers.py has their values."""

Whole = tuple[int, Mapping[str, str], bytes]


def request_ids(contents: Whole) -> list[str]:
    """Find the ids of the request in an answer, each time it stands there."""
    _, headers, body = contents
    named = ("x-amzn-requestid", "x-acs-request-id", "x-acs-trace-id")
    found = [value for name, value in headers.items() if name.lower() in named]
    told = json.loads(body or b"{}")
    members = [told, told.get("error")] if isinstance(told, dict) else []
    places = [each for each in members if isinstance(each, dict)]
    return found + [p[n] for p in places for n in ("RequestId", "requestId") if p.get(n)]
