"""What PAI does with file metas: a request for several handles them one by one.

An item that is rejected is reported; the others take effect. A file has one file meta in a version,
because its Uri is its path: so the id, 64 hexadecimal digits, is a digest of both.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emulator.api import (
    AnyOf,
    Call,
    Document,
    Handler,
    Page,
    Params,
    QuotaExceeded,
    Resource,
    clock,
)
from emulator.providers.pai.viewpoint import seen_with_files, version_of

KIND = "dataset-file-meta"

ACTIVE, DELETED = "ACTIVE", "DELETED"
AI, USER, UNWANTED = "ai", "user", "user-delete-ai-tags"
"""Groups of tags: the algorithm's, the user's, and those of the algorithm that the user removed."""

EVERYTHING = 2**31
"""A limit above the number of files of a version."""


class FileMeta(Resource):
    """The metadata of one file; its times are stored as sent."""

    kind = KIND

    @property
    def status(self) -> str:
        """Whether it is deleted: such a one stays, and can be listed."""
        return DELETED if self.deleted else ACTIVE

    @property
    def file_dir(self) -> str:
        """The folder of the file, in its bucket or file system."""
        path = str(self.uri).partition("://")[2].partition("/")[2]
        return path.rpartition("/")[0]

    @property
    def tagged_at(self) -> str | None:
        """Time of the last change of its tags, in the form of requests."""
        at = self.tag_update_time
        return None if at is None else clock.to_iso(at)

    @property
    def all_tags(self) -> list[str]:
        """Those of both sides that the user did not remove."""
        unwanted = self.tags_of(UNWANTED)
        from_ai = [tag for tag in self.tags_of(AI) if tag not in unwanted]
        return list(dict.fromkeys([*from_ai, *self.tags_of(USER)]))

    def tags_of(self, group: str) -> list[str]:
        """List the tags of a group, or of `all`."""
        tags = self.tags or {}
        return self.all_tags if group == "all" else list(tags.get(group, ()))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome for one item of a request."""

    dataset_file_meta_id: str
    result: str
    uri: str | None = None
    done: bool = False


def create_dataset_file_metas(call: Call, params: Params) -> Document:
    """Create file metadata; a deleted one is created anew."""
    dataset = seen_with_files(call, params)
    version = version_of(call, params)
    outcomes = [_create(call, dataset, version, sent) for sent in params.dataset_file_metas]
    _check_quota(call, dataset, version)
    return _report(outcomes)


def update_dataset_file_metas(call: Call, params: Params) -> Document:
    """Change file metadata; absent members stay."""
    dataset = seen_with_files(call, params)
    outcomes = []
    for sent in params.dataset_file_metas:
        meta_id = sent["dataset_file_meta_id"]
        meta = _find_active(call, dataset, meta_id, params.dataset_version)
        outcomes.append(_outcome(call, "done", meta) if meta else _missing(call, meta_id))
        if meta:
            for name in sent.keys() & {*meta.stored_names()} - {"tags"}:
                setattr(meta, name, sent[name])
            _tag(call, meta, sent)
            call.resources.change(meta)
    return _report(outcomes)


def delete_dataset_file_metas(call: Call, params: Params) -> Document:
    """Mark file metadata as deleted; it stays visible on request."""
    dataset = seen_with_files(call, params)
    outcomes = []
    for meta_id in dict.fromkeys(params.dataset_file_meta_ids):
        meta = _find_active(call, dataset, meta_id, params.dataset_version)
        outcomes.append(_outcome(call, "done", meta) if meta else _missing(call, meta_id))
        if meta:
            meta.deleted = True
            call.resources.change(meta)
    return _report(outcomes)


def get_dataset_file_metas_statistics(call: Call, params: Params) -> Document:
    """Count file metadata, or the occurrences of each folder, type or tag."""
    seen_with_files(call, params)
    version = version_of(call, params)
    if not params.aggregate_by:
        return {"total": active(call, version.id).total}
    metas, field = active(call, version.id, most=EVERYTHING).items, params.aggregate_by.lower()
    counts = Counter(key for meta in metas for key in _keys(meta, field))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: params.max_results]
    stats = [{"key": key, "count": count} for key, count in ranked]
    return {"dataset_file_metas_stats": stats, "total": len(counts)}


