"""What the resources of Amazon Personalize work out themselves, and their ARNs.

Formats: observed in responses of 2019 to 2023 (service.json, `notebook2023`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.api import Resource, Scope
from emulator.dialects.aws import partition_of

Tag = dict[str, str]


class Dataset(Resource):
    """A dataset; its type is part of its ARN, its name is not."""

    kind = "dataset"

    @property
    def is_updating(self) -> bool:
        """Whether an update is in progress."""
        return self.update_began_at is not None and self.state.phase in ("pending", "running")

    @property
    def has_failed_update(self) -> bool:
        """Whether the latest update has failed; the dataset is then as it was before."""
        # ready after an update has no message, unless the update failed (lifecycles.json)
        return self.update_began_at is not None and self.ready and bool(self.state.message)

    @property
    def schema_in_force(self) -> str:
        """The schema that data has to match; a new one counts when its update has succeeded."""
        keeps = self.is_updating or self.has_failed_update
        return str((keeps and self.replaced_schema_arn) or self.schema_arn)

    @property
    def latest_dataset_update(self) -> DatasetUpdate | None:
        """The latest update, if there was one."""
        if self.update_began_at is None:
            return None
        return DatasetUpdate(
            schema_arn=self.schema_arn,
            status=self._update_status,
            failure_reason=self.status_message if self.has_failed_update else None,
            created_at=self.update_began_at,
            updated_at=self.update_began_at if self.is_updating else self.updated_at,
        )

    def uses(self, schema_arn: str) -> bool:
        """Return whether the dataset uses a schema, now or after an update."""
        wanted = self.schema_in_force if self.has_failed_update else self.schema_arn
        return schema_arn in (wanted, self.schema_in_force)

    @property
    def status_message(self) -> str:
        """The reason of a failed update."""
        return self.reason or self.state.message

    @property
    def _update_status(self) -> str:
        if self.is_updating:
            return self.state.name
        return "UPDATE FAILED" if self.has_failed_update else "ACTIVE"


@dataclass(frozen=True, kw_only=True)
class DatasetUpdate:
    """The latest replacement of a dataset's schema."""

    schema_arn: str
    status: str
    failure_reason: str | None
    created_at: int
    updated_at: int


class DataDeletionJob(Resource):
    """A deletion of the records of some users in a dataset group."""

    kind = "data-deletion-job"

    @property
    def num_deleted(self) -> int | None:
        """Number of deleted records, once the job has succeeded."""
        return int(self.deletes) if self.ready else None


def type_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Return the type of dataset in a request as errors show it, in capitals."""
    sent = document.get("datasetType")
    return {"dataset_type": sent.upper()} if isinstance(sent, str) else {}


def is_foreign(scope: Scope, resource_arn: str) -> bool:
    """Return whether an ARN names another region or account than the caller's."""
    own = f"arn:{partition_of(scope)['partition']}:personalize:{scope.region}:{scope.account}:"
    return not resource_arn.startswith(own)


def kind_of(resource_arn: str) -> str:
    """Return the kind in `arn:aws:personalize:<region>:<account>:<kind>/<name>`."""
    return resource_arn.split(":", 5)[5].partition("/")[0]


def account_of(role_arn: str) -> str:
    """Return the account in `arn:aws:iam::<account>:role/<name>`."""
    return role_arn.split(":")[4]
