"""What a handler works with: an accepted call in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.core.contract.model import Contract
from emulator.core.errors.failures import QuotaExceeded
from emulator.core.http.exchange import Scope
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.objects import find_object
from emulator.core.storage.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What a handler works with: an accepted call in its transaction."""

    contract: Contract
    scope: Scope
    resources: Repository
    identifiers: Identifiers
    limits: Mapping[str, int | None]
    """Quotas that differ from quotas.json; None is no limit."""

    @property
    def now(self) -> int:
        """The time of the call, in microseconds UTC."""
        return self.resources.now

    def purpose(self, kind: str, name: str) -> tuple[str, ...]:
        """Return the purpose of an id, so that a seeded id does not depend on order."""
        return (self.resources.world, self.resources.provider, self.scope.key, kind, name)

    def limit(self, quota: str) -> int | None:
        """Return the limit of a quota, or None."""
        documented: int = self.contract.quotas[quota]["limit"]
        return self.limits.get(quota, documented)

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
