"""Running emulators: one started elsewhere, or any number in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import fields
from functools import cached_property
from typing import Any

from emulator.client import Remote, Unreachable
from emulator.core.primitives.nearest import with_hint
from emulator.paths import CONTROL_PATH
from emulator.settings import SettingError, Settings
from emulator.testing.world import World

_WORLD_PATH = re.compile(r"(/w/[^/]*)?/*$")


class Running:
    """An emulator at a URL."""

    def __init__(self, url: str, *, token: str | None = None, shared: bool = False) -> None:
        """Use the emulator at a URL; a world in its path is ignored.

        `token` is the control API token; `shared` means that others may use the emulator, too.
        """
        self.base = _WORLD_PATH.sub("", url)
        self.shared = shared
        self._token = token
        self._control = Remote(url=self.base, token=token)

    @cached_property
    def providers(self) -> Sequence[str]:
        """The names of the providers; raises `ConnectionError` if no emulator responds."""
        try:
            return list(self._control.get("health")["providers"])
        except Unreachable as error:
            raise ConnectionError(f"no emulator at {self.base}: {error}") from None

    @property
    def control(self) -> str:
        """The URL of the control API."""
        return f"{self.base}{CONTROL_PATH}"

    def url(self, provider: str) -> str:
        """Return the URL of a provider in the default world."""
        return f"{self.base}/{provider}"

    def world(self, name: str) -> World:
        """Return a world, which is made on first use."""
        return World(self.base, name, self.providers, self._token)


class Emulators:
    """Emulators in this process, one for each set of settings, started when they are needed."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}
        self._stack = ExitStack()

    def of(self, settings: Mapping[str, Any]) -> Running:
        """Return the emulator with these settings; raises `SettingError`.

        Names are those of `Settings` and of the providers' switches, with `_` for `-`.
        """
        key = json.dumps(settings, sort_keys=True, default=str)
        if key not in self._running:
            self._running[key] = self._started(settings_of(settings))
        return self._running[key]

    def stop(self) -> None:
        """Stop all of them."""
        self._running.clear()
        self._stack.close()

    def _started(self, settings: Settings) -> Running:
        from emulator.server.in_process import Emulator  # noqa: PLC0415 - the rest costs nothing to import

        emulator = self._stack.enter_context(Emulator(settings))
        return Running(emulator.endpoints.base)


def settings_of(given: Mapping[str, Any]) -> Settings:
    """Make settings for an emulator on a free port; raises `SettingError`."""
    known = {setting.name for setting in fields(Settings)}
    plain = {name: value for name, value in given.items() if name in known}
    others = {name.replace("_", "-"): value for name, value in given.items() if name not in known}
    for flag, choice in others.items():
        if not isinstance(choice, str):
            flags = (name.replace("_", "-") for name in known)
            raise SettingError(with_hint(f"unknown setting {flag}", flag, flags))
    switches = {**plain.pop("switches", {}), **others}
    return Settings(**{"port": 0, **plain, "switches": switches})
