"""The operations on file metadata: a request for several handles them one by one.

An item that is rejected is reported; the others take effect.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from emulator.api import Call, Document, Handler, NotFound, Params, QuotaExceeded
from emulator.providers.pai.files.lists import list_dataset_file_metas
from emulator.providers.pai.files.resources import (
    ACTIVE,
    DELETED,
    EVERYTHING,
    FileMeta,
    active,
    file_meta_id,
    name_in,
    retagged,
)
from emulator.providers.pai.lookup import dataset_with_files, resolve_version
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.versions.resources import DatasetVersion


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The outcome for one item of a request."""

    dataset_file_meta_id: str
    result: str
    uri: str | None = None
    done: bool = False


def create_dataset_file_metas(call: Call, params: Params) -> Document:
    """Create file metadata; a deleted one is created anew."""
    dataset = dataset_with_files(call, params, "CreateDatasetFileMetas")
    version = resolve_version(call, dataset, params.dataset_version)
    outcomes = [_create(call, dataset, version, sent) for sent in params.dataset_file_metas]
    _check_quota(call, dataset, version)
    return _report(outcomes)


def update_dataset_file_metas(call: Call, params: Params) -> Document:
    """Change file metadata; absent members stay."""
    dataset = dataset_with_files(call, params, "UpdateDatasetFileMetas")
    outcomes = []
    for sent in params.dataset_file_metas:
        meta_id = sent["dataset_file_meta_id"]
        meta = _active(call, dataset, meta_id, params.dataset_version)
        outcomes.append(_outcome(call, "done", meta) if meta else _missing(call, meta_id))
        if meta:
            call.resources.change(_changed(call, meta, sent))
    return _report(outcomes)


def delete_dataset_file_metas(call: Call, params: Params) -> Document:
    """Mark file metadata as deleted; it stays visible on request."""
    dataset = dataset_with_files(call, params, "DeleteDatasetFileMetas")
    outcomes = []
    for meta_id in dict.fromkeys(params.dataset_file_meta_ids):
        meta = _active(call, dataset, meta_id, params.dataset_version)
        outcomes.append(_outcome(call, "done", meta) if meta else _missing(call, meta_id))
        if meta:
            meta.status = DELETED
            call.resources.change(meta)
    return _report(outcomes)


def get_dataset_file_meta(call: Call, params: Params) -> FileMeta:
    """Return the metadata of a file, deleted or not."""
    dataset = dataset_with_files(call, params, "GetDatasetFileMeta")
    meta_id = params.dataset_file_meta_id
    meta = _find(call, dataset, meta_id, params.dataset_version)
    if meta is None:
        raise NotFound(FileMeta.kind, id=meta_id)
    return meta


def get_dataset_file_metas_statistics(call: Call, params: Params) -> Document:
    """Count file metadata, or the occurrences of each folder, type or tag."""
    dataset = dataset_with_files(call, params, "GetDatasetFileMetasStatistics")
    version = resolve_version(call, dataset, params.dataset_version)
    if not params.aggregate_by:
        return {"total": active(call, version.id).total}
    metas, field = active(call, version.id, most=EVERYTHING).items, params.aggregate_by.lower()
    counts = Counter(key for meta in metas for key in _keys(meta, field))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: params.max_results]
    stats = [{"key": key, "count": count} for key, count in ranked]
    return {"dataset_file_metas_stats": stats, "total": len(counts)}


def _create(
    call: Call, dataset: Dataset, version: DatasetVersion, sent: Mapping[str, Any]
) -> Outcome:
    uri = sent["uri"]
    meta = FileMeta(
        id=file_meta_id(version.id, uri),
        dataset_id=dataset.id,
        dataset_version=version.version_name,
        workspace_id=dataset.workspace_id,
        **{"file_name": name_in(uri), **_members(sent)},
    )
    _tag(call, meta, sent)
    existing = call.resources.find(FileMeta, meta.id)
    if existing and existing.status == ACTIVE:
        return _outcome(call, "exists", existing)
    if existing:
        call.resources.drop(existing)
    call.resources.add(meta, parent=version.id)
    return _outcome(call, "done", meta)


def _check_quota(call: Call, dataset: Dataset, version: DatasetVersion) -> None:
    """Reject more file metadata than a version of the edition may have.

    Deleted ones do not count.
    """
    quota = f"file_metas_{dataset.edition.lower()}"
    limit = call.limit(quota)
    if limit is not None and active(call, version.id).total > limit:
        raise QuotaExceeded(quota, limit=limit)


def _changed(call: Call, meta: FileMeta, sent: Mapping[str, Any]) -> FileMeta:
    for name, value in _members(sent).items():
        setattr(meta, name, value)
    _tag(call, meta, sent)
    return meta


def _members(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sent members that are stored unchanged."""
    stored = {member.name for member in fields(FileMeta)} - {"id", "tags"}
    return {name: value for name, value in sent.items() if name in stored}


def _tag(call: Call, meta: FileMeta, sent: Mapping[str, Any]) -> None:
    if "tags" in sent:
        meta.tags = retagged(meta.tags or {}, sent["tags"])
        meta.tag_update_time = call.now


def _active(call: Call, dataset: Dataset, meta_id: str, version: str | None) -> FileMeta | None:
    meta = _find(call, dataset, meta_id, version)
    return meta if meta and meta.status == ACTIVE else None


def _find(call: Call, dataset: Dataset, meta_id: str, version: str | None) -> FileMeta | None:
    """Return the metadata of a file, in the version of the request, if any."""
    meta = call.resources.find(FileMeta, meta_id)
    if meta is None or meta.dataset_id != dataset.id:
        return None
    return meta if version in (None, "", meta.dataset_version) else None


def _keys(meta: FileMeta, field: str) -> Sequence[str]:
    """Return the values that a file's metadata counts for."""
    if field == "filedir":
        return [meta.file_dir]
    return [meta.file_type] if field == "filetype" else meta.tags_of(field.removeprefix("tags."))


def _outcome(call: Call, result: str, meta: FileMeta) -> Outcome:
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
    "ListDatasetFileMetas": list_dataset_file_metas,
    "GetDatasetFileMeta": get_dataset_file_meta,
    "GetDatasetFileMetasStatistics": get_dataset_file_metas_statistics,
}
