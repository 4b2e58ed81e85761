"""Everything a user can set, in one frozen record: name, default and help text.

The command line, the environment and the configuration file are read into this
record; the rest of the code reads settings and never the environment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

ENVIRONMENT_PREFIX = "DATASET_EMULATOR"

LAST_PORT = 65535

FASTEST = 1e100
"""Largest `speed`; state documents have the same limit."""

_ORIGIN = re.compile(
    r"(?!http:.*:80$|https:.*:443$)[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?"
)
"""What browsers send as `Origin`: without the default port of the scheme."""

T = TypeVar("T")


class SettingError(ValueError):
    """A setting holds a value the emulator cannot run with."""


class SeedError(SettingError):
    """The seed file cannot be read or is invalid."""


def _setting(default: T, text: str) -> T:
    """Declare a field with the text that `serve --help` prints for it."""
    made: T = field(default=default, metadata={"help": text})
    return made


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one emulator; `Settings()` is complete and valid.

    Raises `SettingError` for a value outside the range its help text gives.
    """

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(4680, "Port to listen on. 0 for a free port.")
    port_per_provider: bool = _setting(
        False, "Also listen on one port per provider: port+1 and so on, in provider order."
    )
    demo: bool = _setting(
        False, "Start with demo resources and print one curl command per provider."
    )
    database: str = _setting(
        "sqlite://",
        "URL of the database: sqlite:// (in memory), sqlite:///file.db, postgresql://...",
    )
    seed: str | None = _setting(
        None, "State file (JSON). Every world starts from it and returns to it on reset."
    )
    auth: Literal["off", "parse", "verify"] = _setting(
        "parse",
        "Check of credentials. off: not checked. parse: must be well formed; account and region"
        " are read from them. verify: must be valid.",
    )
    control_token: str | None = _setting(
        None,
        "Bearer token required for control API calls that change state. Required if --host is not"
        " a loopback address.",
    )
    cors_origin: Sequence[str] = _setting(
        (),
        "Origin (scheme://host[:port]) of web pages that may call the emulator and the control"
        " API. Repeatable; in the environment variable, separated by commas or spaces.",
    )
    credentials: str | None = _setting(
        None,
        "JSON file of the credentials accepted by --auth verify. Default: key emulator, secret"
        " emulator.",
    )
    lifecycle: Literal["immediate", "timed", "manual"] | None = _setting(
        None,
        "Lifecycles of new resources. immediate: ready at once. timed: ready after the vendor's"
        " delays. manual: ready after a control API call. Default: as the vendor documents.",
    )
    outcomes_in_names: bool = _setting(
        False,
        "Let a suffix of a resource's name choose its outcome: --fails, --manual, --stays-30.",
    )
    speed: float = _setting(
        1.0, "Divisor of lifecycle delays, above 0: 60 makes a minute a second."
    )
    clock: Literal["real", "frozen"] = _setting(
        "real", "Clock of the emulator. frozen: stands still until it is advanced."
    )
    id_seed: int | None = _setting(None, "Seed of generated ids: the same seed gives the same ids.")
    strict: bool = _setting(False, "Respond 500 if a response does not match its own schema.")
    strict_requests: bool = _setting(
        False, "Reject members and query parameters that the vendor does not know."
    )
    schemas: str | None = _setting(
        None, "Folder of schemas that replace or patch the built-in ones, file by file."
    )
    follow: Literal["pages", "live"] = _setting(
        "pages",
        "Choice of the switches below that are not set, where the vendor's pages and the live"
        " service differ.",
    )
    switches: Mapping[str, str] = field(default_factory=dict)
    """Choices for the switches of providers: `{"<provider>-<switch>": choice}`."""
    endpoints_file: str | None = _setting(
        None, "File to write the URLs to, as JSON, once ready; removed at the end."
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "Lowest level of messages logged to standard error."
    )
    log_format: Literal["text", "json"] = _setting("text", "Format of log lines.")
    quiet: bool = _setting(False, "Print only the line that ends in Ready., and log no requests.")

    def __post_init__(self) -> None:
        if not 0 < self.speed <= FASTEST:
            raise SettingError(f"speed must be a number above 0, not {self.speed}")
        if not 0 <= self.port <= LAST_PORT:
            raise SettingError(f"port must be 0 to 65535, not {self.port}")
        for origin in self.cors_origin:
            if not _ORIGIN.fullmatch(origin):
                raise SettingError(
                    "cors-origin must be scheme://host[:port], lower-case, without port 80 or 443,"
                    f" not {origin!r}"
                )
