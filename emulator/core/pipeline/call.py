"""What a handler works with: an accepted call inside its transaction."""

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
    """What a handler works with: an accepted call inside its transaction."""

    contract: Contract
    scope: Scope
    resources: Repository
    identifiers: Identifiers
    limits: Mapping[str, int | None]
    """Quotas of this provider that were set differently from quotas.json; None has no limit."""

    @property
    def now(self) -> int:
        """The time of the call, in microseconds UTC."""
        return self.resources.now

    def purpose(self, kind: str, name: str) -> tuple[str, ...]:
        """Say what an identifier is for, so that a seeded one does not depend on order."""
        return (self.resources.world, self.resources.provider, self.scope.key, kind, name)

    def limit(self, quota: str) -> int | None:
        """Tell the limit of a quota; None where there is none."""
        documented: int = self.contract.quotas[quota]["limit"]
        return self.limits.get(quota, documented)

    def check_quota(self, quota: str, *, parent: str | None = None) -> None:
        """Count what a quota is of, the new one included; raises `QuotaExceeded`.

        The `parent` is named where those under each are counted by themselves.
        """
        limit, counts = self.limit(quota), self.contract.quotas[quota]["counts"]
        if limit is None:
            return
        unsettled = counts.get("unsettled", False)
        if (
            self.resources.count(counts["kind"], limit + 1, parent=parent, unsettled=unsettled)
            > limit
        ):
            raise QuotaExceeded(quota, limit=limit)

    def object(self, bucket: str, key: str) -> str | None:
        """Give the text of an S3 object somebody supplied; nothing is ever fetched."""
        return find_object(self.resources, bucket, key)
