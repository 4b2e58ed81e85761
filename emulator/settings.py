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
"""The most that lifecycles are speeded up: what a state document may say as well."""

_ORIGIN = re.compile(
    r"(?!http:.*:80$|https:.*:443$)[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]+)?"
)
"""What browsers send as `Origin`: without the port that goes without saying."""

T = TypeVar("T")


class SettingError(ValueError):
    """A setting holds a value the emulator cannot run with."""


class SeedError(SettingError):
    """The file of the seed cannot be read, or holds a state that cannot be."""


def _setting(default: T, text: str) -> T:
    """Declare a field together with the sentence `serve --help` prints for it."""
    made: T = field(default=default, metadata={"help": text})
    return made


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one emulator; `Settings()` is complete and valid.

    Raises `SettingError` for a value outside the range its help text gives.
    """

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(4680, "Port to listen on; 0 takes a free one.")
    port_per_provider: bool = _setting(
        False, "Give each provider a port of its own as well: port+1 and so on, in order."
    )
    demo: bool = _setting(False, "Start with a small demo world and print a curl line for it.")
    database: str = _setting(
        "sqlite://", "Where state lives: sqlite:// (memory), sqlite:///file.db, postgresql://..."
    )
    seed: str | None = _setting(
        None, "JSON file of a state that every world begins with and goes back to when it is reset."
    )
    auth: Literal["off", "parse", "verify"] = _setting(
        "parse",
        "How credentials are checked: off looks at none, parse wants them well formed and takes"
        " account and region from them, verify wants them right as well.",
    )
    control_token: str | None = _setting(
        None,
        "What changes through the control API have to bear, as Authorization: Bearer; needed where"
        " --host is not this machine alone.",
    )
    cors_origin: Sequence[str] = _setting(
        (),
        "Origin, scheme://host[:port], whose web pages may use the emulator and its control API;"
        " may be given again for another, the environment lists them with commas or spaces.",
    )
    credentials: str | None = _setting(
        None, "JSON file of those verify lets in; without it, id emulator with secret emulator."
    )
    lifecycle: Literal["immediate", "timed", "manual"] | None = _setting(
        None,
        "Whether resources take time to become ready, or wait for a command (manual); unsaid, they"
        " take time, except where the vendor shows them ready at once.",
    )
    outcomes_in_names: bool = _setting(
        False,
        "Let names that end in --fails, --manual, --stays-30 ... choose what becomes of them.",
    )
    speed: float = _setting(1.0, "Divide the delays of lifecycles by this number (above 0).")
    clock: Literal["real", "frozen"] = _setting(
        "real", "Whether the clock runs or stands still until it is advanced."
    )
    id_seed: int | None = _setting(
        None, "Make identifiers repeatable: the same seed, the same ids."
    )
    strict: bool = _setting(False, "Answer 500 when an answer breaks its own response schema.")
    schemas: str | None = _setting(
        None, "Folder laid over the built-in schemas, file by file, to change a contract."
    )
    switches: Mapping[str, str] = field(default_factory=dict)
    """What is chosen for providers' own switches: `{"<provider>-<switch>": choice}`."""
    endpoints_file: str | None = _setting(None, "Write the URLs to this file, as JSON, once ready.")
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "info", "How much to log, on standard error."
    )
    log_format: Literal["text", "json"] = _setting("text", "How log lines look.")
    quiet: bool = _setting(False, "Print the ready line and nothing else.")

    def __post_init__(self) -> None:
        if not 0 < self.speed <= FASTEST:
            raise SettingError(f"speed must be a number above 0, not {self.speed}")
        if not 0 <= self.port <= LAST_PORT:
            raise SettingError(f"port must be 0 to 65535, not {self.port}")
        for origin in self.cors_origin:
            if not _ORIGIN.fullmatch(origin):
                raise SettingError(
                    "cors-origin must be scheme://host[:port] as browsers send it, in small"
                    f" letters and without a usual port, not {origin!r}"
                )
