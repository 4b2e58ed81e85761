"""`dataset-emulator serve`: the emulator in this process, on one thread, until a signal arrives."""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from emulator.files import write_atomically
from emulator.server.sockets import PortError, allow_many_files, listening
from emulator.settings import LAST_PORT, SeedError, SettingError, Settings

if TYPE_CHECKING:
    from emulator.app import Application
    from emulator.server.endpoints import Endpoints

OK, BAD_VALUE, PORT_IN_USE, BAD_SEED = 0, 2, 3, 4
"""Exit codes."""

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""What stops the emulator; SIGHUP comes when its terminal is closed."""


def serve(settings: Settings) -> int:
    """Serve until a signal arrives; return the exit code of the process."""
    with ExitStack() as stack, _leaving():
        try:
            main = stack.enter_context(listening(settings.host, settings.port))
            return _serve(replace(settings, port=main.getsockname()[1]), main, stack)
        except PortError as error:
            return _complain(error)


def _serve(settings: Settings, main: socket, stack: ExitStack) -> int:
    """Make the application and serve it; what is imported here takes most of the start."""
    gc.disable()  # nothing that is loaded is garbage; collecting would cost a quarter of the start
    import asyncio

    from emulator.app import Application
    from emulator.catalogue import ProviderError
    from emulator.core.contract.files import ContractError
    from emulator.core.pipeline.flask_app import RouteConflict
    from emulator.core.primitives.regex import PatternError
    from emulator.core.storage.engine import DatabaseError
    from emulator.server.endpoints import Endpoints
    from emulator.server.log_setup import set_up

    stack.callback(set_up(settings))
    wrong = (SettingError, ProviderError, ContractError, RouteConflict, PatternError)
    try:
        _check_place(settings.endpoints_file)
        application = Application(settings)
        stack.callback(application.close)
        sockets = _listen_per_provider(application, stack) if settings.port_per_provider else {}
        ports = {name: each.getsockname()[1] for name, each in sockets.items()}
        application.give_ports(ports)
        contracts = application.contracts
        endpoints = Endpoints(
            host=settings.host, port=settings.port, ports=ports, contracts=contracts
        )
        _write(endpoints, settings.endpoints_file)
        stack.callback(_remove_endpoints, settings.endpoints_file, settings.port)
    except (*wrong, DatabaseError, OSError) as error:
        return _complain(error)
    gc.freeze()
    gc.enable()
    announce = threading.Thread(target=_announce, args=(endpoints, settings), daemon=True)
    asyncio.run(_until_a_signal(application, [main, *sockets.values()], announce.start))
    return OK


async def _until_a_signal(
    application: Application, sockets: list[socket], ready: Callable[[], None]
) -> None:
    from asyncio import get_running_loop

    from emulator.server.http_server import HttpServer

    allow_many_files()
    server = HttpServer(application, application.longest_body)
    for number in _SIGNALS:
        with suppress(NotImplementedError):  # on Windows, where the signal raises `SystemExit`
            get_running_loop().add_signal_handler(number, server.stop)
    await server.serve(sockets, ready)


@contextmanager
def _leaving() -> Iterator[None]:
    """Let a signal that arrives during the start end the process as one that arrives later."""

    def leave(*_: object) -> NoReturn:
        raise SystemExit(OK)

    before = {number: signal.signal(number, leave) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_place(file: str | None) -> None:
    """Raise `SettingError` if a file cannot be written, before the rest of the start."""
    if file is None:
        return
    place = Path(file)
    if place.is_dir() or not os.access(place if place.exists() else place.parent, os.W_OK):
        raise SettingError(f"cannot write {file}")


def _listen_per_provider(application: Application, stack: ExitStack) -> Mapping[str, socket]:
    """Listen on a port per provider as well.

    Raises `PortError`, and `SettingError` if a port would be above the highest one.
    """
    settings, sockets = application.settings, {}
    for name, contract in application.contracts.items():
        port = settings.port + contract.service["portOffset"]
        if port > LAST_PORT:
            raise SettingError(f"no port left for {name}: {port} is above {LAST_PORT}")
        sockets[name] = stack.enter_context(listening(settings.host, port))
    return sockets


def _write(endpoints: Endpoints, file: str | None) -> None:
    """Write the endpoints file: the ports listen already, and answer in a moment."""
    if file:
        text = json.dumps(endpoints.as_document(), indent=2) + "\n"
        write_atomically(Path(file), text.encode())


def _remove_endpoints(file: str | None, port: int) -> None:
    """Remove the endpoints file of an emulator that has ended; another's is left."""
    try:
        if file and urlsplit(json.loads(Path(file).read_text())["base"]).port == port:
            Path(file).unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return


def _announce(endpoints: Endpoints, settings: Settings) -> None:
    """Print the URLs.

    On a thread, and past the buffer of `sys.stdout`: whoever reads the lines may be slow to, and
    must hold up neither the requests nor the end of the process.
    """
    lines = [] if settings.quiet else endpoints.listing()
    examples = endpoints.examples() if settings.demo and not settings.quiet else []
    if examples and settings.auth != "verify":  # they prove nothing
        lines += ["", "Create a dataset:", *examples, ""]
    rest = "\n".join([*lines, endpoints.ready_line(), ""]).encode()
    try:
        while rest:
            rest = rest[os.write(sys.stdout.fileno(), rest) :]
    except OSError as error:  # it serves all the same
        print(f"dataset-emulator: cannot print the URLs: {error.strerror}", file=sys.stderr)


def _complain(error: Exception) -> int:
    """Print one line with the reason of a failed start; return its exit code."""
    what = f"cannot listen on {error.address}" if isinstance(error, PortError) else "cannot start"
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    print(f"dataset-emulator: {what}: {reason}", file=sys.stderr, flush=True)
    if isinstance(error, SeedError):
        return BAD_SEED
    return PORT_IN_USE if getattr(error, "errno", None) == errno.EADDRINUSE else BAD_VALUE
