"""What happens to file metas: a request for several goes through them one by one.

What is refused for one of them is reported, and done for the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from emulator.api import Call, Document, Handler, NotFound, QuotaExceeded
from emulator.providers.pai.files import wire
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
from emulator.providers.pai.lookup import dataset_with_files, version_meant
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.versions.resources import DatasetVersion


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one file meta of a request."""

    id: str
    result: str
    uri: str | None = None
    done: bool = False


def create_dataset_file_metas(call: Call, params: wire.CreateDatasetFileMetas) -> Document:
    """Note what is known of files; one that was deleted before is noted anew."""
    dataset = dataset_with_files(call, params, "CreateDatasetFileMetas")
    version = version_meant(call, dataset, params.dataset_version)
    outcomes = [_create(call, dataset, version, wished) for wished in params.dataset_file_metas]
    _check_quota(call, dataset, version)
    return _report(outcomes)


def update_dataset_file_metas(call: Call, params: wire.UpdateDatasetFileMetas) -> Document:
    """Change what is known of files; what is not sent stays."""
    dataset = dataset_with_files(call, params, "UpdateDatasetFileMetas")
    outcomes = []
    for wished in params.dataset_file_metas:
        meta = _active(call, dataset, wished["id"], params.dataset_version)
        outcomes.append(_outcome(call, "done", meta) if meta else _missing(call, wished["id"]))
        if meta:
            call.resources.change(_changed(call, meta, wished))
    return _report(outcomes)


def delete_dataset_file_metas(call: Call, params: wire.DeleteDatasetFileMetas) -> Document:
    """Mark file metas as deleted; those that ask for them still see them."""
    dataset = dataset_with_files(call, params, "DeleteDatasetFileMetas")
    outcomes = []
    for wanted in dict.fromkeys(params.dataset_file_meta_ids):
        meta = _active(call, dataset, wanted, params.dataset_version)
        outcomes.append(_outcome(call, "done", meta) if meta else _missing(call, wanted))
        if meta:
            meta.status = DELETED
            call.resources.change(meta)
    return _report(outcomes)


def get_dataset_file_meta(call: Call, params: wire.GetDatasetFileMeta) -> Document:
    """Show what is known of a file, deleted or not."""
    dataset = dataset_with_files(call, params, "GetDatasetFileMeta")
    wanted = params.dataset_file_meta_id
    meta = _found(call, dataset, wanted, params.dataset_version)
    if meta is None:
        raise NotFound(FileMeta.kind, id=wanted)
    return {**vars(meta), "dataset_file_meta": meta}


def get_dataset_file_metas_statistics(
    call: Call, params: wire.GetDatasetFileMetasStatistics
) -> Document:
    """Count file metas, or how often each folder, type or tag occurs among them."""
    dataset = dataset_with_files(call, params, "GetDatasetFileMetasStatistics")
    version = version_meant(call, dataset, params.dataset_version)
    if not params.aggregate_by:
        return {"total_count": active(call, version.id).total}
    metas, field = active(call, version.id, most=EVERYTHING).items, params.aggregate_by.lower()
    counts = Counter(key for meta in metas for key in _keys(meta, field))
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[: params.max_results]
    stats = [{"key": key, "count": count} for key, count in ranked]
    return {"dataset_file_metas_stats": stats, "total_count": len(counts)}


def _create(
    call: Call, dataset: Dataset, version: DatasetVersion, wished: Mapping[str, Any]
) -> Outcome:
    uri = wished["uri"]
    meta = FileMeta(
        id=file_meta_id(version.id, uri),
        dataset_id=dataset.id,
        dataset_version=version.version_name,
        workspace_id=dataset.workspace_id,
        **{"file_name": name_in(uri), **_members(wished)},
    )
    _tag(call, meta, wished)
    known = call.resources.find(FileMeta, meta.id)
    if known and known.status == ACTIVE:
        return _outcome(call, "exists", known)
    if known:
        call.resources.drop(known)
    call.resources.add(meta, parent=version.id)
    return _outcome(call, "done", meta)


def _check_quota(call: Call, dataset: Dataset, version: DatasetVersion) -> None:
    """Refuse more file metas than a version of the edition has; deleted ones do not count."""
    quota = f"file_metas_{dataset.edition.lower()}"
    limit = call.limit(quota)
    if limit is not None and active(call, version.id).total > limit:
        raise QuotaExceeded(quota, limit=limit)


def _changed(call: Call, meta: FileMeta, wished: Mapping[str, Any]) -> FileMeta:
    for name, value in _members(wished).items():
        setattr(meta, name, value)
    _tag(call, meta, wished)
    return meta


def _members(wished: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was sent of the members a file meta keeps as they are."""
    known = {member.name for member in fields(FileMeta)} - {"id", "tags"}
    return {name: value for name, value in wished.items() if name in known}


def _tag(call: Call, meta: FileMeta, wished: Mapping[str, Any]) -> None:
    if "tags" in wished:
        meta.tags = retagged(meta.tags or {}, wished["tags"])
        meta.tag_update_time = call.now


def _active(call: Call, dataset: Dataset, wanted: str, version: str | None) -> FileMeta | None:
    meta = _found(call, dataset, wanted, version)
    return meta if meta and meta.status == ACTIVE else None


def _found(call: Call, dataset: Dataset, wanted: str, version: str | None) -> FileMeta | None:
    """Find a file meta of a dataset, in the version the request names if it does."""
    meta = call.resources.find(FileMeta, wanted)
    if meta is None or meta.dataset_id != dataset.id:
        return None
    return meta if version in (None, "", meta.dataset_version) else None


def _keys(meta: FileMeta, field: str) -> Sequence[str]:
    """Give what a file meta counts for."""
    if field == "filedir":
        return [meta.file_dir]
    return [meta.file_type] if field == "filetype" else meta.tags_of(field.removeprefix("tags."))


def _outcome(call: Call, result: str, meta: FileMeta) -> Outcome:
    text = call.contract.rules["fileMetas"]["results"][result]
    return Outcome(id=meta.id, result=text, uri=meta.uri, done=result == "done")


def _missing(call: Call, wanted: str) -> Outcome:
    return Outcome(id=wanted, result=call.contract.rules["fileMetas"]["results"]["missing"])


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
