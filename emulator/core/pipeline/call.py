"""What a handler works with: an accepted call in its transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.core.contract.model import Contract, Document, Operation
from emulator.core.errors.failures import QuotaExceeded
from emulator.core.http.exchange import Scope
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.objects import find_object
from emulator.core.storage.query import Page, Query
from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.worlds.world_settings import WorldSettings

ScopeFacts = Callable[[Scope], Mapping[str, str]]
"""Facts of a caller besides account, region and caller."""

RequestFacts = Callable[[Mapping[str, Any]], Mapping[str, object]]
"""Facts of the document of a request, where they are not what was sent."""

Check = Callable[["Call", Any], None]
"""Rejects a call by its parameters, or does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler works with: an accepted call in its transaction."""

    contract: Contract
    operation: Operation
    kinds: Mapping[str, type[Resource]]
    """The classes of resources, by kind."""
    checks: Mapping[str, Check]
    """The checks that operations name in `before` and `after`."""
    facts: Mapping[str, str]
    """The facts of the caller that templates may use."""
    scope: Scope
    resources: Repository
    identifiers: Identifiers
    settings: WorldSettings

    @property
    def now(self) -> int:
        """The time of the call, in microseconds UTC."""
        return self.resources.now

    @property
    def does(self) -> Document:
        """What service.json says that the operation does."""
        return self.operation.does

    def get(self, kind: str, id: str, **facts: object) -> Resource:
        """Return a resource as it is now; raises `NotFound` with its `id` and the `facts`."""
        return self.resources.get(self.kinds[kind], id, **facts)

    def find(self, kind: str, id: str) -> Resource | None:
        """Return a resource as it is now, or None if it does not exist."""
        return self.resources.find(self.kinds[kind], id)

    def list(self, kind: str, **query: Any) -> Page[Resource]:
        """List resources of a kind, for the members of a `Query`."""
        return self.resources.list(self.kinds[kind], Query(**query))

    def has(self, kind: str, parent: str, *, unsettled: bool = False) -> bool:
        """Return whether a resource of a kind exists under a parent."""
        return self.resources.has(self.kinds[kind], parent, unsettled=unsettled)

    def purpose(self, kind: str, name: str) -> tuple[str, ...]:
        """Return the purpose of an id, so that a seeded id does not depend on order."""
        resources = self.resources
        return (resources.world, resources.provider, resources.scope, kind, name)

    def limit(self, quota: str) -> int | None:
        """Return the limit of a quota, or None."""
        documented: int | None = self.contract.quotas[quota]["limit"]
        return self.settings.limits(self.contract.provider).get(quota, documented)

    def check_quota(self, quota: str, *, parent: str | None = None) -> None:
        """Check that a quota has room, the new resource included; raises `QuotaExceeded`.

        With a `parent`, only the resources under it are counted.
        """
        limit, counts = self.limit(quota), self.contract.quotas[quota]["counts"]
        if limit is None:
            return
        # The new resource is stored already, because its insert decides about uniqueness. It is
        # enough to count one more than the limit.
        unsettled = counts.get("unsettled", False)
        if (
            self.resources.count(counts["kind"], limit + 1, parent=parent, unsettled=unsettled)
            > limit
        ):
            raise QuotaExceeded(quota, limit=limit)

    def object(self, bucket: str, key: str) -> str | None:
        """Return the text of an uploaded S3 object, or None; nothing is ever fetched."""
        return find_object(self.resources, bucket, key)
