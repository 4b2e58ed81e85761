"""The resources of Amazon Personalize: schemas, dataset groups, datasets, and their ARNs.

Formats: observed in responses of 2019 to 2023 (service.json, `notebook2023`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from emulator.api import Resource, Scope

Tag = dict[str, str]


@dataclass(kw_only=True)
class Schema(Resource):
    """An Avro schema, stored as the text that was sent."""

    kind: ClassVar[str] = "schema"
    identifier: ClassVar[str] = "schema_arn"

    name: str
    schema: str
    domain: str | None = None


@dataclass(kw_only=True)
class DatasetGroup(Resource):
    """A group of datasets, of a domain or custom."""

    kind: ClassVar[str] = "dataset-group"
    identifier: ClassVar[str] = "dataset_group_arn"

    name: str
    role_arn: str | None = None
    kms_key_arn: str | None = None
    domain: str | None = None
    tags: list[Tag] = field(default_factory=list)

    @property
    def failure_reason(self) -> str | None:
        """The reason of its failure, if a fault or a control call gave one."""
        return self.reason if self.state.phase == "failed" else None


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset; its type is part of its ARN, its name is not."""

    kind: ClassVar[str] = "dataset"
    identifier: ClassVar[str] = "dataset_arn"

    name: str
    dataset_group_arn: str
    dataset_type: str
    schema_arn: str
    """Its schema, or that of the update in progress."""
    tracking_id: str | None = None
    tags: list[Tag] = field(default_factory=list)
    incarnation: str = ""
    """The incarnation, which differs from an earlier dataset with the same ARN."""
    replaced_schema_arn: str | None = None
    update_began_at: int | None = None
    """When the latest update began, in microseconds."""

    @property
    def is_updating(self) -> bool:
        """Whether an update is in progress."""
        return self.update_began_at is not None and self.state.phase in ("pending", "running")

    @property
    def schema_in_force(self) -> str:
        """The schema that data has to match; a new one counts when its update has ended."""
        replaced = self.replaced_schema_arn if self.is_updating else None
        return replaced or self.schema_arn

    @property
    def latest_dataset_update(self) -> DatasetUpdate | None:
        """The latest update, if there was one."""
        if self.update_began_at is None:
            return None
        return DatasetUpdate(
            schema_arn=self.schema_arn,
            status=self.state.name if self.is_updating else "ACTIVE",
            created_at=self.update_began_at,
            updated_at=self.update_began_at if self.is_updating else self.updated_at,
        )

    def uses(self, schema_arn: str) -> bool:
        """Return whether the dataset uses a schema, now or after an update."""
        return schema_arn in (self.schema_arn, self.schema_in_force)


@dataclass(frozen=True, kw_only=True)
class DatasetUpdate:
    """The latest replacement of a dataset's schema."""

    schema_arn: str
    status: str
    created_at: int
    updated_at: int


def arn(scope: Scope, kind: str, name: str) -> str:
    """Write `arn:aws:personalize:<region>:<account>:<kind>/<name>`."""
    return f"{_owner(scope)}{kind}/{name}"


def is_foreign(scope: Scope, resource_arn: str) -> bool:
    """Return whether an ARN names another region or account than the caller's."""
    return not resource_arn.startswith(_owner(scope))


def kind_of(resource_arn: str) -> str:
    """Return the kind in `arn:aws:personalize:<region>:<account>:<kind>/<name>`."""
    return resource_arn.split(":", 5)[5].partition("/")[0]


def account_of(role_arn: str) -> str:
    """Return the account in `arn:aws:iam::<account>:role/<name>`."""
    return role_arn.split(":")[4]


def _owner(scope: Scope) -> str:
    # the regions of China are a partition of their own (service.json, `partitions`)
    partition = "aws-cn" if scope.region.startswith("cn-") else "aws"
    return f"arn:{partition}:personalize:{scope.region}:{scope.account}:"
