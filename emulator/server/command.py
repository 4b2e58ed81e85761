"""`dataset-emulator serve`: the emulator on granian, in one worker process and on one thread.

The process of the command stays small: it binds the port, starts the worker and waits
for a signal. The worker loads the application, serves, and announces it.
"""

from __future__ import annotations

import errno
import gc
import json
import multiprocessing
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server import Server

from emulator.files import write_atomically
from emulator.server.log_setup import set_up
from emulator.server.sockets import PortError, bound
from emulator.settings import LAST_PORT, SeedError, SettingError, Settings

if TYPE_CHECKING:
    from emulator.app import Application
    from emulator.server.asgi import OneThread

OK, BAD_VALUE, PORT_IN_USE, BAD_SEED = 0, 2, 3, 4
"""Exit codes."""

_GRACE = 5
"""Seconds for requests in progress to finish when the emulator stops."""


def serve(settings: Settings) -> int:
    """Serve until a signal arrives; return the exit code of the process."""
    try:
        held = _hold_port(settings.host, settings.port)
    except PortError as error:
        return _complain(error)
    address, port = held.getsockname()[:2]
    outcome, worker_end = multiprocessing.Pipe(duplex=False)
    server = Server(
        "emulator.app:create_app",
        address=address,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        workers_kill_timeout=_GRACE,
        log_enabled=False,
    )
    loader = partial(_load, replace(settings, port=port), worker_end)
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit:
        return int(outcome.recv()) if outcome.poll() else 1
    finally:
        held.close()
        _remove_endpoints(settings.endpoints_file, port)
    return OK


def _remove_endpoints(file: str | None, port: int) -> None:
    """Remove the endpoints file of an emulator that has ended; another's is left."""
    try:
        if file and urlsplit(json.loads(Path(file).read_text())["base"]).port == port:
            Path(file).unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return


def _hold_port(host: str, port: int) -> socket.socket:
    """Take a port, without listening on it, until granian does; raises `PortError`.

    granian shares its port with whoever asks for sharing, too. Binding without asking
    first finds out whether anybody listens there; the socket that is kept holds a free
    port that was chosen.
    """
    bound(host, port).close()
    return bound(host, port, shared=True)


def _load(settings: Settings, outcome: Connection) -> OneThread:
    """Make the application, in the worker process, and announce it once it answers."""
    threading.Thread(target=_end_with_the_command, daemon=True).start()
    gc.disable()  # nothing that is loaded is garbage; collecting would cost a quarter of the start
    from emulator.app import Application
    from emulator.catalogue import ProviderError
    from emulator.core.contract.files import ContractError
    from emulator.core.pipeline.flask_app import RouteConflict
    from emulator.core.primitives.regex import PatternError
    from emulator.core.storage.engine import DatabaseError
    from emulator.server.asgi import OneThread

    set_up(settings)
    wrong = (SettingError, ProviderError, ContractError, RouteConflict, PatternError)
    try:
        _check_place(settings.endpoints_file)
        application = Application(settings)
        ports = _listen_per_provider(application) if settings.port_per_provider else {}
    except (*wrong, DatabaseError, OSError) as error:
        outcome.send(_complain(error))
        raise SystemExit(1) from None
    announce = partial(_announce_or_end, application, ports, outcome)
    threading.Thread(target=announce, daemon=True).start()
    gc.freeze()
    gc.enable()
    return OneThread(application, application.longest_body)


def _check_place(file: str | None) -> None:
    """Raise `SettingError` if a file cannot be written, before `Ready.` rather than after."""
    if file is None:
        return
    place = Path(file)
    if place.is_dir() or not os.access(place if place.exists() else place.parent, os.W_OK):
        raise SettingError(f"cannot write {file}")


def _end_with_the_command() -> None:
    """End the worker process once the command was killed and cannot stop it any more."""
    command = multiprocessing.parent_process()
    assert command is not None
    command.join()
    os._exit(1)


def _listen_per_provider(application: Application) -> dict[str, int]:
    """Listen on a port per provider as well, and register the ports with the router.

    Raises `PortError`, and `SettingError` if a port would be above the highest one.
    """
    from emulator.server.in_process import Listener

    settings, ports = application.settings, {}
    for name, contract in application.contracts.items():
        port = settings.port + contract.service["portOffset"]
        if port > LAST_PORT:
            raise SettingError(f"no port left for {name}: {port} is above {LAST_PORT}")
        Listener(application, settings.host, port).start()
        ports[name] = port
    application.give_ports(ports)
    return ports


def _announce_or_end(
    application: Application, ports: Mapping[str, int], outcome: Connection
) -> None:
    """Announce the emulator; if that fails, end the worker process as a failed start does.

    Whoever started it waits for the announcement, and would wait for ever.
    """
    try:
        _announce(application, ports)
    except Exception as error:
        outcome.send(_complain(error))
        os._exit(1)  # an exception would end this thread only


def _announce(application: Application, ports: Mapping[str, int]) -> None:
    """Wait until the port answers, then print the URLs and write the endpoints file."""
    from emulator.server.endpoints import Endpoints

    settings = application.settings
    endpoints = Endpoints(
        host=settings.host, port=settings.port, ports=ports, contracts=application.contracts
    )
    while not _answers(settings.host, settings.port):
        time.sleep(0.002)
    if settings.endpoints_file:
        text = json.dumps(endpoints.as_document(), indent=2) + "\n"
        write_atomically(Path(settings.endpoints_file), text.encode())
    lines = [] if settings.quiet else endpoints.listing()
    examples = endpoints.examples() if settings.demo and not settings.quiet else []
    if examples and settings.auth != "verify":  # they prove nothing
        lines += ["", "Create a dataset:", *examples, ""]
    print("\n".join([*lines, endpoints.ready_line()]), flush=True)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def _complain(error: Exception) -> int:
    """Print one line with the reason of a failed start; return its exit code."""
    what = f"cannot listen on {error.address}" if isinstance(error, PortError) else "cannot start"
    reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
    print(f"dataset-emulator: {what}: {reason}", file=sys.stderr, flush=True)
    if isinstance(error, SeedError):
        return BAD_SEED
    return PORT_IN_USE if getattr(error, "errno", None) == errno.EADDRINUSE else BAD_VALUE
