"""S3 objects that users supply, for the calls that name one: nothing is ever fetched.

An object is supplied through the control API, for every provider and account, or by a
provider's seed.json, for that provider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource

OWNER, SCOPE = "s3", ""
"""Under which provider and scope the objects are kept that belong to all."""


@dataclass(kw_only=True)
class StoredObject(Resource):
    """A text under a bucket and key; its id is `<bucket>/<key>`."""

    kind: ClassVar[str] = "object"

    text: str


def find_object(repository: Repository, bucket: str, key: str) -> str | None:
    """Give the text of an object, the provider's own first, or None."""
    everyones = replace(repository, provider=OWNER, scope=SCOPE, lifecycles={})
    for place in (repository, everyones):
        found = place.find(StoredObject, f"{bucket}/{key}")
        if found:
            return found.text
    return None


def put_object(repository: Repository, bucket: str, key: str, text: str) -> StoredObject:
    """Keep a text under a bucket and key, in the place of what was there."""
    stored = StoredObject(id=f"{bucket}/{key}", text=text)
    return (
        repository.change(stored)
        if repository.find(StoredObject, stored.id)
        else repository.add(stored)
    )
