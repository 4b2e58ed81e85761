"""The command line: parse, make settings, call what does the work. No logic here.

Nothing heavy is imported before a command needs it, so that `--help` and `--version`
answer at once.
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
    asking_options,
    option,
    place_options,
    read_settings,
    settings_options,
)
from emulator.version import __version__

if TYPE_CHECKING:
    from emulator.client import Remote

BAD_VALUE, BAD_FILE = 2, 4
"""Exit codes: faults that `validate` found, and a seed or a snapshot that cannot be read."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="dataset-emulator")
def cli() -> None:
    """A local emulator of five cloud "Create Dataset" APIs."""


@cli.command()
@settings_options()
def serve(**values: Any) -> None:
    """Start the emulator and answer until it is stopped."""
    settings = read_settings(values)
    from emulator.server.command import serve as run

    sys.exit(run(settings))


@cli.command("exec", context_settings={"allow_interspersed_args": False})
@settings_options(port=0)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def execute(command: tuple[str, ...], **values: Any) -> None:
    """Run a command beside an emulator and return its exit code."""
    settings = read_settings(values)
    from emulator.commands.execute import execute as run

    sys.exit(run(settings, command))


@cli.command()
@place_options
@click.option(
    "--format",
    "form",
    type=click.Choice(["shell", "dotenv", "json"]),
    default="shell",
    help="How the variables are written.",
    show_default=True,
)
@option(
    "--credentials",
    metavar="FILE",
    help="File of those the emulator lets in, whose first are printed.",
)
def env(url: str, world: str | None, form: str, credentials: str | None) -> None:
    """Print the variables that lead clients to the emulator."""
    from emulator.commands.environment import FORMATS, in_world, variables

    try:
        found = variables(in_world(url, world), credentials=credentials)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(FORMATS[form](found))


class _BadFile(click.ClickException):
    """A file that a command was given cannot be used."""

    exit_code = BAD_FILE


def _asking(
    seconds: float = 10, text: str = "Seconds to wait for an answer."
) -> Callable[[Command], Command]:
    """Give a command a running emulator, by options; it ends with what goes wrong there."""

    def give(command: Command) -> Command:
        @asking_options(seconds, text)
        @wraps(command)
        def asking(
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

        return asking

    return give


@cli.command()
@_asking(30, "Seconds to wait at most.")
def wait(remote: Remote) -> None:
    """Wait until the emulator is ready."""
    remote.wait()


@cli.command()
@_asking()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def status(remote: Remote, as_json: bool) -> None:
    """Show how the emulator is and what it has."""
    from emulator.commands.state import listing
    from emulator.commands.state import status as status_of

    found = status_of(remote)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(listing(found)))


@cli.command()
@_asking()
@click.option("--provider", help="Leave all other providers as they are.")
def reset(remote: Remote, provider: str | None) -> None:
    """Go back to the seeds."""
    from emulator.commands.state import reset as reset_it

    click.echo(reset_it(remote, provider))


@cli.command()
@_asking()
@click.option("--missing", is_flag=True, help="Name what has not been exercised.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document.")
def coverage(remote: Remote, missing: bool, as_json: bool) -> None:
    """Show how much of the contracts has been exercised."""
    from emulator.commands.coverage import table

    found = remote.get("coverage")
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(table(found, missing=missing)))


@cli.command()
@_asking()
@click.argument("file")
def seed(remote: Remote, file: str) -> None:
    """Let the world hold what a file says."""
    from emulator.commands.state import load

    load(remote, file)


@cli.group()
def snapshot() -> None:
    """Keep the state of a world in a file."""


@snapshot.command("save")
@_asking()
@click.argument("file")
def save_snapshot(remote: Remote, file: str) -> None:
    """Write the state of the world to a file."""
    from emulator.commands.state import save

    save(remote, file)


@snapshot.command("load")
@_asking()
@click.argument("file")
def load_snapshot(remote: Remote, file: str) -> None:
    """Let the world have the state of a file."""
    from emulator.commands.state import load

    load(remote, file)


@cli.command()
@click.option("--provider", help="Show one provider only.")
@click.option("--emulated", is_flag=True, help="Leave out what is not emulated.")
def operations(provider: str | None, emulated: bool) -> None:
    """List every operation, whether it is emulated, and on what evidence."""
    from emulator.commands.operations import operations_table

    try:
        lines = list(operations_table(provider, emulated_only=emulated))
    except KeyError:
        raise click.BadParameter(f"there is no provider {provider}") from None
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
    """Run the command line; complaints are one line on standard error."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        print(asked.format_message(), file=sys.stderr)
        sys.exit(asked.exit_code)
    except click.ClickException as error:
        print(f"dataset-emulator: {error.format_message()}", file=sys.stderr)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
