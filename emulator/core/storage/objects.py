"""S3 objects that users upload, for calls that name one: nothing is ever fetched.

The control API uploads an object for every provider and account; a provider's seed.json has objects
for this provider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from emulator.core.storage.repository import Repository
from emulator.core.storage.resource import Resource
from emulator.core.storage.rows import RowMapper

OWNER, SCOPE = "s3", ""
"""Provider and scope of objects for everyone."""


@dataclass(kw_only=True)
class StoredObject(Resource):
    """An uploaded object; its id is `<bucket>/<key>`."""

    kind: ClassVar[str] = "object"

    text: str


def find_object(repository: Repository, bucket: str, key: str) -> str | None:
    """Return the text of an object, the provider's own first, or None."""
    shared = replace(repository, provider=OWNER, scope=SCOPE, mapper=RowMapper())
    for source in (repository, shared):
        found = source.find(StoredObject, f"{bucket}/{key}")
        if found:
            return found.text
    return None


def put_object(repository: Repository, bucket: str, key: str, text: str) -> StoredObject:
    """Store a text under a bucket and key; replace the existing one."""
    stored = StoredObject(id=f"{bucket}/{key}", text=text)
    return (
        repository.change(stored)
        if repository.find(StoredObject, stored.id)
        else repository.add(stored)
    )
