"""What happens in Amazon Personalize: one short function per operation.

The order of the checks is inferred: authorisation, input, existence, state, uniqueness,
fit, tags, quota. A resource is stored where the order says "uniqueness"; a later refusal undoes
that, since a call is one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.core.call import Call
from emulator.core.failures import NotReady, Refused
from emulator.core.provider import Handler
from emulator.providers.personalize import wire
from emulator.providers.personalize.avro import Record
from emulator.providers.personalize.resources import (
    Dataset,
    DatasetGroup,
    Schema,
    Tag,
    account_of,
    arn,
    is_foreign,
)


def create_schema(call: Call, wish: wire.CreateSchema) -> Schema:
    """Keep a schema; it can be used at once."""
    if Record(wish.schema).has_ambiguous_names():
        raise Refused("not-avro")
    schema = call.store.add(Schema(id=arn(call.scope, "schema", wish.name), **vars(wish)))
    call.spend("schemas", Schema)
    return schema


def describe_schema(call: Call, wish: wire.DescribeSchema) -> Mapping[str, Schema]:
    """Give a schema back, its text byte for byte."""
    return {"schema": call.store.get(Schema, wish.schema_arn)}


def create_dataset_group(call: Call, wish: wire.CreateDatasetGroup) -> DatasetGroup:
    """Start a dataset group."""
    if wish.role_arn and _is_foreign_role(call, wish.role_arn):
        raise Refused("foreign-role")
    if (wish.role_arn is None) != (wish.kms_key_arn is None):
        raise Refused("key-without-role")
    group = DatasetGroup(id=arn(call.scope, "dataset-group", wish.name), **vars(wish))
    stored = call.store.add(group)
    _check_tags(call, wish.tags)
    call.spend("dataset_groups", DatasetGroup)
    return stored


def describe_dataset_group(
    call: Call, wish: wire.DescribeDatasetGroup
) -> Mapping[str, DatasetGroup]:
    """Show a dataset group with its state."""
    return {"dataset_group": call.store.get(DatasetGroup, wish.dataset_group_arn)}


def create_dataset(call: Call, wish: wire.CreateDataset) -> Dataset:
    """Start a dataset in an active group; a group has one of each type."""
    dataset_type = wish.dataset_type.upper()
    if dataset_type not in call.contract.rules["datasetTypes"]["types"]:
        raise Refused("unknown-dataset-type", dataset_type=wish.dataset_type)
    for foreign in (wish.dataset_group_arn, wish.schema_arn):
        if is_foreign(call.scope, foreign):
            raise Refused("foreign-arn", arn=foreign)
    group = call.store.get(DatasetGroup, wish.dataset_group_arn)
    schema = call.store.get(Schema, wish.schema_arn)
    if not group.ready:
        raise NotReady(group.kind, id=group.id, state=group.state.name)
    dataset_arn = arn(call.scope, "dataset", f"{group.name}/{dataset_type}")
    dataset = Dataset(
        id=dataset_arn,
        name=wish.name,
        dataset_group_arn=group.id,
        dataset_type=dataset_type,
        schema_arn=schema.id,
        tracking_id=_tracking_id(call, dataset_arn, dataset_type),
        tags=wish.tags,
    )
    stored = call.store.add(dataset, parent=group.id)
    _check_fit(call, dataset_type, group, schema)
    _check_tags(call, wish.tags)
    return stored


def describe_dataset(call: Call, wish: wire.DescribeDataset) -> Mapping[str, Dataset]:
    """Show a dataset with its state."""
    return {"dataset": call.store.get(Dataset, wish.dataset_arn)}


def _is_foreign_role(call: Call, role_arn: str) -> bool:
    """Tell whether a role is of another account, if the access key states the caller's."""
    account = call.scope.account
    return call.scope.caller == account and account_of(role_arn) != account


def _tracking_id(call: Call, dataset_arn: str, dataset_type: str) -> str | None:
    """Draw the id under which an Action interactions dataset gets its events."""
    if dataset_type not in call.contract.rules["tracked"]["types"]:
        return None
    return str(call.identifiers.uuid(*call.purpose("tracking-id", dataset_arn)))


def _check_fit(call: Call, dataset_type: str, group: DatasetGroup, schema: Schema) -> None:
    rules = call.contract.rules["datasetTypes"]["types"]
    rule = rules[dataset_type]
    if group.domain and group.domain not in rule.get("domains", {}):
        raise Refused("type-outside-domain", dataset_type=dataset_type)
    if group.domain != schema.domain:
        raise Refused("domain-mismatch", arn=schema.id)
    record = Record(schema.schema)
    if record.name in {other["record"] for other in rules.values()} - {rule["record"]}:
        raise Refused("incompatible-schema", arn=schema.id, dataset_type=dataset_type)
    missing = record.missing(rule, group.domain)
    if missing:
        raise Refused("missing-fields", fields=", ".join(missing))
    if not record.fits(rule, group.domain):
        raise Refused("incompatible-schema", arn=schema.id, dataset_type=dataset_type)


def _check_tags(call: Call, tags: Sequence[Tag]) -> None:
    rule = call.contract.rules["tags"]
    if len(tags) > rule["most"]:
        raise Refused("too-many-tags")
    if any(tag["tagKey"].startswith(rule["reservedPrefix"]) for tag in tags):
        raise Refused("reserved-tag", prefix=rule["reservedPrefix"])


HANDLERS: Mapping[str, Handler] = {
    "CreateSchema": create_schema,
    "DescribeSchema": describe_schema,
    "CreateDatasetGroup": create_dataset_group,
    "DescribeDatasetGroup": describe_dataset_group,
    "CreateDataset": create_dataset,
    "DescribeDataset": describe_dataset,
}
