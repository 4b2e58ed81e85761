"""Ready clients of the vendors' own libraries, where those are installed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from emulator.catalogue import ProviderCatalogue


def connect(provider: str, url: str, **options: Any) -> Any:
    """Make a client of a provider at a URL; raises `ImportError` where its library is missing.

    It is what the provider names as its `client`, or else a session of `requests` that sends
    the credentials that service.json asks for. The options are those of the library, for what
    shall be otherwise than usual. Raises `KeyError` for an unknown provider.
    """
    entry = ProviderCatalogue.find().entry(provider)
    client = entry.load().client
    if client is None:
        from emulator.testing.sessions import session  # noqa: PLC0415 - requests may be missing

        return session(url, entry.service, **options)
    module, _, function = client.partition(":")
    return getattr(import_module(module), function)(url, **options)
