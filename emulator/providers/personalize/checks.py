"""What Amazon Personalize checks of several kinds, by the names that service.json uses.

The order of the checks is inferred: authorisation, input, existence, state, uniqueness, fit, tags,
quota. A resource is stored at the step "uniqueness"; a later rejection rolls that back, because a
call is one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.api import Call, Check, Params, Refused
from emulator.providers.personalize.avro import Record
from emulator.providers.personalize.resources import Tag, account_of, is_foreign


def check_owner(call: Call, params: Params) -> None:
    """Reject a request that names a resource of another region or account than the caller's."""
    kind = call.contract.kinds[call.does["kind"]]
    creates = call.does["verb"] == "create"
    names = [each.member for each in kind.references] if creates else [kind.identifier]
    check_arns(call, *(getattr(params, name) for name in names))


def check_arns(call: Call, *arns: str) -> None:
    """Reject ARNs of another region or account than the caller's."""
    for arn in arns:
        if is_foreign(call.scope, arn):
            raise Refused("foreign-arn", arn=arn)


def check_role(call: Call, params: Params) -> None:
    """Reject a role of another account, if the access key states the caller's."""
    account = call.scope.account
    knows_account = call.scope.caller == account
    if params.role_arn and knows_account and account_of(params.role_arn) != account:
        raise Refused("foreign-role")


def check_key(_: Call, params: Params) -> None:
    """Reject a key without a role, and a role without a key."""
    if (params.role_arn is None) != (params.kms_key_arn is None):
        raise Refused("key-without-role")


def check_fields(_: Call, params: Params) -> None:
    """Reject an Avro schema with two fields of one name."""
    if Record(params.schema).has_ambiguous_names():
        raise Refused("not-avro")


def check_type(call: Call, params: Params) -> None:
    """Reject an unknown type of dataset; upper and lower case are the same."""
    if params.dataset_type.upper() not in call.contract.rules["datasetTypes"]["types"]:
        raise Refused("unknown-dataset-type", dataset_type=params.dataset_type)


def check_tags(call: Call, params: Params) -> None:
    """Reject too many tags and reserved keys."""
    check_tag_list(call, params.tags)


def check_tag_list(call: Call, tags: Sequence[Tag]) -> None:
    """Reject too many tags and reserved keys."""
    rule = call.contract.rules["tags"]
    if len(tags) > rule["most"]:
        raise Refused("too-many-tags")
    if any(tag["tag_key"].startswith(rule["reservedPrefix"]) for tag in tags):
        raise Refused("reserved-tag", prefix=rule["reservedPrefix"])


CHECKS: Mapping[str, Check] = {
    "owner": check_owner,
    "role": check_role,
    "key": check_key,
    "fields": check_fields,
    "type": check_type,
    "tags": check_tags,
}
