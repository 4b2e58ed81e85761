"""Commands on a running emulator: status, reset, state files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from emulator.client import ControlError, Remote, RemoteError, Unreachable
from emulator.core.primitives.nearest import with_hint
from emulator.files import write_atomically

STANDARD = "-"
"""The file that stands for standard input or output."""

_BAD_STATE = frozenset({"InvalidState", "UnsupportedVersion"})
"""Error codes that mean the document is at fault, not the call."""


class FileError(Exception):
    """A file cannot be read or written, or its state is invalid; the text is one line."""


def check_world(remote: Remote) -> None:
    """Check that the world of a URL exists, without making it; raises `RemoteError`."""
    outside, named, world = remote.url.rpartition("/w/")
    if not named or "/" in world:
        return
    known = [each["name"] for each in replace(remote, url=outside).get("worlds")["worlds"]]
    if world not in known:
        raise RemoteError(with_hint(f"there is no world {world}", world, known))


def status(remote: Remote) -> Mapping[str, Any]:
    """Return the status of an emulator; raises `RemoteError`."""
    check_world(remote)
    health = remote.get("health")
    if "version" not in health:
        raise Unreachable(f"{remote.url} is not a dataset emulator")
    return {
        "url": remote.url,
        "status": health["status"],
        "version": health["version"],
        "providers": health["providers"],
        "clock": remote.get("clock"),
        "worlds": [world["name"] for world in remote.get("worlds")["worlds"]],
        "resources": len(remote.get("resources")["resources"]),
        "requests": len(remote.get("requests")["requests"]),
    }


def listing(found: Mapping[str, Any]) -> Iterator[str]:
    """Format a status as lines."""
    clock = found["clock"]
    shown = {
        **found,
        "providers": ", ".join(found["providers"]),
        "clock": f"{clock['now']}, {clock['mode']}, speed {clock['speed']:g}",
        "worlds": ", ".join(found["worlds"]),
    }
    width = max(map(len, shown))
    return (f"{name:<{width}}  {value}" for name, value in shown.items())


def reset(remote: Remote, provider: str | None) -> str:
    """Reset every provider or one; raises `RemoteError`."""
    answer = remote.send("POST", "reset", {"provider": provider} if provider else {})
    return f"reset: {', '.join(answer['providers'])}"


def save(remote: Remote, file: str) -> None:
    """Write the state of a world to a file, all of it or none; raises `RemoteError`, `FileError`.

    The file has the bytes that the emulator sent.
    """
    check_world(remote)
    document = remote.read("state")
    if file == STANDARD:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return
    try:
        write_atomically(Path(file), document)
    except OSError as error:
        raise FileError(f"cannot write {file}: {error.strerror}") from None


def load(remote: Remote, file: str) -> None:
    """Load the state of a world from a file; raises `RemoteError` and `FileError`."""
    found = _json_of(file)
    try:
        remote.put("state", found)
    except ControlError as error:
        if error.code in _BAD_STATE:
            raise FileError(f"{file}: {error.text}") from None
        raise


def _json_of(file: str) -> bytes:
    try:
        found = sys.stdin.buffer.read() if file == STANDARD else Path(file).read_bytes()
    except OSError as error:
        raise FileError(f"cannot read {file}: {error.strerror}") from None
    try:
        json.loads(found)
    except (ValueError, RecursionError) as error:
        raise FileError(f"{file} is not JSON: {error}") from None
    return found
