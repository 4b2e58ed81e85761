"""Lists of file metas: filters, orders, pages."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from emulator.api import Among, BadToken, Call, Containing, Filter, Refused, Slice
from emulator.providers.pai.files import wire
from emulator.providers.pai.files.resources import EVERYTHING, FileMeta, file_meta_id
from emulator.providers.pai.lookup import dataset_with_files, version_meant

Keep = Callable[[FileMeta], bool]
"""Tells whether a file meta is listed."""

_EARLIEST = "0000-01-01T00:00:00.000000000"

_FILE_TIMES = {"FileCreateTime": "file_create_time", "FileUpdateTime": "file_update_time"}
"""Orders of the list, and the members they go by."""


def list_dataset_file_metas(call: Call, wish: wire.ListDatasetFileMetas) -> Mapping[str, Any]:
    """List the file metas of a version that fit, newest first if nothing else is asked for.

    A token says after which of them its page begins, so what changes in between hides none.
    """
    _check_search(wish)
    dataset = dataset_with_files(call, wish, "ListDatasetFileMetas")
    version = version_meant(call, dataset, wish.dataset_version)
    size = wish.max_results or wish.page_size
    found = _found(call, wish, version.id, size)
    return {
        "dataset_file_metas": found.items,
        "dataset_id": dataset.id,
        "dataset_version": version.version_name,
        "workspace_id": dataset.workspace_id,
        "total_count": found.total,
        "max_results": size,
        "page_size": size,
        "next_token": found.token,
    }


def _found(
    call: Call, wish: wire.ListDatasetFileMetas, version_id: str, size: int
) -> Slice[FileMeta]:
    tests = list(_tests(wish))
    find = partial(
        call.store.slice,
        FileMeta,
        parent=version_id,
        where=list(_filters(wish)),
        ids=wish.dataset_file_meta_ids or None,
        keep=(lambda meta: all(test(meta) for test in tests)) if tests else None,
        newest_first=wish.order == "DESC",
    )
    if wish.sort_by is None:
        return find(most=size, token=wish.next_token)
    last = _last(call, wish.next_token, version_id) if wish.next_token else None
    return _by_file_time(find(most=EVERYTHING), wish, last, size)


def _last(call: Call, token: str, version_id: str) -> FileMeta:
    """Find the file meta a token names by its id, for none ever goes; raises `BadToken`."""
    last = call.store.find(FileMeta, token)
    if last is None or last.id != file_meta_id(version_id, last.uri):
        raise BadToken(FileMeta.kind, token=token)
    return last


def _by_file_time(
    found: Slice[FileMeta], wish: wire.ListDatasetFileMetas, last: FileMeta | None, size: int
) -> Slice[FileMeta]:
    """Give those after the last one in an order by the files' own times, ties by their ids."""
    member, newest_first = _FILE_TIMES[wish.sort_by or ""], wish.order == "DESC"
    is_beyond = operator.lt if newest_first else operator.gt

    def place(meta: FileMeta) -> tuple[str, str]:
        return _exact(getattr(meta, member)), meta.id

    rest = [meta for meta in found.items if last is None or is_beyond(place(meta), place(last))]
    rest.sort(key=place, reverse=newest_first)
    token = rest[size - 1].id if len(rest) > size else None
    return Slice(items=rest[:size], total=found.total, token=token)


def _check_search(wish: wire.ListDatasetFileMetas) -> None:
    """Refuse what cannot be searched by here."""
    by_content = {
        "QueryText": wish.query_text,
        "QueryImage": wish.query_image,
        "QueryVideo": wish.query_video,
    }
    asked = {"QueryExpression": wish.query_expression}
    if wish.query_type != "TAG":
        asked = {**by_content, **asked}
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
