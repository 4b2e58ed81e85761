"""The command line: parse options, make settings, call the command. No logic here.

Nothing heavy is imported before a command needs it, so that `--help` and `--version`
return at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.commands.options import (
    Command,
    SettingsCommand,
    client_options,
    option,
    read_settings,
    settings_options,
    target_options,
)
from emulator.version import __version__

if TYPE_CHECKING:
    from emulator.client import Remote

BAD_VALUE, BAD_FILE = 2, 4
"""Exit codes if `validate` found faults, and if a seed or a snapshot cannot be read."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="dataset-emulator")
def cli() -> None:
    """A local emulator of five cloud "Create Dataset" APIs."""


@cli.command(cls=SettingsCommand)
@settings_options()
def serve(**values: Any) -> None:
    """Start the emulator and serve until it is stopped."""
    settings = read_settings(values)
    from emulator.server.command import serve as run

    sys.exit(run(settings))


@cli.command("exec", cls=SettingsCommand, context_settings={"allow_interspersed_args": False})
@settings_options(port=0)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def execute(command: tuple[str, ...], **values: Any) -> None:
    """Start an emulator, run a command with its URLs in the environment, return its exit code."""
    settings = read_settings(values)
    from emulator.commands.execute import execute as run

    sys.exit(run(settings, command))


@cli.command()
@target_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["shell", "dotenv", "json"]),
    default="shell",
    help="Format of the output.",
    show_default=True,
)
@option(
    "--credentials",
    metavar="FILE",
    help="Credentials file; the first entry for each provider is printed.",
)
def env(url: str, world: str | None, form: str, credentials: str | None) -> None:
    """Print the environment variables that point clients at the emulator."""
    from emulator.commands.environment import FORMATS, in_world, variables

    try:
        found = variables(in_world(url, world), credentials=credentials)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(FORMATS[form](found))


class _BadFile(click.ClickException):
    """A file named on the command line cannot be used."""

    exit_code = BAD_FILE


def _with_client(
    seconds: float = 10, text: str = "Seconds to wait for a response."
) -> Callable[[Command], Command]:
    """Give a command a client of the emulator that its options name; report failures."""

    def give(command: Command) -> Command:
        @client_options(seconds, text)
        @wraps(command)
        def with_client(
            *, url: str, world: str | None, control_token: str | None, timeout: float, **rest: Any
        ) -> None:
            from emulator.client import Remote, RemoteError
            from emulator.commands.environment import in_world
            from emulator.commands.state import FileError

            try:
                command(
                    Remote(url=in_world(url, world), token=control_token, timeout=timeout), **rest
                )
            except RemoteError as error:
                raise click.ClickException(error.text) from None
            except FileError as error:
                raise _BadFile(str(error)) from None

        return with_client

    return give


@cli.command()
@_with_client(30, "Maximum number of seconds to wait.")
def wait(remote: Remote) -> None:
    """Wait until the emulator is ready."""
    remote.wait()


@cli.command()
@_with_client()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def status(remote: Remote, as_json: bool) -> None:
    """Show version, clock, worlds and number of resources of a running emulator."""
    from emulator.commands.state import listing
    from emulator.commands.state import status as status_of

    found = status_of(remote)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(listing(found)))


@cli.command()
@_with_client()
@click.option("--provider", help="Reset this provider only.")
def reset(remote: Remote, provider: str | None) -> None:
    """Reset a world to its seed."""
    from emulator.commands.state import reset as reset_it

    click.echo(reset_it(remote, provider))


@cli.command()
@_with_client()
@click.option("--missing", is_flag=True, help="List what has not been exercised.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def coverage(remote: Remote, missing: bool, as_json: bool) -> None:
    """Show which operations, errors and states have been exercised."""
    from emulator.commands.coverage import table
    from emulator.commands.state import check_world

    check_world(remote)
    found = remote.get("coverage")
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(table(found, missing=missing)))


@cli.command()
@_with_client()
@click.argument("file")
def seed(remote: Remote, file: str) -> None:
    """Replace the state of a world with FILE."""
    from emulator.commands.state import load

    load(remote, file)


@cli.group()
def snapshot() -> None:
    """Save and load the state of a world."""


@snapshot.command("save")
@_with_client()
@click.argument("file")
def save_snapshot(remote: Remote, file: str) -> None:
    """Save the state of a world to FILE."""
    from emulator.commands.state import save

    save(remote, file)


@snapshot.command("load")
@_with_client()
@click.argument("file")
def load_snapshot(remote: Remote, file: str) -> None:
    """Load the state of a world from FILE."""
    from emulator.commands.state import load

    load(remote, file)


@cli.command()
@click.option("--provider", help="Provider to list.")
@click.option("--emulated", is_flag=True, help="List emulated operations only.")
def operations(provider: str | None, emulated: bool) -> None:
    """List every operation with its route, status and evidence."""
    from emulator.commands.operations import operations_table

    try:
        lines = list(operations_table(provider, emulated_only=emulated))
    except KeyError:
        raise click.BadParameter(f"unknown provider {provider}") from None
    click.echo("\n".join(lines))


@cli.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
def validate(folder: str | None) -> None:
    """Validate the providers and their schemas, with FOLDER on top if given."""
    from emulator.commands.validate import Validation

    faults = Validation(Path(folder) if folder else None).faults()
    for fault in faults:
        click.echo(f"dataset-emulator: {fault}", err=True)
    if faults:
        sys.exit(BAD_VALUE)
    click.echo("ok")


def main() -> None:
    """Run the command line; report an error as one line on standard error."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as help_shown:
        print(help_shown.format_message(), file=sys.stderr)
        sys.exit(help_shown.exit_code)
    except click.ClickException as error:
        print(f"dataset-emulator: {error.format_message()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
