"""The parts of a world that tests control: clock, faults, journal, quotas, resources, objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from emulator.client import Document, Remote

Time = datetime | str | float
"""A moment: without a zone it is UTC; a number is seconds since 1970."""

_MATCH = ("provider", "operation", "fields", "nth")
_RULE = ("times", "probability", "random_seed", "expires_in", "allow_undeclared")


class Clock:
    """The one clock of a world; lifecycles, timestamps and signatures go by it."""

    def __init__(self, control: Remote) -> None:
        self._control = control

    def now(self) -> datetime:
        """Return the time of the world, in UTC."""
        return _moment(self._control.get("clock"))

    def freeze(self, at: Time | None = None) -> datetime:
        """Freeze the clock, at a given time or at its current one; return that time."""
        return self._put(mode="frozen", **({} if at is None else {"now": _time(at)}))

    def run(self) -> datetime:
        """Let the clock run on from its current time; return that time."""
        return self._put(mode="real")

    def set(self, at: Time) -> datetime:
        """Set the clock, which stays running or frozen; return the time."""
        return self._put(now=_time(at))

    def advance(self, by: float | timedelta) -> datetime:
        """Move the clock forward by seconds or a `timedelta`; return the time."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else by
        return _moment(self._control.send("POST", "clock/advance", {"seconds": seconds}))

    def until_settled(self) -> datetime:
        """Move the clock forward until no resource would change its state; return the time."""
        return _moment(self._control.send("POST", "clock/advance", {"until": "settled"}))

    def _put(self, **params: object) -> datetime:
        return _moment(self._control.send("PUT", "clock", params))


def _time(at: Time) -> str | float:
    return at.isoformat() if isinstance(at, datetime) else at


