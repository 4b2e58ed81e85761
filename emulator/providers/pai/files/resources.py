"""The resource of file metadata; its parent is the version of the dataset.

A file has one item in a version, because its Uri is its path: so the id, 64 hexadecimal digits,
is a digest of both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.api import AnyOf, Call, CountedPage, IndexKeys, Resource, clock

ACTIVE, DELETED = "ACTIVE", "DELETED"
AI, USER, UNWANTED = "ai", "user", "user-delete-ai-tags"
"""Groups of tags: the algorithm's, the user's, and those of the algorithm that the user removed."""

EVERYTHING = 2**31
"""A limit above the number of files of a version."""


@dataclass(kw_only=True)
class FileMeta(Resource):
    """The metadata of one file; its times are stored as sent."""

    kind: ClassVar[str] = "dataset-file-meta"
    identifier: ClassVar[str] = "dataset_file_meta_id"

    dataset_id: str
    dataset_version: str
    workspace_id: str
    uri: str
    file_name: str
    file_type: str
    content_type: str
    file_finger_print: str
    file_update_time: str
    file_create_time: str | None = None
    data_size: int | None = None
    comment: str | None = None
    meta_attributes: str | None = None
    tags: dict[str, list[str]] | None = None
    tag_update_time: int | None = None
    semantic_index_job_id: str | None = None
    semantic_index_update_time: str | None = None
    status: str = ACTIVE

    @property
    def file_dir(self) -> str:
        """The folder of the file, in its bucket or file system."""
        return self.uri.partition("://")[2].partition("/")[2].rpartition("/")[0]

    @property
    def tagged_at(self) -> str | None:
        """Time of the last change of its tags, in the form of requests."""
        at = self.tag_update_time
        return None if at is None else clock.to_iso(at)

    def tags_of(self, group: str) -> list[str]:
        """List the tags of a group; `all` are those of both sides that the user did not remove."""
        if group != "all":
            return (self.tags or {}).get(group, [])
        unwanted = self.tags_of(UNWANTED)
        from_ai = [tag for tag in self.tags_of(AI) if tag not in unwanted]
        return list(dict.fromkeys([*from_ai, *self.tags_of(USER)]))

    def index_keys(self) -> IndexKeys:
        """Return the index keys of lists of file metadata."""
        return IndexKeys(
            facets={
                "status": self.status,
                "file-type": self.file_type,
                "content-type": self.content_type,
                "tag": self.tags_of("all"),
            },
            texts={"name": [self.file_name], "dir": [self.file_dir]},
        )


def active(call: Call, version_id: str, *, most: int = 1) -> CountedPage[FileMeta]:
    """Return the file metadata of a version that is not deleted, and its total."""
    where = [AnyOf("status", [ACTIVE])]
    return call.resources.slice(FileMeta, parent=version_id, where=where, most=most)


def file_meta_id(version_id: str, uri: str) -> str:
    """Return the id of the metadata of a file in a version."""
    return hashlib.sha256(f"{version_id}/{uri}".encode("utf-8", "surrogatepass")).hexdigest()


def name_in(uri: str) -> str:
    """Return the name of the file a Uri ends with."""
    return uri.rpartition("/")[2]


def retagged(tags: Mapping[str, list[str]], change: Mapping[str, Any]) -> dict[str, list[str]]:
    """Change groups of tags: a list replaces the group, else tags are removed and added."""
    return {**tags, **{group: _changed(tags.get(group, ()), to) for group, to in change.items()}}


def _changed(before: Iterable[str], change: Any) -> list[str]:
    if isinstance(change, list):
        return list(dict.fromkeys(change))
    remaining = [tag for tag in before if tag not in change.get("remove", ())]
    return list(dict.fromkeys([*remaining, *change.get("add", ())]))
