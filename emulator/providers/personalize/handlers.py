"""The operations of Amazon Personalize, one function each.

The order of the checks is inferred: authorisation, input, existence, state, uniqueness, fit, tags,
quota. A resource is stored at the step "uniqueness"; a later rejection rolls that back, because a
call is one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Handler, InUse, Page, Params, Refused
from emulator.providers.personalize.avro import Record
from emulator.providers.personalize.checks import (
    check_owner,
    check_ready,
    check_role,
    check_settled,
    check_tags,
)
from emulator.providers.personalize.jobs.resources import DatasetImportJob, jobs_of
from emulator.providers.personalize.lists import page_of
from emulator.providers.personalize.resources import Dataset, DatasetGroup, Schema, arn
from emulator.providers.personalize.trackers.resources import EventTracker

_BATCH = 100
"""Number of datasets read at a time, to find those that use a schema."""


def create_schema(call: Call, params: Params) -> Schema:
    """Create a schema; it is ready at once."""
    if Record(params.schema).has_ambiguous_names():
        raise Refused("not-avro")
    schema = call.resources.add(Schema(id=arn(call.scope, "schema", params.name), **vars(params)))
    call.check_quota("schemas")
    return schema


def describe_schema(call: Call, params: Params) -> Mapping[str, Schema]:
    """Return a schema, its text byte for byte."""
    return {"schema": call.resources.get(Schema, params.schema_arn)}


def list_schemas(call: Call, params: Params) -> Page[Schema]:
    """List schemas, oldest first."""
    return page_of(call, Schema, params)


def delete_schema(call: Call, params: Params) -> None:
    """Delete a schema that no dataset uses; it is gone at once."""
    check_owner(call, params.schema_arn)
    schema = call.resources.get(Schema, params.schema_arn)
    # a dataset is under its group, not under its schema, and an account has few
    users = call.resources.page(
        Dataset, most=_BATCH, token=None, keep=lambda dataset: dataset.uses(schema.id)
    )
    if users.items:
        raise InUse(schema.kind, id=schema.id)
    call.resources.remove(schema)


def create_dataset_group(call: Call, params: Params) -> DatasetGroup:
    """Start to create a dataset group."""
    if params.role_arn:
        check_role(call, params.role_arn)
    if (params.role_arn is None) != (params.kms_key_arn is None):
        raise Refused("key-without-role")
    group = DatasetGroup(id=arn(call.scope, "dataset-group", params.name), **vars(params))
    stored = call.resources.add(group)
    check_tags(call, params.tags)
    call.check_quota("dataset_groups")
    return stored


def describe_dataset_group(call: Call, params: Params) -> Mapping[str, DatasetGroup]:
    """Return a dataset group with its state."""
    return {"dataset_group": call.resources.get(DatasetGroup, params.dataset_group_arn)}


def list_dataset_groups(call: Call, params: Params) -> Page[DatasetGroup]:
    """List dataset groups, oldest first."""
    return page_of(call, DatasetGroup, params)


def delete_dataset_group(call: Call, params: Params) -> None:
    """Start to delete an empty dataset group."""
    check_owner(call, params.dataset_group_arn)
    group = call.resources.get(DatasetGroup, params.dataset_group_arn)
    check_settled(group)
    if any(call.resources.has(kind, group.id) for kind in (Dataset, EventTracker)):
        raise InUse(group.kind, id=group.id)
    call.resources.remove(group)


def create_dataset(call: Call, params: Params) -> Dataset:
    """Start to create a dataset in an active group; a group has one of each type."""
    dataset_type = params.dataset_type.upper()
    if dataset_type not in call.contract.rules["datasetTypes"]["types"]:
        raise Refused("unknown-dataset-type", dataset_type=params.dataset_type)
    check_owner(call, params.dataset_group_arn, params.schema_arn)
    group = call.resources.get(DatasetGroup, params.dataset_group_arn)
    schema = call.resources.get(Schema, params.schema_arn)
    check_ready(group)
    dataset_arn = arn(call.scope, "dataset", f"{group.name}/{dataset_type}")
    dataset = Dataset(
        id=dataset_arn,
        name=params.name,
        dataset_group_arn=group.id,
        dataset_type=dataset_type,
        schema_arn=schema.id,
        tracking_id=_tracking_id(call, dataset_arn, dataset_type),
        tags=params.tags,
        incarnation=call.identifiers.hex(8, *call.purpose("incarnation", dataset_arn)),
    )
    stored = call.resources.add(dataset, parent=group.id)
    _check_fit(call, dataset_type, group, schema)
    check_tags(call, params.tags)
    return stored


def describe_dataset(call: Call, params: Params) -> Mapping[str, Dataset]:
    """Return a dataset with its state."""
    return {"dataset": call.resources.get(Dataset, params.dataset_arn)}


def list_datasets(call: Call, params: Params) -> Page[Dataset]:
    """List datasets, oldest first; a group that does not exist has none."""
    return page_of(call, Dataset, params, parent=params.dataset_group_arn)


def update_dataset(call: Call, params: Params) -> Dataset:
    """Start to replace the schema of a dataset by one that extends it."""
    check_owner(call, params.dataset_arn, params.schema_arn)
    dataset = call.resources.get(Dataset, params.dataset_arn)
    schema = call.resources.get(Schema, params.schema_arn)
    check_settled(dataset)
    if dataset.dataset_type not in call.contract.rules["updatable"]["types"]:
        raise Refused("not-updatable", dataset_type=dataset.dataset_type)
    group = call.resources.get(DatasetGroup, dataset.dataset_group_arn)
    _check_fit(call, dataset.dataset_type, group, schema)
    _check_extends(schema, call.resources.get(Schema, dataset.schema_arn))
    dataset.replaced_schema_arn, dataset.schema_arn = dataset.schema_arn, schema.id
    dataset.update_began_at = call.now
    return call.resources.change(dataset, lifecycle="update")


def delete_dataset(call: Call, params: Params) -> None:
    """Start to delete a dataset that is not in use."""
    check_owner(call, params.dataset_arn)
    dataset = call.resources.get(Dataset, params.dataset_arn)
    check_settled(dataset)
    is_importing = call.resources.has(DatasetImportJob, jobs_of(dataset.id), unsettled=True)
    is_tracked = dataset.dataset_type in call.contract.rules["heldByTrackers"]["types"]
    if is_importing or (is_tracked and call.resources.has(EventTracker, dataset.dataset_group_arn)):
        raise InUse(dataset.kind, id=dataset.id)
    call.resources.remove(dataset)


def _tracking_id(call: Call, dataset_arn: str, dataset_type: str) -> str | None:
    """Generate the tracking id of an Action interactions dataset."""
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


def _check_extends(schema: Schema, replaced: Schema) -> None:
    """Reject a schema that lacks or changes a field, or adds a required one."""
    record, old = Record(schema.schema), Record(replaced.schema)
    changed = record.changed(old)
    if changed:
        raise Refused("changed-fields", arn=schema.id, fields=", ".join(changed))
    required = record.new_required(old)
    if required:
        raise Refused("new-fields-not-null", arn=schema.id, fields=", ".join(required))


HANDLERS: Mapping[str, Handler] = {
    "CreateSchema": create_schema,
    "DescribeSchema": describe_schema,
    "ListSchemas": list_schemas,
    "DeleteSchema": delete_schema,
    "CreateDatasetGroup": create_dataset_group,
    "DescribeDatasetGroup": describe_dataset_group,
    "ListDatasetGroups": list_dataset_groups,
    "DeleteDatasetGroup": delete_dataset_group,
    "CreateDataset": create_dataset,
    "DescribeDataset": describe_dataset,
    "ListDatasets": list_datasets,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
}
