"""Lists of Coactive AI's datasets: filters in terms of the index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from typing import Any

from emulator.api import AnyOf, Call, Contains, Document, Filter, Params, Resource
from emulator.providers.coactive.resources import DELETED, LIVE

IS_LIVE = AnyOf("life", (LIVE,))
"""The filter that excludes deleted datasets."""

_MAX_COUNT = 2**60
"""A limit above any number of datasets; databases count no further."""

_DELETED_STATES = frozenset({"deleting", "deleted"})
"""States of a deleted dataset, which differ only by age."""


def get_datasets(call: Call, params: Params) -> Document:
    """List a page of the datasets that pass every filter, oldest first."""
    where, tests = [*_filters(call, params)], [*_tests(params)]
    if not (where or params.include_deleted):
        where = [IS_LIVE]
    return page_of_datasets(
        call,
        params,
        where=where,
        ids=params.dataset_ids,
        after=params.created_after,
        before=params.created_before,
        keep=(lambda dataset: all(test(dataset) for test in tests)) if tests else None,
    )


def page_of_datasets(call: Call, params: Params, **search: Any) -> Document:
    """Return what a search finds and where it is in its list; an empty list has 0 pages."""
    most, skip = params.most, params.skip
    bounds = {"most": min(most, _MAX_COUNT), "skip": min(skip, _MAX_COUNT)}
    found = call.list("dataset", counted=True, **bounds, **search)
    total = found.total or 0
    return {
        "items": found.items,
        "total": total,
        "most": most,
        "skip": skip,
        "current_page": skip // most + 1,
        "last_page": -(-total // most),
    }


def _filters(call: Call, params: Params) -> Iterator[Filter]:
    """Return the filters of the index; each takes account of deleted datasets.

    The index has the names of live datasets only.
    """
    if params.status:
        states = {DELETED if state in _DELETED_STATES else state for state in params.status}
        yield _any_of("listed_status", states, params)
    for name, facet in call.does["filters"].items():
        value = getattr(params, name)
        if isinstance(value, list) and value:
            yield _any_of(facet, value, params, overlapping=True)
        elif value not in (None, []):
            yield _any_of(facet, [value], params)
    if _has_times_of_updates(params):
        yield _any_of("was_updated", [True], params)
    if params.new_video_data_model:
        yield AnyOf("new_video_data_model", ())
    if params.name_pattern and not params.include_deleted:
        yield Contains(LIVE, params.name_pattern.lower())


def _any_of(
    facet: str, values: Iterable[object], params: Params, *, overlapping: bool = False
) -> AnyOf:
    lives = (LIVE, DELETED) if params.include_deleted else (LIVE,)
    keys = [f"{life}/{value}" for life in lives for value in values]
    return AnyOf(facet, keys, overlapping=overlapping)


def _tests(params: Params) -> Iterator[Callable[[Resource], bool]]:
    """Return tests for what the index cannot decide."""
    if params.include_deleted and len(_DELETED_STATES.intersection(params.status or ())) == 1:
        yield lambda dataset: dataset.status in params.status
    if params.include_deleted and params.name_pattern:
        part = params.name_pattern.lower()
        yield lambda dataset: part in dataset.name.lower()
    if _has_times_of_updates(params):
        after, before = params.last_updated_after, params.last_updated_before
        least, most = -inf if after is None else after, inf if before is None else before
        yield lambda dataset: least < dataset.updated_dt < most


def _has_times_of_updates(params: Params) -> bool:
    return (params.last_updated_after, params.last_updated_before) != (None, None)
