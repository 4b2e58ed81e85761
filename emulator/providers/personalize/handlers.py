"""What Amazon Personalize does with schemas and datasets beyond the plain verbs."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Handler, InUse, Params, Refused, Resource, create, named, references
from emulator.providers.personalize.avro import Record
from emulator.providers.personalize.checks import check_arns, check_tags
from emulator.providers.personalize.jobs import is_importing

_BATCH = 100
"""Number of datasets read at a time, to find those that use a schema."""


def delete_schema(call: Call, params: Params) -> None:
    """Delete a schema that no dataset uses; it is gone at once."""
    schema = named(call, params)
    # a dataset is under its group, not under its schema, and an account has few
    users = call.list("dataset", most=_BATCH, keep=lambda each: each.uses(schema.id))
    if users.items:
        raise InUse(schema.kind, id=schema.id)
    call.resources.remove(schema)


def create_dataset(call: Call, params: Params) -> Resource:
    """Start to create a dataset in an active group; a group has one of each type."""
    found = references(call, params)
    dataset_type = params.dataset_type.upper()
    members = {"dataset_type": dataset_type}
    if dataset_type in call.contract.rules["tracked"]["types"]:
        purpose = call.purpose("tracking-id", f"{params.dataset_group_arn}/{dataset_type}")
        members["tracking_id"] = str(call.identifiers.uuid(*purpose))
    stored = create(call, params, found, **members)
    _check_fit(call, dataset_type, found["dataset_group_arn"], found["schema_arn"])
    check_tags(call, params)
    return stored


def update_dataset(call: Call, params: Params) -> Resource:
    """Start to replace the schema of a dataset by one that extends it."""
    check_arns(call, params.dataset_arn, params.schema_arn)
    dataset = named(call, params)
    schema = call.get("schema", params.schema_arn)
    if dataset.dataset_type not in call.contract.rules["updatable"]["types"]:
        raise Refused("not-updatable", dataset_type=dataset.dataset_type)
    group = call.get("dataset-group", dataset.dataset_group_arn)
    _check_fit(call, dataset.dataset_type, group, schema)
    _check_extends(schema, call.get("schema", dataset.schema_in_force))
    dataset.replaced_schema_arn, dataset.schema_arn = dataset.schema_in_force, schema.id
    dataset.update_began_at = call.now
    return call.resources.change(dataset, lifecycle="update")


def delete_dataset(call: Call, params: Params) -> None:
    """Start to delete a dataset that is not in use."""
    dataset = named(call, params)
    is_held = dataset.dataset_type in call.contract.rules["heldByTrackers"]["types"]
    is_tracked = is_held and call.has("event-tracker", dataset.dataset_group_arn)
    if is_importing(call, dataset) or is_tracked:
        raise InUse(dataset.kind, id=dataset.id)
    dataset.schema_arn = dataset.schema_in_force  # after a failed update that is the old one
    call.resources.remove(dataset)


def _check_fit(call: Call, dataset_type: str, group: Resource, schema: Resource) -> None:
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


def _check_extends(schema: Resource, replaced: Resource) -> None:
    """Reject a schema that lacks or changes a field, or adds a required one."""
    record, old = Record(schema.schema), Record(replaced.schema)
    changed = record.changed(old)
    if changed:
        raise Refused("changed-fields", arn=schema.id, fields=", ".join(changed))
    required = record.new_required(old)
    if required:
        raise Refused("new-fields-not-null", arn=schema.id, fields=", ".join(required))


HANDLERS: Mapping[str, Handler] = {
    "DeleteSchema": delete_schema,
    "CreateDataset": create_dataset,
    "UpdateDataset": update_dataset,
    "DeleteDataset": delete_dataset,
}
