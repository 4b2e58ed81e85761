"""What an operation does instead of what it does, for one test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.core.pipeline.dispatch import Dispatcher

Perform = Callable[..., Any]
"""Takes what the dispatcher takes for one attempt at a call."""


def instead(monkeypatch: pytest.MonkeyPatch, operation: str, perform: Perform) -> Perform:
    """Let an operation of any provider do something else; return what it did before."""
    before = Dispatcher._attempt

    def attempt(dispatcher: Dispatcher, exchange: Any, *rest: Any) -> Any:
        does = perform if exchange.operation.name == operation else before
        return does(dispatcher, exchange, *rest)

    monkeypatch.setattr(Dispatcher, "_attempt", attempt)
    return before
