"""The options of commands: the settings of an emulator, and where a running one is.

Loaded whenever the command line is, so nothing heavy is imported here.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field, fields
from math import isnan
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from emulator.catalogue import ProviderCatalogue
from emulator.core.contract.switches import Switch
from emulator.settings import ENVIRONMENT_PREFIX, SettingError, Settings

Command = Callable[..., Any]

SWITCHES = ProviderCatalogue.find().switches
"""The providers' own switches, each with an option; incomplete providers have none."""

DEFAULT_URL = f"http://{Settings.host}:{Settings.port}"
"""Where an emulator is that was started without settings."""

_SHORT = {"port": "-p"}

_HINTS = get_type_hints(Settings)

_WORLD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What the emulator takes for a world's name; asking its code would take half a second."""

_URL = re.compile(r"https?://[^?#\s]+")

_LONGEST = 86400.0
"""Seconds of the longest timeout."""


def option(*names: str, **shape: Any) -> Callable[[Command], Command]:
    """Give a command an option that a variable of the environment stands in for."""
    flag = next(name for name in names if name.startswith("--"))
    variable = flag.removeprefix("--").replace("-", "_").upper()
    return click.option(
        *names, **shape, envvar=f"{ENVIRONMENT_PREFIX}_{variable}", show_envvar=True
    )


def settings_options(**defaults: object) -> Callable[[Command], Command]:
    """Give a command an option for every setting; `defaults` are those that differ for it."""

    def give(command: Command) -> Command:
        for switch in reversed(SWITCHES):
            command = _switch_option(switch)(command)
        for setting in reversed(_plain_settings()):
            default = defaults.get(setting.name, setting.default)
            command = _setting_option(setting, default)(command)
        return _config_option(command)

    return give


def read_settings(values: dict[str, Any]) -> Settings:
    """Make settings of the values of a command's options; raises `click.UsageError`."""
    switches = _taken_out(values)
    try:
        return Settings(**values, switches=switches)
    except SettingError as error:
        raise click.UsageError(str(error)) from None


def place_options(command: Command) -> Command:
    """Give a command the options that say which emulator and which world it is about."""
    command = option(
        "--world",
        metavar="NAME",
        callback=_read_world,
        help="Mean this world instead of the one of the URL.",
    )(command)
    return option(
        "--url",
        default=DEFAULT_URL,
        callback=_read_url,
        help="URL of the emulator.",
        show_default=True,
    )(command)


def asking_options(seconds: float, text: str) -> Callable[[Command], Command]:
    """Give a command the options of those that ask a running emulator for something.

    `seconds` is its default timeout, `text` tells what that is about.
    """

    def give(command: Command) -> Command:
        command = option(
            "--timeout",
            type=click.FloatRange(0, _LONGEST, min_open=True),
            default=seconds,
            callback=_read_timeout,
            metavar="SECONDS",
            help=text,
            show_default=True,
        )(command)
        command = option(
            "--control-token",
            metavar="TOKEN",
            callback=_read_token,
            help="Token that the control API asks for.",
        )(command)
        return place_options(command)

    return give


def _setting_option(setting: Field[Any], default: object) -> Callable[[Command], Command]:
    flag = "--" + setting.name.replace("_", "-")
    names = [_SHORT[setting.name], flag] if setting.name in _SHORT else [flag]
    return option(
        *names,
        setting.name,
        default=default,
        help=setting.metadata["help"],
        show_default=default is not None and default is not False and default != (),
        **_option_shape(_HINTS[setting.name]),
    )


def _switch_option(switch: Switch) -> Callable[[Command], Command]:
    """Make the option of a provider's own switch."""
    variable = switch.flag.replace("-", "_")
    return option(
        f"--{switch.flag}",
        variable,
        type=click.Choice(switch.choices),
        default=switch.default,
        help=switch.declared["description"],
        show_default=True,
    )


def _config_option(command: Command) -> Command:
    return option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_read_config,
        help="Read settings from a JSON or TOML file; environment and flags come first.",
    )(command)


def _plain_settings() -> list[Field[Any]]:
    return [setting for setting in fields(Settings) if setting.name != "switches"]


class _Listed(click.types.StringParamType):
    """Text that may be given again; the environment has commas or spaces between."""

    def split_envvar_value(self, rv: str) -> Sequence[str]:
        """Split the value of a variable."""
        return rv.replace(",", " ").split()


def _option_shape(hint: Any) -> Mapping[str, Any]:
    if hint is bool:
        return {"is_flag": True}
    if get_origin(hint) is Sequence:
        return {"type": _Listed(), "multiple": True}
    if get_origin(hint) is Literal:
        return {"type": click.Choice(get_args(hint))}
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    return _option_shape(kinds[0]) if kinds else {"type": hint}


def _read_config(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Let the values of a configuration file stand in for the defaults."""
    if value is None:
        return
    read = tomllib.loads if value.endswith(".toml") else json.loads
    try:
        found = dict(read(Path(value).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise click.BadParameter(f"{value}: {error}") from None
    settings = {name.replace("-", "_"): setting for name, setting in found.items()}
    known = {setting.name for setting in _plain_settings()}
    unknown = settings.keys() - known - {switch.flag.replace("-", "_") for switch in SWITCHES}
    if unknown:
        raise click.BadParameter(f"{value}: there is no setting {', '.join(sorted(unknown))}")
    context.default_map = settings


def _taken_out(values: dict[str, Any]) -> Mapping[str, str]:
    """Take the switches out of the values; those not given are left to the contracts' defaults."""
    context, chosen = click.get_current_context(), {}
    for switch in SWITCHES:
        variable = switch.flag.replace("-", "_")
        choice = values.pop(variable)
        if context.get_parameter_source(variable) is not ParameterSource.DEFAULT:
            chosen[switch.flag] = choice
    return chosen


def _read_url(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = value.isascii() and _URL.fullmatch(value) and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise click.BadParameter(f"{value!r} is no URL like {DEFAULT_URL}")
    return value.rstrip("/")


def _read_world(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _WORLD.fullmatch(value):
        raise click.BadParameter(
            "a world is named with up to 64 letters, digits, dots, dashes and underscores"
        )
    return value


def _read_timeout(_: click.Context, __: click.Parameter, value: float) -> float:
    if isnan(value):
        raise click.BadParameter("that is no number")
    return value


def _read_token(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable()):
        raise click.BadParameter("a token is made of letters, digits and signs")
    return value
