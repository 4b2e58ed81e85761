"""Lists of file metas: filters, orders, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from emulator.core.call import Call
from emulator.core.failures import Refused
from emulator.core.filing import Among, Containing, Filter, Slice
from emulator.core.pages import Place, read_token, write_token
from emulator.providers.pai.files import wire
from emulator.providers.pai.files.resources import FileMeta
from emulator.providers.pai.lookup import dataset_with_files, version_meant

Keep = Callable[[FileMeta], bool]
"""Tells whether a file meta is listed."""

_EVERYTHING = 2**31
"""More file metas than a version can have."""

_EARLIEST = "0000-01-01T00:00:00.000000000"

_FILE_TIMES = {"FileCreateTime": "file_create_time", "FileUpdateTime": "file_update_time"}
"""Orders of the list, and the members they go by."""


def list_dataset_file_metas(call: Call, wish: wire.ListDatasetFileMetas) -> Mapping[str, Any]:
    """List the file metas of a version that fit, newest first if nothing else is asked for.

    A token says how many come before its page.
    """
    _check_search(wish)
    dataset = dataset_with_files(call, wish, "ListDatasetFileMetas")
    version = version_meant(call, dataset, wish.dataset_version)
    size = wish.max_results or wish.page_size
    skip = _read(wish.next_token, version.id)
    found = _found(call, wish, version.id, skip, size)
    more = skip + size < found.total
    return {
        "dataset_file_metas": found.items,
        "dataset_id": dataset.id,
        "dataset_version": version.version_name,
        "workspace_id": dataset.workspace_id,
        "total_count": found.total,
        "max_results": size,
        "page_size": size,
        "next_token": _write(skip + size, version.id) if more else None,
    }


def _found(
    call: Call, wish: wire.ListDatasetFileMetas, version_id: str, skip: int, size: int
) -> Slice[FileMeta]:
    """Give the page; an order by the files' own times looks at all that fit."""
    newest_first, tests = wish.order == "DESC", list(_tests(wish))
    member = _FILE_TIMES.get(wish.sort_by or "")
    found = call.store.slice(
        FileMeta,
        parent=version_id,
        where=list(_filters(wish)),
        ids=wish.dataset_file_meta_ids or None,
        keep=(lambda meta: all(test(meta) for test in tests)) if tests else None,
        newest_first=newest_first,
        skip=0 if member else skip,
        most=_EVERYTHING if member else size,
    )
    if member is None:
        return found
    ordered = sorted(found.items, key=lambda m: _exact(getattr(m, member)), reverse=newest_first)
    return Slice(items=ordered[skip : skip + size], total=found.total)


def _check_search(wish: wire.ListDatasetFileMetas) -> None:
    """Refuse what cannot be searched by here."""
    text = wish.query_text if wish.query_type != "TAG" else None
    asked = {
        "QueryText": text,
        "QueryImage": wish.query_image,
        "QueryVideo": wish.query_video,
        "QueryExpression": wish.query_expression,
    }
    for name, value in asked.items():
        if value:
            raise Refused("search", member=f"{name} of ListDatasetFileMetas")


def _filters(wish: wire.ListDatasetFileMetas) -> Iterator[Filter]:
    if wish.status != "ALL":
        yield Among("status", [wish.status])
    if wish.query_file_type_include_any:
        yield Among("file-type", wish.query_file_type_include_any)
    if wish.query_content_type_include_any:
        yield Among("content-type", wish.query_content_type_include_any)
    if wish.query_file_name:
        yield Containing("name", wish.query_file_name)
    if wish.query_file_dir:
        yield Containing("dir", wish.query_file_dir)
    if wish.query_type != "VECTOR":
        yield from _tag_filters(wish)


def _tag_filters(wish: wire.ListDatasetFileMetas) -> Iterator[Filter]:
    by_text = [wish.query_text] if wish.query_text and wish.query_type == "TAG" else []
    for tag in [*wish.query_tags_include_all, *by_text]:
        yield Among("tag", [tag], overlapping=True)
    if wish.query_tags_include_any:
        yield Among("tag", wish.query_tags_include_any, overlapping=True)


def _tests(wish: wire.ListDatasetFileMetas) -> Iterator[Keep]:
    """Give the tests that no index answers."""
    if wish.query_tags_exclude and wish.query_type != "VECTOR":
        yield lambda meta: set(wish.query_tags_exclude).isdisjoint(meta.tags_of("all"))
    if wish.start_file_update_time or wish.end_file_update_time:
        ends = wish.start_file_update_time, wish.end_file_update_time
        yield lambda meta: _is_between(meta.file_update_time, ends)
    if wish.start_tag_update_time or wish.end_tag_update_time:
        times = wish.start_tag_update_time, wish.end_tag_update_time
        yield lambda meta: _is_between(meta.tagged_at, times)


def _is_between(time: str | None, ends: Sequence[str | None]) -> bool:
    if time is None:
        return False
    start, end = ends
    return _exact(start) <= _exact(time) and (not end or _exact(time) <= _exact(end))


def _exact(time: str | None) -> str:
    """Write a time to the nanosecond, so that texts of any precision compare as times do."""
    text = (time or "").removesuffix("Z")
    return text + _EARLIEST[len(text) :]


def _write(skip: int, version_id: str) -> str:
    return write_token(Place(created_at=skip, id=""), kind=FileMeta.kind, parent=version_id)


def _read(token: str | None, version_id: str) -> int:
    """Tell how many file metas come before the page of a token; raises `BadToken`."""
    if not token:
        return 0
    return read_token(token, kind=FileMeta.kind, parent=version_id).created_at
