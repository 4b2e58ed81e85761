"""The options of commands: the settings of an emulator, and where a running one is.

Loaded whenever the command line is, so nothing heavy is imported here, and no provider is looked
for before a command needs the switches of all.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import Field, fields
from functools import cache
from math import isnan
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from emulator.catalogue import ProviderCatalogue
from emulator.core.primitives.nearest import with_hint
from emulator.settings import ENVIRONMENT_PREFIX, SettingError, Settings

Command = Callable[..., Any]

DEFAULT_URL = f"http://{Settings.host}:{Settings.port}"
"""Where an emulator is that was started without settings."""

_SHORT = {"port": "-p"}

_HINTS = get_type_hints(Settings)

_WORLD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What the emulator takes for a world's name; asking its code would take half a second."""

_URL = re.compile(r"https?://[^?#\s]+")

_OTHERS = ("URL", "CONTROL_URL", "WORLD", "TIMEOUT")
"""Variables, without their prefix, of commands that call a running emulator."""

_LONGEST = 86400.0
"""Seconds of the longest timeout."""


class SettingsCommand(click.Command):
    """A command with options for the switches of providers, which are looked for when it is used.

    Incomplete providers have none.
    """

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """List the parameters: those of the command, the switches, and help."""
        *params, help_option = super().get_params(ctx)
        return [*params, *_switch_options(), help_option]


def option(*names: str, **shape: Any) -> Callable[[Command], Command]:
    """Make an option that an environment variable can set."""
    return click.option(*names, **shape, envvar=_variable(names), show_envvar=True)


def settings_options(**defaults: object) -> Callable[[Command], Command]:
    """Add an option for every setting; `defaults` replace those of the settings.

    The command is to be a `SettingsCommand`, for the switches.
    """

    def give(command: Command) -> Command:
        for setting in reversed(_plain_settings()):
            default = defaults.get(setting.name, setting.default)
            command = _setting_option(setting, default)(command)
        return _config_option(command)

    return give


def read_settings(values: dict[str, Any]) -> Settings:
    """Make settings from the values of a command's options; raises `click.UsageError`."""
    _warn_of_unknown_variables()
    switches = _pop_switches(values)
    try:
        return Settings(**values, switches=switches)
    except SettingError as error:
        raise click.UsageError(str(error)) from None


def _warn_of_unknown_variables() -> None:
    """Print a line for each variable with our prefix that nothing reads, such as a misspelt one."""
    context = click.get_current_context()
    known = {str(option.envvar) for option in context.command.get_params(context) if option.envvar}
    others = {f"{ENVIRONMENT_PREFIX}_{name}" for name in (*_OTHERS, *_printed())}
    given = (name for name in os.environ if name.startswith(f"{ENVIRONMENT_PREFIX}_"))  # noqa: TID251 - asks for names only
    for name in sorted({*given} - known - others):
        line = with_hint(f"unknown environment variable {name}", name, sorted(known))
        click.echo(f"dataset-emulator: warning: {line}", err=True)


def _printed() -> Iterable[str]:
    """Name the variables that `env` prints for the providers, without their prefix."""
    endings = ("URL", "ID", "SECRET", "TOKEN")
    return (
        f"{name.upper()}_{end}" for name in ProviderCatalogue.find().services for end in endings
    )


def target_options(command: Command) -> Command:
    """Add the options that name an emulator and a world."""
    command = option(
        "--world",
        metavar="NAME",
        callback=_read_world,
        help="World to use, instead of the one in --url.",
    )(command)
    return option(
        "--url",
        default=DEFAULT_URL,
        callback=_read_url,
        help="URL of the emulator.",
        show_default=True,
    )(command)


def client_options(seconds: float, text: str) -> Callable[[Command], Command]:
    """Add the options of commands that call a running emulator.

    `seconds` is the default timeout, `text` its help.
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
            help="Bearer token of the control API.",
        )(command)
        return target_options(command)

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


def _variable(names: Iterable[str]) -> str:
    """Return the environment variable of an option."""
    flag = next(name for name in names if name.startswith("--"))
    return f"{ENVIRONMENT_PREFIX}_{flag.removeprefix('--').replace('-', '_').upper()}"


@cache
def _switch_options() -> Sequence[click.Option]:
    """Make the options of the providers' switches."""
    return [
        click.Option(
            [f"--{switch.flag}", switch.flag.replace("-", "_")],
            type=click.Choice(switch.choices),
            default=switch.default,
            help=switch.declared["description"],
            show_default=True,
            envvar=_variable([f"--{switch.flag}"]),
            show_envvar=True,
        )
        for switch in ProviderCatalogue.find().switches
    ]


def _config_option(command: Command) -> Command:
    return option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_read_config,
        help="JSON or TOML file of settings; environment variables and flags override it.",
    )(command)


def _plain_settings() -> list[Field[Any]]:
    return [setting for setting in fields(Settings) if setting.name != "switches"]


class _Listed(click.types.StringParamType):
    """A repeatable text; an environment variable separates its values by commas or spaces."""

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
    """Use the values of a configuration file as defaults."""
    if value is None:
        return
    if value.endswith(".toml"):
        from tomllib import loads as read  # noqa: PLC0415 - few have such a file
    else:
        read = json.loads
    try:
        found = dict(read(Path(value).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise click.BadParameter(f"{value}: {error}") from None
    settings = {name.replace("-", "_"): setting for name, setting in found.items()}
    known = {setting.name for setting in _plain_settings()}
    known |= {switch.flag.replace("-", "_") for switch in ProviderCatalogue.find().switches}
    unknown = sorted(settings.keys() - known)
    if unknown:
        complaint = f"{value}: unknown setting {', '.join(unknown)}"
        raise click.BadParameter(with_hint(complaint, unknown[0], known))
    context.default_map = settings


def _pop_switches(values: dict[str, Any]) -> Mapping[str, str]:
    """Remove the switches from the values and return those that were given."""
    context, chosen = click.get_current_context(), {}
    for switch in ProviderCatalogue.find().switches:
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
        raise click.BadParameter(f"{value!r} is not a URL such as {DEFAULT_URL}")
    return value.rstrip("/")


def _read_world(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not _WORLD.fullmatch(value):
        raise click.BadParameter(
            "a world name has up to 64 letters, digits, dots, dashes and underscores"
        )
    return value


def _read_timeout(_: click.Context, __: click.Parameter, value: float) -> float:
    if isnan(value):
        raise click.BadParameter("not a number")
    return value


def _read_token(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not (value.isascii() and value.isprintable()):
        raise click.BadParameter("a token may contain printable ASCII characters only")
    return value
