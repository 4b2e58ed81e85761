"""The command line: parse, make settings, call what does the work. No logic here.

Nothing heavy is imported before a command needs it, so that `--help` and `--version`
answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import Field, fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click
from click.core import ParameterSource

from emulator.core.folders import built_in_folder
from emulator.core.switches import Switch, find_switches
from emulator.settings import ENVIRONMENT_PREFIX, SettingError, Settings
from emulator.version import __version__

_SHORT = {"port": "-p"}

SWITCHES = find_switches(built_in_folder())
"""The providers' own switches, each with an option."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="dataset-emulator")
def cli() -> None:
    """A local emulator of five cloud "Create Dataset" APIs."""


def _settings_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an option for every setting, in their order."""
    hints = get_type_hints(Settings)
    for switch in reversed(SWITCHES):
        command = _switch_option(switch)(command)
    for setting in reversed(_plain_settings()):
        flag = "--" + setting.name.replace("_", "-")
        names = [_SHORT[setting.name], flag] if setting.name in _SHORT else [flag]
        shape = _option_shape(hints[setting.name])
        command = click.option(
            *names,
            setting.name,
            default=setting.default,
            help=setting.metadata["help"],
            show_default=setting.default not in (None, False),
            envvar=f"{ENVIRONMENT_PREFIX}_{setting.name.upper()}",
            show_envvar=True,
            **shape,
        )(command)
    return command


def _switch_option(switch: Switch) -> Callable[..., Any]:
    """Make the option of a provider's own switch."""
    variable = switch.flag.replace("-", "_")
    return click.option(
        f"--{switch.flag}",
        variable,
        type=click.Choice(switch.choices),
        default=switch.default,
        help=switch.declared["description"],
        show_default=True,
        envvar=f"{ENVIRONMENT_PREFIX}_{variable.upper()}",
        show_envvar=True,
    )


def _plain_settings() -> list[Field[Any]]:
    return [setting for setting in fields(Settings) if setting.name != "switches"]


def _option_shape(hint: Any) -> Mapping[str, Any]:
    if hint is bool:
        return {"is_flag": True}
    if get_origin(hint) is Literal:
        return {"type": click.Choice(get_args(hint))}
    kinds = [kind for kind in get_args(hint) if kind is not type(None)]
    return _option_shape(kinds[0]) if kinds else {"type": hint}


def _read_config(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Let the values of a configuration file stand in for the defaults."""
    if value is None:
        return
    import json
    import tomllib

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


@cli.command()
@click.option(
    "--config",
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=_read_config,
    help="Read settings from a JSON or TOML file; environment and flags come first.",
    envvar=f"{ENVIRONMENT_PREFIX}_CONFIG",
    show_envvar=True,
)
@_settings_options
def serve(**values: Any) -> None:
    """Start the emulator and answer until it is stopped."""
    switches = _taken_out(values)
    try:
        settings = Settings(**values, switches=switches)
    except SettingError as error:
        raise click.UsageError(str(error)) from None
    from emulator.server import serve as run

    sys.exit(run(settings))


def _taken_out(values: dict[str, Any]) -> Mapping[str, str]:
    """Take the switches out of the values; those not given are left to the contracts' defaults."""
    context, chosen = click.get_current_context(), {}
    for switch in SWITCHES:
        variable = switch.flag.replace("-", "_")
        choice = values.pop(variable)
        if context.get_parameter_source(variable) is not ParameterSource.DEFAULT:
            chosen[switch.flag] = choice
    return chosen


@cli.command()
@click.option("--provider", help="Show one provider only.")
@click.option("--emulated", is_flag=True, help="Leave out what is not emulated.")
def operations(provider: str | None, emulated: bool) -> None:
    """List every operation, whether it is emulated, and on what evidence."""
    from emulator.report import operations_table

    try:
        lines = list(operations_table(provider, emulated_only=emulated))
    except KeyError:
        raise click.BadParameter(f"there is no provider {provider}") from None
    click.echo("\n".join(lines))


def main() -> None:
    """Run the command line; complaints are one line on standard error."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        print(f"dataset-emulator: {error.format_message()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
