"""A world of a running emulator, for tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from emulator.client import Document, Remote
from emulator.commands.environment import variables
from emulator.paths import CONTROL_PATH
from emulator.testing.clients import connect
from emulator.testing.controls import Clock, Faults, Objects, Quotas, Requests, Resources, mode_of
from emulator.testing.request_report import mistake

Lifecycle = str | Mapping[str, str | Mapping[str, str]]

_FAILED = 500


class World:
    """An isolated set of state, clock, faults, quotas and journal."""

    def __init__(
        self, base: str, name: str, providers: Collection[str], token: str | None = None
    ) -> None:
        """Refer to the world `name` of the emulator at `base`; it is made on first use."""
        self.name = name
        self.base = f"{base}/w/{name}"
        self._providers = providers
        self._control = Remote(url=self.base, token=token)
        self._lifecycle: Lifecycle | None = None
        self._clients: list[Any] = []
        self._covered: list[Document] = []
        self.clock = Clock(self._control)
        self.faults = Faults(self._control)
        self.requests = Requests(self._control)
        self.quotas = Quotas(self._control)
        self.resources = Resources(self._control)
        self.objects = Objects(self._control)

    def url(self, provider: str) -> str:
        """Return the endpoint URL of a provider, for its client."""
        if provider not in self._providers:
            known = ", ".join(self._providers)
            raise ValueError(f"unknown provider {provider}; known: {known}")
        return f"{self.base}/{provider}"

    def client(self, provider: str, **options: Any) -> Any:
        """Make a client of the vendor's own library; it is closed when the world is dropped.

        The options are those of the library, as in `region_name="eu-west-1"` for boto3.
        Raises `ImportError` where the library is missing.
        """
        client = connect(provider, self.url(provider), **options)
        self._clients.append(client)
        return client

    @property
    def control(self) -> str:
        """The URL of the control API of this world."""
        return f"{self.base}{CONTROL_PATH}"

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables for clients, as `dataset-emulator env` prints them."""
        return variables(self.base)

    def settle(self) -> None:
        """Move the clock forward until no resource would change its state."""
        self.clock.until_settled()

    def lifecycle(self, lifecycle: Lifecycle) -> None:
        """Set the mode of lifecycles that begin from now on, also after a reset.

        `"immediate"`, `"timed"` or `"manual"`, for all or by provider, or by provider and kind.
        """
        self._lifecycle = lifecycle
        self._control.send("PUT", "lifecycles", mode_of(lifecycle))

    def reset(self, provider: str | None = None) -> None:
        """Reset everything, or one provider."""
        self.requests.remember(provider)
        self._covered.append(self._control.get("coverage", provider=provider))
        params: Document = {} if provider is None else {"provider": provider}
        self._control.send("POST", "reset", params)
        if self._lifecycle is not None:
            self.lifecycle(self._lifecycle)

    def save(self) -> Any:
        """Return the state document of the world, which `load` takes, here or elsewhere."""
        return self._control.get("state")

    def load(self, state: Document) -> None:
        """Replace the state by a saved document; raises `ControlError` if it is invalid."""
        self._control.send("PUT", "state", state)

    def coverage(self) -> Sequence[Document]:
        """Return the documents of `GET coverage`, from before each reset and from now."""
        return [*self._covered, self._control.get("coverage")]

    def drop(self) -> None:
        """Close the clients that were made here, and delete the world."""
        for client in self._clients:
            getattr(client, "close", lambda: None)()
        self._clients.clear()
        self._control.send("DELETE", f"worlds/{self.name}")

    def failures(self) -> Iterator[str]:
        """Describe the requests that the emulator itself failed, not because of a fault."""
        for entry in self.requests.ever():
            # whatever went wrong inside has this failure, or none that was foreseen
            failure = (entry.get("explain") or {}).get("failure", "InternalError")
            if entry["status"] >= _FAILED and failure == "InternalError":
                named = entry["operation"] or f"{entry['method']} {entry['path']}"
                yield f"{entry['provider']} {named} was answered {entry['status']}"

    def warnings(self) -> Iterator[str]:
        """Describe the mistakes in requests that the vendor passes over."""
        for entry in self.requests.ever():
            for warning in entry["warnings"]:
                yield f"{entry['provider']} {entry['operation']}: {mistake(warning)}"

    def unused_faults(self) -> Iterator[str]:
        """Describe the faults that were applied to no request."""
        for fault in self.faults.list():
            if not fault.applied:
                yield f"{fault} was applied to none of the {fault.matched} matching requests"
