"""A request of every operation, taken from the cases that succeed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.cases.runner import CASES, Case, all_cases

Request = Mapping[str, Any]

UUID = "b5a12d6e-0f4f-4f5c-9a54-3c0f0e6f1a2b"
"""Stands for ids that a case takes from an earlier answer."""

_SAVED = re.compile(r"\$\{\w+\}")


@cache
def example_of(provider: str, operation: str) -> Request:
    """Return the first request of an operation that a case answers with a success, if any does."""
    found = [*_asked(provider, operation)]
    return next((request for request, status in found if status < 400), found[0][0])


@cache
def defaults_of(provider: str) -> Mapping[str, Any]:
    """Return the headers that every case of a provider sends."""
    found: Mapping[str, Any] = json.loads((CASES / provider / "_defaults.json").read_text())
    return found


def _asked(provider: str, operation: str) -> Iterator[tuple[Request, int]]:
    cases = [case for case in all_cases() if case.provider == provider]
    cases = [case for case in cases if "auth" not in case.document.get("settings", {})]
    for case in sorted(cases, key=lambda each: each.operation != operation):
        for step in _steps(case):
            request, answer = step.get("request", {}), step.get("answer", {})
            is_plain = "text" not in request and "base64" not in request
            if request.get("call") == operation and is_plain:
                yield request, answer["status"]


def _steps(case: Case) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = json.loads(_SAVED.sub(UUID, case.text))["steps"]
    return steps
