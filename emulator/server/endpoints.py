"""Where a running emulator answers, and the requests shown to a newcomer."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.core.contract.model import Contract, Document
from emulator.version import __version__

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not bound to


@dataclass(frozen=True, kw_only=True)
class Endpoints:
    """The URLs of one emulator; `ports` are those that belong to one provider, by name."""

    host: str
    port: int
    ports: Mapping[str, int]
    contracts: Mapping[str, Contract]

    @property
    def base(self) -> str:
        """The URL that answers for all providers."""
        return self._url(self.port)

    @property
    def control(self) -> str:
        """The URL of the control API."""
        return f"{self.base}/_emulator"

    def of(self, provider: str) -> str:
        """Give the URL a client of a provider takes for the vendor's."""
        if provider in self.ports:
            return self._url(self.ports[provider])
        return f"{self.base}/{provider}"

    def as_document(self) -> Mapping[str, object]:
        """Give all URLs in the form of the endpoints file."""
        providers = {name: self.of(name) for name in self.contracts}
        return {"base": self.base, "control": self.control, "providers": providers}

    def listing(self) -> list[str]:
        """Give a line per provider and one for the control API."""
        urls = {**{name: self.of(name) for name in self.contracts}, "control": self.control}
        width = max(map(len, urls))
        return [f"{name:<{width}}  {url}" for name, url in urls.items()]

    def examples(self) -> list[str]:
        """Give a curl line per provider that has an example: it creates a dataset."""
        return [
            self._curl(name, contract.seed["example"])
            for name, contract in self.contracts.items()
            if "example" in contract.seed
        ]

    def ready_line(self) -> str:
        """Give the line that says the emulator answers; it ends in `Ready.`."""
        return f"create-dataset-emulator {__version__} on {self.base} - Ready."

    def _url(self, port: int) -> str:
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _curl(self, provider: str, example: Document) -> str:
        headers = [f"-H {shlex.quote(f'{n}: {v}')}" for n, v in example["headers"].items()]
        body = shlex.quote(json.dumps(example["body"], ensure_ascii=False))
        url = f"{self.of(provider)}{example['path']}"
        return " ".join(["curl -sS", "-X", example["method"], url, *headers, "-d", body])
