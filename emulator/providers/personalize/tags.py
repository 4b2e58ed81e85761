"""Tags of resources of Amazon Personalize, by ARN."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.api import Call, Handler, NotFound, Params, Refused, Resource
from emulator.providers.personalize.checks import check_arns, check_tag_list
from emulator.providers.personalize.resources import Tag, kind_of


def tag_resource(call: Call, params: Params) -> object:
    """Add tags to a resource; an existing key gets the new value."""
    resource = _find(call, params.resource_arn)
    resource.tags = _by_key([*resource.tags, *params.tags])
    check_tag_list(call, resource.tags)
    call.resources.change(resource)
    return {}


def untag_resource(call: Call, params: Params) -> object:
    """Remove the tags with these keys from a resource."""
    resource = _find(call, params.resource_arn)
    if len(params.tag_keys) > call.contract.rules["tags"]["most"]:
        raise Refused("too-many-tag-keys")
    resource.tags = [tag for tag in resource.tags if tag["tag_key"] not in params.tag_keys]
    call.resources.change(resource)
    return {}


def list_tags_for_resource(call: Call, params: Params) -> Mapping[str, list[Tag]]:
    """List the tags of a resource, in the order they were added."""
    return {"tags": _by_key(_find(call, params.resource_arn).tags)}


def _find(call: Call, arn: str) -> Resource:
    """Return the resource of an ARN; raises `Refused` or `NotFound`."""
    check_arns(call, arn)
    kind = kind_of(arn)
    if kind not in call.kinds:
        raise NotFound(kind, id=arn)
    if "tags" not in call.kinds[kind].stored_names():
        raise Refused("not-taggable", arn=arn)
    return call.get(kind, arn)


def _by_key(tags: Iterable[Tag]) -> list[Tag]:
    """Keep the last value of each key, at the position of the first."""
    values = {tag["tag_key"]: tag["tag_value"] for tag in tags}
    return [{"tag_key": key, "tag_value": value} for key, value in values.items()]


HANDLERS: Mapping[str, Handler] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTagsForResource": list_tags_for_resource,
}