def _moment(clock: Document) -> datetime:
    return datetime.fromisoformat(clock["now"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, as the control API showed it at some moment."""

    id: str
    match: Document
    effect: Document
    times: int | None
    matched: int
    """Requests that matched."""
    applied: int
    """Requests that the fault was applied to."""

    @classmethod
    def of(cls, document: Document) -> Fault:
        """Read a fault as the control API shows it."""
        return cls(**{name: document[name] for name in cls.__slots__})

    def __str__(self) -> str:
        return f"fault {self.id}, {dict(self.effect)} on {dict(self.match) or 'any request'}"


class Faults:
    """The faults of a world."""

    def __init__(self, control: Remote) -> None:
        self._control = control

    def add(self, error: str | None = None, **params: Any) -> Fault:
        """Add a fault: `add("ThrottlingException", operation="CreateDataset", times=2, ...)`.

        The match: `provider`, `operation`, `fields`, `nth`. How often: `times`, `probability`,
        `random_seed`, `expires_in` (seconds); `allow_undeclared` accepts an error that the
        operation does not declare. The effect: `error`, `message`, `status`, `retry_after`,
        `apply_first`, `delay`, `close_connection`, `truncate_bytes`, `lifecycle`, `reason`,
        `hold_seconds`. Raises `ControlError` for an invalid fault.
        """
        effect = {} if error is None else {"error": error}
        effect |= {name: params[name] for name in params.keys() - {*_MATCH, *_RULE}}
        order = {
            "match": {name: params[name] for name in _MATCH if name in params},
            "effect": effect,
            **{name: params[name] for name in _RULE if name in params},
        }
        return Fault.of(self._control.send("POST", "faults", order))

    def list(self) -> Sequence[Fault]:
        """List the faults, oldest first, with how often each was applied."""
        return [Fault.of(each) for each in self._control.get("faults")["faults"]]

    def remove(self, fault: Fault) -> None:
        """Remove a fault."""
        self._control.send("DELETE", f"faults/{fault.id}")

    def clear(self) -> None:
        """Remove every fault."""
        self._control.send("DELETE", "faults")


class Requests:
    """The journal of a world, oldest first; entries are as the control API shows them."""

    def __init__(self, control: Remote) -> None:
        self._control = control
        self._before: list[Document] = []

    def list(self) -> Sequence[Document]:
        """List every request."""
        return self.filter()

    def filter(
        self,
        provider: str | None = None,
        operation: str | None = None,
        status: int | None = None,
        since: Time | None = None,
    ) -> Sequence[Document]:
        """List the requests that pass every filter; `since` is a time, or the id of an entry."""
        after = since.isoformat() if isinstance(since, datetime) else since
        params = {"provider": provider, "operation": operation, "status": status, "since": after}
        found: Sequence[Document] = self._control.get("requests", **params)["requests"]
        return found

    def count(self, **params: Any) -> int:
        """Count the requests that `filter` lists."""
        return len(self.filter(**params))

    def last(self, **params: Any) -> Document:
        """Return the newest request that `filter` lists, as `get` does; raises `LookupError`."""
        found = self.filter(**params)
        if not found:
            raise LookupError(f"no request matches {params}")
        return self.get(found[-1]["id"])

    def get(self, id: str) -> Document:
        """Return one request with headers and body, and its response."""
        found: Document = self._control.get(f"requests/{id}")
        return found

    def clear(self) -> None:
        """Clear the journal."""
        self.remember()
        self._control.send("DELETE", "requests")

    def remember(self, provider: str | None = None) -> None:
        """Keep the requests that are about to be deleted, for `ever`."""
        self._before += self.filter(provider)

    def ever(self) -> Sequence[Document]:
        """List the requests with those that were cleared away."""
        return [*self._before, *self.list()]


class Quotas:
    """The quotas of a world."""

    def __init__(self, control: Remote) -> None:
        self._control = control

    def list(self) -> Document:
        """Return the quotas of every provider."""
        shown: Document = self._control.get("quotas")
        return shown

    def set(self, provider: str, **limits: int | None) -> None:
        """Set limits of a provider: `set(provider, projects=2)`; None for no limit."""
        self._control.send("PATCH", "quotas", {provider: limits})


class Resources:
    """The resources of a world, in one form for all providers."""

    def __init__(self, control: Remote) -> None:
        self._control = control

    def list(self, **params: str) -> Sequence[Document]:
        """List the resources of a `provider`, `kind`, `id`, `name`, `state`, if any is given."""
        found: Sequence[Document] = self._control.get("resources", **params)["resources"]
        return found

    def one(self, **params: str) -> Document:
        """Return the only resource that passes; raises `LookupError` if there are none or more."""
        found = self.list(**params)
        if len(found) != 1:
            names = [f"{each['provider']} {each['kind']} {each['id']}" for each in found]
            raise LookupError(f"{len(found)} resources match {params}: {', '.join(names)}")
        return found[0]

    def move(
        self,
        resource: Document,
        state: str,
        *,
        seconds: float | None = None,
        reason: str | None = None,
    ) -> Document:
        """Put a listed resource in a state, for `seconds` if given."""
        params = {"state": state, "seconds": seconds, "reason": reason}
        path = "/".join(quote(resource[name]) for name in ("provider", "kind", "id"))
        given = {name: value for name, value in params.items() if value is not None}
        moved: Document = self._control.send("PUT", f"resources/{path}/state", given)
        return moved


class Objects:
    """The S3 objects that calls may refer to; the emulator fetches nothing."""

    def __init__(self, control: Remote) -> None:
        self._control = control

    def put(self, bucket: str, key: str, text: str) -> None:
        """Upload an object."""
        self._control.send("PUT", "objects", {"bucket": bucket, "key": key, "text": text})

    def list(self) -> Sequence[Document]:
        """List the uploaded objects, without their contents."""
        found: Sequence[Document] = self._control.get("objects")["objects"]
        return found


def mode_of(lifecycle: str | Mapping[str, str | Mapping[str, str]]) -> Document:
    """Convert a lifecycle to the document of the control API.

    One mode for all (`"manual"`), or modes by provider, or by provider and kind.
    """
    if isinstance(lifecycle, str):
        return {"default": lifecycle}
    modes = {
        provider: {"*": mode} if isinstance(mode, str) else mode
        for provider, mode in lifecycle.items()
    }
    return {"providers": modes}
