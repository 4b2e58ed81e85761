"""The URLs of a running emulator, and the example requests printed at the start."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.core.contract.model import Contract, Document
from emulator.paths import CONTROL_PATH
from emulator.version import __version__

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound to


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The URLs of one emulator; `ports` are the ports of single providers, by name."""

    host: str
    port: int
    ports: Mapping[str, int]
    contracts: Mapping[str, Contract]

    @property
    def base(self) -> str:
        """The URL of all providers."""
        return self._url(self.port)

    @property
    def control(self) -> str:
        """The URL of the control API."""
        return f"{self.base}{CONTROL_PATH}"

    def of(self, provider: str) -> str:
        """Return the base URL for clients of a provider."""
        if provider in self.ports:
            return self._url(self.ports[provider])
        return f"{self.base}/{provider}"

    def as_document(self) -> Mapping[str, object]:
        """Return all URLs in the form of the endpoints file."""
        providers = {name: self.of(name) for name in self.contracts}
        return {"base": self.base, "control": self.control, "providers": providers}

    def listing(self) -> list[str]:
        """Return a line per provider and one for the control API."""
        urls = {**{name: self.of(name) for name in self.contracts}, "control": self.control}
        width = max(map(len, urls))
        return [f"{name:<{width}}  {url}" for name, url in urls.items()]

    def examples(self) -> list[str]:
        """Return a curl command per provider that has an example: it creates a dataset."""
        return [
            self._curl(name, contract.seed["example"])
            for name, contract in self.contracts.items()
            if "example" in contract.seed
        ]

    def ready_line(self) -> str:
        """Return the line printed when the emulator is ready; it ends in `Ready.`."""
        return f"create-dataset-emulator {__version__} on {self.base} - Ready."

    def _url(self, port: int) -> str:
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _curl(self, provider: str, example: Document) -> str:
        headers = [f"-H {shlex.quote(f'{n}: {v}')}" for n, v in example["headers"].items()]
        body = shlex.quote(json.dumps(example["body"], ensure_ascii=False))
        url = f"{self.of(provider)}{example['path']}"
        return " ".join(["curl -sS", "-X", example["method"], url, *headers, "-d", body])
