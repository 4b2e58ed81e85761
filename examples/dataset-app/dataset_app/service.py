"""What the application asks of a service, and how it waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class AlreadyExists(Exception):
    """The name is taken."""


class QuotaReached(Exception):
    """The account may have no more of these."""


class CreationFailed(Exception):
    """The service could not create the dataset; the text is its reason."""


@dataclass(frozen=True)
class State:
    """The state of what was created, as the application cares for it."""

    ready: bool
    failure: str | None = None


class Service(Protocol):
    """A service that has datasets."""

    def create(self, name: str) -> str:
        """Begin to create a dataset; give its id."""

    def state(self, dataset: str) -> State:
        """Look at a dataset."""


@dataclass(frozen=True)
class Patience:
    """How often and how long to look at what is not ready yet."""

    seconds: float = 10
    looks: int = 360
    pause: Callable[[float], object] = time.sleep

    def wait(self, look: Callable[[], State]) -> None:
        """Look until it is ready; raises `CreationFailed` and `TimeoutError`."""
        for _ in range(self.looks):
            state = look()
            if state.failure is not None:
                raise CreationFailed(state.failure)
            if state.ready:
                return
            self.pause(self.seconds)
        raise TimeoutError(f"not ready after {self.looks} looks")


def create_dataset(service: Service, name: str, patience: Patience) -> str:
    """Create a dataset, wait until it can be used, and give its id."""
    dataset = service.create(name)
    patience.wait(lambda: service.state(dataset))
    return dataset