def active(call: Call, version_id: str, *, most: int = 1) -> Page[Resource]:
    """Return the file metadata of a version that is not deleted, and its total."""
    where = [AnyOf("status", [ACTIVE])]
    return call.list(KIND, counted=True, parent=version_id, where=where, most=most)


def file_meta_id(version_id: str, uri: str) -> str:
    """Return the id of the metadata of a file in a version."""
    return hashlib.sha256(f"{version_id}/{uri}".encode("utf-8", "surrogatepass")).hexdigest()


def _create(call: Call, dataset: Resource, version: Resource, sent: Mapping[str, Any]) -> Outcome:
    uri = sent["uri"]
    new = call.kinds[KIND](
        id=file_meta_id(version.id, uri),
        dataset_id=dataset.id,
        dataset_version=version.version_name,
        workspace_id=dataset.workspace_id,
        **{"file_name": uri.rpartition("/")[2], **sent, "tags": None},
    )
    _tag(call, new, sent)
    existing = call.find(KIND, new.id)
    if existing and not existing.deleted:
        return _outcome(call, "exists", existing)
    if existing:
        call.resources.drop(existing)
    call.resources.add(new, parent=version.id)
    return _outcome(call, "done", new)


def _check_quota(call: Call, dataset: Resource, version: Resource) -> None:
    """Reject more file metadata than a version of the edition may have.

    Deleted ones do not count.
    """
    quota = f"file_metas_{dataset.edition.lower()}"
    limit = call.limit(quota)
    if limit is not None and (active(call, version.id).total or 0) > limit:
        raise QuotaExceeded(quota, limit=limit)


def _tag(call: Call, meta: Resource, sent: Mapping[str, Any]) -> None:
    """Change the tags, if the request has any."""
    if "tags" in sent:
        meta.tags = _retagged(meta.tags or {}, sent["tags"])
        meta.tag_update_time = call.now


def _retagged(tags: Mapping[str, Sequence[str]], changes: Mapping[str, Any]) -> Document:
    """Change groups of tags: a list replaces the group, else tags are removed and added."""
    return {**tags, **{group: _changed(tags.get(group, ()), to) for group, to in changes.items()}}


def _changed(before: Iterable[str], change: Any) -> Sequence[str]:
    if isinstance(change, list):
        return list(dict.fromkeys(change))
    remaining = [tag for tag in before if tag not in change.get("remove", ())]
    return list(dict.fromkeys([*remaining, *change.get("add", ())]))


def _find_active(
    call: Call, dataset: Resource, meta_id: str, version: str | None
) -> Resource | None:
    """Return the metadata of a file that is not deleted, in the version of the request, if any."""
    meta = call.find(KIND, meta_id)
    if meta is None or meta.dataset_id != dataset.id or meta.deleted:
        return None
    return meta if version in (None, "", meta.dataset_version) else None


def _keys(meta: Resource, field: str) -> Sequence[str]:
    """Return the values that a file's metadata counts for."""
    if field == "filedir":
        return [meta.file_dir]
    if field == "filetype":
        return [meta.file_type]
    tags: Sequence[str] = meta.tags_of(field.removeprefix("tags."))
    return tags


def _outcome(call: Call, result: str, meta: Resource) -> Outcome:
    text = call.contract.rules["fileMetas"]["results"][result]
    return Outcome(dataset_file_meta_id=meta.id, result=text, uri=meta.uri, done=result == "done")


def _missing(call: Call, meta_id: str) -> Outcome:
    text = call.contract.rules["fileMetas"]["results"]["missing"]
    return Outcome(dataset_file_meta_id=meta_id, result=text)


def _report(outcomes: Sequence[Outcome]) -> Document:
    failed = [outcome for outcome in outcomes if not outcome.done]
    succeeded = [outcome for outcome in outcomes if outcome.done]
    return {"status": not failed, "failed_details": failed, "succeed_details": succeeded}


HANDLERS: Mapping[str, Handler] = {
    "CreateDatasetFileMetas": create_dataset_file_metas,
    "UpdateDatasetFileMetas": update_dataset_file_metas,
    "DeleteDatasetFileMetas": delete_dataset_file_metas,
    "GetDatasetFileMetasStatistics": get_dataset_file_metas_statistics,
}
