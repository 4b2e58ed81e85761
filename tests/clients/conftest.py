"""The vendors' own clients against the emulator, by way of the project's own pytest plugin.

What is tested of the server itself, of its port or of many worlds at once starts an
emulator of its own: test_faults, test_worlds and test_signed_*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.testing import World


@pytest.fixture(scope="session")
def dataset_emulator_settings() -> Mapping[str, Any]:
    """Worlds with the demo data; what is against the contract is a failure."""
    return {"demo": True, "strict": True}


@pytest.fixture
def settle(dataset_world: World) -> Callable[[], None]:
    """Move the clock on until no state is left that would change."""
    return dataset_world.settle


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses boto3 would make between attempts, which it does not make."""
    made: list[float] = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=made.append))
    return made


@pytest.fixture(autouse=True)
def without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sync client of Alibaba Cloud uses a proxy for 127.0.0.1, too, whatever NO_PROXY says."""
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
