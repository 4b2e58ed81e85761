"""Lists of file metas: filters, orders, pages."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from emulator.api import (
    AnyOf,
    BadToken,
    Call,
    Document,
    Filter,
    Handler,
    Page,
    Params,
    Refused,
    Resource,
    list_,
)
from emulator.providers.pai.files import EVERYTHING, KIND, file_meta_id
from emulator.providers.pai.viewpoint import seen_with_files, version_of

Keep = Callable[[Resource], bool]
"""Returns whether a file's metadata is listed."""

_EARLIEST = "0000-01-01T00:00:00.000000000"

_FILE_TIMES = {"FileCreateTime": "file_create_time", "FileUpdateTime": "file_update_time"}
"""Orders of the list and their members."""


def list_dataset_file_metas(call: Call, params: Params) -> Document:
    """List the matching file metadata of a version, newest first by default.

    A token names the item after which its page begins, so changes in between hide nothing.
    """
    _check_search(params)
    dataset = seen_with_files(call, params)
    version = version_of(call, params)
    size = params.max_results or params.most
    found = _search(call, params, version.id, size)
    return {
        "dataset_file_metas": found.items,
        "dataset_id": dataset.id,
        "dataset_version": version.version_name,
        "workspace_id": dataset.workspace_id,
        "total": found.total,
        "max_results": size,
        "most": size,
        "token": found.token,
    }


def _search(call: Call, params: Params, version_id: str, size: int) -> Page[Resource]:
    tests = list(_tests(params))
    find: Any = partial(
        list_,
        call,
        params,
        where=list(_filters(params)),
        keep=(lambda meta: all(test(meta) for test in tests)) if tests else None,
        ids=params.dataset_file_meta_ids or None,
    )
    if params.sort_by is None:
        return find(most=size)  # type: ignore[no-any-return]
    last = _last(call, params.token, version_id) if params.token else None
    return _by_file_time(find(most=EVERYTHING, token=None), params, last, size)


def _last(call: Call, token: str, version_id: str) -> Resource:
    """Return the file metadata of a token; raises `BadToken`. None ever disappears."""
    last = call.find(KIND, token)
    if last is None or last.id != file_meta_id(version_id, last.uri):
        raise BadToken(KIND, token=token)
    return last


def _by_file_time(
    found: Page[Resource],
    params: Params,
    last: Resource | None,
    size: int,
) -> Page[Resource]:
    """Return the items after the last one in an order by the files' times, ties by id."""
    member, newest_first = _FILE_TIMES[params.sort_by or ""], params.order == "DESC"
    comes_after = operator.lt if newest_first else operator.gt

    def sort_key(meta: Resource) -> tuple[str, str]:
        return _exact(getattr(meta, member)), meta.id

    rest = [
        meta for meta in found.items if last is None or comes_after(sort_key(meta), sort_key(last))
    ]
    rest.sort(key=sort_key, reverse=newest_first)
    token = rest[size - 1].id if len(rest) > size else None
    return Page(items=rest[:size], total=found.total, token=token)


def _check_search(params: Params) -> None:
    """Reject searches that are not emulated."""
    by_content = {
        "QueryText": params.query_text,
        "QueryImage": params.query_image,
        "QueryVideo": params.query_video,
    }
    unsupported = {"QueryExpression": params.query_expression}
    if params.query_type != "TAG":
        unsupported = {**by_content, **unsupported}
    for name, value in unsupported.items():
        if value:
            raise Refused("search", member=f"{name} of ListDatasetFileMetas")


def _filters(params: Params) -> Iterator[Filter]:
    """Return the filters besides the plain ones."""
    if params.status != "ALL":
        yield AnyOf("status", [params.status])
    if params.query_type == "VECTOR":
        return
    by_text = [params.query_text] if params.query_text and params.query_type == "TAG" else []
    for tag in [*params.query_tags_include_all, *by_text]:
        yield AnyOf("all_tags", [tag], overlapping=True)
    if params.query_tags_include_any:
        yield AnyOf("all_tags", params.query_tags_include_any, overlapping=True)


def _tests(params: Params) -> Iterator[Keep]:
    """Return the tests that the index cannot decide."""
    if params.query_tags_exclude and params.query_type != "VECTOR":
        yield lambda meta: set(params.query_tags_exclude).isdisjoint(meta.all_tags)
    if params.start_file_update_time or params.end_file_update_time:
        bounds = params.start_file_update_time, params.end_file_update_time
        yield lambda meta: _is_between(meta.file_update_time, bounds)
    if params.start_tag_update_time or params.end_tag_update_time:
        times = params.start_tag_update_time, params.end_tag_update_time
        yield lambda meta: _is_between(meta.tagged_at, times)


def _is_between(time: str | None, bounds: Sequence[str | None]) -> bool:
    if time is None:
        return False
    start, end = bounds
    return _exact(start) <= _exact(time) and (not end or _exact(time) <= _exact(end))


def _exact(time: str | None) -> str:
    """Format a time to the nanosecond, so that texts compare like times."""
    text = (time or "").removesuffix("Z")
    return text + _EARLIEST[len(text) :]


HANDLERS: Mapping[str, Handler] = {"ListDatasetFileMetas": list_dataset_file_metas}
