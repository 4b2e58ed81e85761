"""What exists in Amazon Personalize: schemas, dataset groups, datasets, and their ARNs.

Formats: observed in answers of 2019 to 2023 (service.json, `notebook2023`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from emulator.api import Resource, Scope

Tag = dict[str, str]


@dataclass(kw_only=True)
class Schema(Resource):
    """An Avro schema, kept as the text it was sent as."""

    kind: ClassVar[str] = "schema"

    name: str
    schema: str
    domain: str | None = None


@dataclass(kw_only=True)
class DatasetGroup(Resource):
    """A group of datasets, of a domain or custom."""

    kind: ClassVar[str] = "dataset-group"

    name: str
    role_arn: str | None = None
    kms_key_arn: str | None = None
    domain: str | None = None
    tags: list[Tag] = field(default_factory=list)

    @property
    def failure_reason(self) -> str | None:
        """What was ordered to be said of its failure."""
        return self.reason if self.state.phase == "failed" else None


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset; its type is part of its ARN, its name is not."""

    kind: ClassVar[str] = "dataset"

    name: str
    dataset_group_arn: str
    dataset_type: str
    schema_arn: str
    """The schema it has, or that of the update under way."""
    tracking_id: str | None = None
    tags: list[Tag] = field(default_factory=list)
    incarnation: str = ""
    """What it does not share with a dataset that had the ARN before."""
    replaced_schema_arn: str | None = None
    update_began_at: int | None = None
    """When the latest update began, in microseconds."""

    @property
    def is_updating(self) -> bool:
        """Whether an update is under way."""
        return self.update_began_at is not None and self.state.phase in ("pending", "running")

    @property
    def schema_in_force(self) -> str:
        """The schema data has to fit; a new one counts when its update has ended."""
        replaced = self.replaced_schema_arn if self.is_updating else None
        return replaced or self.schema_arn

    @property
    def latest_update(self) -> DatasetUpdate | None:
        """What is told of the latest update, if there was one."""
        if self.update_began_at is None:
            return None
        return DatasetUpdate(
            schema_arn=self.schema_arn,
            status=self.state.name if self.is_updating else "ACTIVE",
            created_at=self.update_began_at,
            updated_at=self.update_began_at if self.is_updating else self.updated_at,
        )

    def uses(self, schema_arn: str) -> bool:
        """Tell whether the dataset has a schema, or is about to."""
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
    """Tell whether an ARN names another region or account than the caller's."""
    return not resource_arn.startswith(_owner(scope))


def kind_of(resource_arn: str) -> str:
    """Give the kind in `arn:aws:personalize:<region>:<account>:<kind>/<name>`."""
    return resource_arn.split(":", 5)[5].partition("/")[0]


def account_of(role_arn: str) -> str:
    """Give the account in `arn:aws:iam::<account>:role/<name>`."""
    return role_arn.split(":")[4]


def _owner(scope: Scope) -> str:
    # the regions of China are a partition of their own (service.json, `partitions`)
    partition = "aws-cn" if scope.region.startswith("cn-") else "aws"
    return f"arn:{partition}:personalize:{scope.region}:{scope.account}:"
