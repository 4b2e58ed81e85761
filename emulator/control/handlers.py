"""What the control API does: one short method per operation, document in, document out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from emulator.core.call import Scope
from emulator.core.clock import SECOND, ClockError, from_iso, to_iso
from emulator.core.contract import Contract, Operation
from emulator.core.failures import NotFound, Refused
from emulator.core.journal import Entry
from emulator.core.objects import StoredObject, put_object
from emulator.core.world import World
from emulator.version import __version__

Document = Mapping[str, Any]

_MOST_OBJECTS = 1000
"""Objects that are listed."""


class Commands:
    """The operations of the control API over one world."""

    def __init__(self, world: World, contracts: Mapping[str, Contract]) -> None:
        """Command a world that serves the providers of `contracts`."""
        self._world = world
        self._contracts = contracts
        self._handlers: Mapping[str, Callable[[Document], object]] = {
            "GetPlainHealth": self.health,
            "HeadPlainHealth": self.health,
            "GetHealth": self.health,
            "HeadHealth": self.health,
            "GetReady": self.health,
            "ListOperations": self.operations,
            "Reset": self.reset,
            "GetClock": self.clock,
            "PutClock": self.put_clock,
            "AdvanceClock": self.advance_clock,
            "GetQuotas": self.quotas,
            "PatchQuotas": self.patch_quotas,
            "PutObject": self.put_object,
            "ListObjects": self.objects,
            "DeleteObject": self.delete_object,
            "ListRequests": self.requests,
            "GetRequest": self.request,
            "ClearRequests": self.clear_requests,
        }

    def perform(self, operation: Operation, scope: Scope, document: Any) -> object:
        """Run the method of an operation."""
        return self._handlers[operation.name](document)

    def health(self, _: Document) -> object:
        """Tell that the emulator answers; it does so only once its seeds are in."""
        providers = dict.fromkeys(self._contracts, "available")
        return {"status": "ok", "version": __version__, "providers": providers}

    def operations(self, wish: Document) -> object:
        """List the operations of every provider, or of one."""
        return {
            "operations": [
                describe_operation(name, operation)
                for name in self._chosen(wish)
                for operation in self._contracts[name].operations.values()
            ]
        }

    def reset(self, wish: Document) -> object:
        """Go back to the seeds, for every provider or for one."""
        chosen = self._chosen(wish)
        self._world.reset(wish.get("provider"))
        return {"status": "ok", "providers": chosen}

    def clock(self, _: Document) -> object:
        """Show the clock."""
        clock = self._world.clock
        return {"mode": clock.mode, "now": to_iso(clock.now()), "speed": self._world.speed}

    def put_clock(self, wish: Document) -> object:
        """Freeze, release or set the clock; change the speed of lifecycles begun from now on."""
        now = wish.get("now")
        try:
            self._world.clock.set(mode=wish.get("mode"), now=None if now is None else _micros(now))
        except ClockError as error:
            raise Refused("not-a-time", reason=str(error)) from None
        self._world.speed = wish.get("speed", self._world.speed)
        return self.clock(wish)

    def advance_clock(self, wish: Document) -> object:
        """Move the clock on by seconds, or until no state is left that would change."""
        clock = self._world.clock
        if "seconds" in wish:
            distance = int(wish["seconds"] * SECOND)
        else:
            distance = max(0, self._world.settles_at() - clock.now())
        try:
            clock.advance(distance)
        except ClockError as error:
            raise Refused("not-a-time", reason=str(error)) from None
        return self.clock(wish)

    def quotas(self, _: Document) -> object:
        """Show the limits in force."""
        return {name: self._limits(name) for name in self._contracts}

    def patch_quotas(self, wish: Document) -> object:
        """Set limits of this world; the ones not named stay."""
        for provider, limits in wish.items():
            for quota in limits:
                if quota not in self._limits(self._known(provider)):
                    raise NotFound("quota", id=f"{provider}.{quota}")
        for provider, limits in wish.items():
            self._world.limits[provider].update(limits)
        return self.quotas(wish)

    def put_object(self, wish: Document) -> object:
        """Keep an S3 object that calls may name."""
        with self._world.objects() as shelf:
            return _shown(put_object(shelf, wish["bucket"], wish["key"], wish["text"]))

    def objects(self, _: Document) -> object:
        """List the S3 objects that were supplied, oldest first, without their texts."""
        with self._world.objects() as shelf:
            page = shelf.page(StoredObject, most=_MOST_OBJECTS, token=None)
        return {"objects": [_shown(stored) for stored in page.items]}

    def delete_object(self, wish: Document) -> object:
        """Forget an S3 object that was supplied."""
        with self._world.objects() as shelf:
            shelf.drop(shelf.get(StoredObject, f"{wish['bucket']}/{wish['key']}"))
        return {"status": "ok"}

    def requests(self, wish: Document) -> object:
        """List the requests that fit every filter given, oldest first."""
        since = wish.get("since")
        after = _micros(since) if since and not since.isdecimal() else None
        fitting = [entry for entry in self._world.journal if _fits(entry, wish)]
        if since and after is None:
            fitting = [entry for entry in fitting if int(entry.id) > int(since)]
        elif after is not None:
            fitting = [entry for entry in fitting if entry.at >= after]
        return {"requests": [_summary(entry) for entry in fitting]}

    def request(self, wish: Document) -> object:
        """Show one request and its answer."""
        for entry in self._world.journal:
            if entry.id == wish["id"]:
                sides = {"request": asdict(entry.request), "response": asdict(entry.response)}
                return {**_summary(entry), **sides}
        raise NotFound("request", id=wish["id"])

    def clear_requests(self, _: Document) -> object:
        """Forget the journal."""
        self._world.journal.clear()
        return {"status": "ok"}

    def _chosen(self, wish: Document) -> list[str]:
        return [self._known(wish["provider"])] if "provider" in wish else list(self._contracts)

    def _known(self, provider: str) -> str:
        if provider not in self._contracts:
            raise NotFound("provider", id=provider)
        return provider

    def _limits(self, provider: str) -> dict[str, int | None]:
        quotas = self._contracts[provider].quotas
        return {
            **{name: quota["limit"] for name, quota in quotas.items()},
            **self._world.limits[provider],
        }


def describe_operation(provider: str, operation: Operation) -> Document:
    """Tell what is known of an operation, as `GET operations` and the command line print it."""
    return {
        "provider": provider,
        "operation": operation.name,
        "method": operation.method,
        "path": operation.path,
        "target": operation.target,
        "emulated": operation.emulated,
        "status": operation.status,
        "errors": list(operation.errors),
        "evidence": operation.evidence,
        "documentation": operation.documentation,
    }


def _shown(stored: StoredObject) -> Document:
    bucket, _, key = stored.id.partition("/")
    return {"bucket": bucket, "key": key, "characters": len(stored.text)}


def _micros(time: str | float) -> int:
    try:
        return from_iso(time) if isinstance(time, str) else int(time * SECOND)
    except (ValueError, OverflowError) as error:
        raise Refused("not-a-time", reason=str(error)) from None


def _fits(entry: Entry, wish: Document) -> bool:
    return bool(
        wish.get("provider", entry.provider) == entry.provider
        and wish.get("operation", entry.operation) == entry.operation
        and wish.get("status", entry.status) == entry.status
    )


def _summary(entry: Entry) -> dict[str, object]:
    return {
        "id": entry.id,
        "at": to_iso(entry.at),
        "provider": entry.provider,
        "operation": entry.operation,
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "status": entry.status,
    }
