"""Checks shared by several operations of Amazon Personalize."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.api import Call, NotReady, Refused, Resource
from emulator.providers.personalize.resources import Tag, account_of, is_foreign


def check_owner(call: Call, *arns: str) -> None:
    """Reject ARNs of another region or account than the caller's."""
    for arn in arns:
        if is_foreign(call.scope, arn):
            raise Refused("foreign-arn", arn=arn)


def check_role(call: Call, role_arn: str) -> None:
    """Reject a role of another account, if the access key states the caller's."""
    account = call.scope.account
    if call.scope.caller == account and account_of(role_arn) != account:
        raise Refused("foreign-role")


def check_ready(resource: Resource) -> None:
    """Reject a resource that is not ACTIVE."""
    if not resource.ready:
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def check_settled(resource: Resource) -> None:
    """Reject a resource that is neither ACTIVE nor CREATE FAILED."""
    if resource.state.phase not in ("ready", "failed"):
        raise NotReady(resource.kind, id=resource.id, state=resource.state.name)


def check_tags(call: Call, tags: Sequence[Tag]) -> None:
    """Reject too many tags and reserved keys."""
    rule = call.contract.rules["tags"]
    if len(tags) > rule["most"]:
        raise Refused("too-many-tags")
    if any(tag["tag_key"].startswith(rule["reservedPrefix"]) for tag in tags):
        raise Refused("reserved-tag", prefix=rule["reservedPrefix"])
