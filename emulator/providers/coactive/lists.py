"""Lists of Coactive AI's datasets: filters in terms of the index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from emulator.api import AnyOf, Call, Contains, CountedPage, Document, Filter, Params
from emulator.providers.coactive.resources import (
    CONFIGURED_FLAGS,
    DELETED,
    FLAGS,
    IS_LIVE,
    LIVE,
    Dataset,
)

_MAX_COUNT = 2**60
"""A limit above any number of datasets; databases count no further."""

_DELETED_STATES = frozenset({"deleting", "deleted"})
"""States of a deleted dataset, which differ only by age."""


def find_datasets(call: Call, params: Params) -> CountedPage[Dataset]:
    """Return a page of matching datasets, oldest first, and their total."""
    where = [*_facets(params)]
    if not (where or params.include_deleted):
        where = [IS_LIVE]
    return call.resources.slice(
        Dataset,
        where=where,
        ids=params.dataset_ids,
        after=params.created_after,
        before=params.created_before,
        keep=_keep(params),
        skip=min(params.skip, _MAX_COUNT),
        most=min(params.most, _MAX_COUNT),
    )


def place_of(params: Params, total: int) -> Document:
    """Return where a page is in its list; the last page of an empty one is 0."""
    return {
        "current_page": params.skip // params.most + 1,
        "last_page": -(-total // params.most),
        "most": params.most,
        "skip": params.skip,
        "total": total,
    }


def _facets(params: Params) -> Iterator[Filter]:
    """Return the filters of the index; each takes account of deleted datasets.

    The index has the names of live datasets only.
    """
    lives = (LIVE, DELETED) if params.include_deleted else (LIVE,)
    if params.status:
        yield AnyOf("status", _status_values(params))
    if params.allowed_asset_types:
        values = [
            f"{life}/{asset_type}" for life in lives for asset_type in params.allowed_asset_types
        ]
        yield AnyOf("allowed_asset_types", values, overlapping=True)
    for name in ("keyframe_sampling_method", *FLAGS, *CONFIGURED_FLAGS):
        value = getattr(params, name)
        if value is not None:
            yield AnyOf(name, [f"{life}/{value}" for life in lives])
    if _has_times_of_updates(params):
        yield AnyOf("updated", [f"{life}/{True}" for life in lives])
    if params.new_video_data_model:
        yield AnyOf("new_video_data_model", ())
    if params.name_pattern and not params.include_deleted:
        yield Contains(LIVE, params.name_pattern.lower())


def _status_values(params: Params) -> list[str]:
    """Return the facet values of the requested states.

    A dataset counts as deleted from the start.
    """
    found = {DELETED if status in _DELETED_STATES else status for status in params.status}
    return sorted(found if params.include_deleted else found - {DELETED})


def _keep(params: Params) -> Callable[[Dataset], bool] | None:
    """Return a test for what the index cannot decide, or None."""
    tests: list[Callable[[Dataset], bool]] = []
    if params.include_deleted and len(_DELETED_STATES.intersection(params.status or ())) == 1:
        tests.append(lambda dataset: dataset.state.name in params.status)
    if params.include_deleted and params.name_pattern:
        part = params.name_pattern.lower()
        tests.append(lambda dataset: part in dataset.name.lower())
    if _has_times_of_updates(params):
        tests.append(partial(_was_updated_in_time, params))
    return (lambda dataset: all(test(dataset) for test in tests)) if tests else None


def _has_times_of_updates(params: Params) -> bool:
    return (params.last_updated_after, params.last_updated_before) != (None, None)


def _was_updated_in_time(params: Params, dataset: Dataset) -> bool:
    after, before, updated = (
        params.last_updated_after,
        params.last_updated_before,
        dataset.updated_dt,
    )
    return (
        updated is not None
        and (after is None or updated > after)
        and (before is None or updated < before)
    )
