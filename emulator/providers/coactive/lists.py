"""Lists of Coactive AI's datasets: each filter as the index knows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from emulator.api import Among, Call, Containing, Filter, Slice
from emulator.providers.coactive.resources import (
    CONFIGURED_FLAGS,
    DELETED,
    FLAGS,
    IS_LIVE,
    LIVE,
    Dataset,
)
from emulator.providers.coactive.wire import GetDatasets

_MOST = 2**60
"""More datasets than there are; databases count no further than about this."""

_ENDING = frozenset({"deleting", "deleted"})
"""States of a deleted dataset, which only the clock tells apart."""


def find_datasets(call: Call, wish: GetDatasets) -> Slice[Dataset]:
    """Give a page of the datasets that pass every filter, oldest first, and their total."""
    where = [*_facets(wish)]
    if not (where or wish.include_deleted):
        where = [IS_LIVE]
    return call.store.slice(
        Dataset,
        where=where,
        ids=wish.dataset_ids or None,
        after=wish.created_after,
        before=wish.created_before,
        keep=_keep(wish),
        skip=min(wish.skip, _MOST),
        most=min(wish.limit, _MOST),
    )


def _facets(wish: GetDatasets) -> Iterator[Filter]:
    """Give the filters the index knows; each of them minds whether deleted datasets count.

    The index has the names of live datasets only.
    """
    lives = (LIVE, DELETED) if wish.include_deleted else (LIVE,)
    if wish.status:
        yield Among("status", _commanded(wish))
    if wish.allowed_asset_types:
        values = [f"{life}/{each}" for life in lives for each in wish.allowed_asset_types]
        yield Among("allowed_asset_types", values, overlapping=True)
    for name in ("keyframe_sampling_method", *FLAGS, *CONFIGURED_FLAGS):
        value = getattr(wish, name)
        if value is not None:
            yield Among(name, [f"{life}/{value}" for life in lives])
    if _has_times_of_updates(wish):
        yield Among("updated", [f"{life}/{True}" for life in lives])
    if wish.new_video_data_model:
        yield Among("new_video_data_model", ())
    if wish.name_pattern and not wish.include_deleted:
        yield Containing(LIVE, wish.name_pattern.lower())


def _commanded(wish: GetDatasets) -> list[str]:
    """Give the facet's values for the states asked for; deletion is one of them from its start."""
    found = {DELETED if status in _ENDING else status for status in wish.status}
    return sorted(found if wish.include_deleted else found - {DELETED})


def _keep(wish: GetDatasets) -> Callable[[Dataset], bool] | None:
    """Give a test of what the index cannot tell; None where it tells everything."""
    tests: list[Callable[[Dataset], bool]] = []
    if wish.include_deleted and len(_ENDING.intersection(wish.status)) == 1:
        tests.append(lambda dataset: dataset.state.name in wish.status)
    if wish.include_deleted and wish.name_pattern:
        part = wish.name_pattern.lower()
        tests.append(lambda dataset: part in dataset.name.lower())
    if _has_times_of_updates(wish):
        tests.append(partial(_was_updated_in_time, wish))
    return (lambda dataset: all(test(dataset) for test in tests)) if tests else None


def _has_times_of_updates(wish: GetDatasets) -> bool:
    return (wish.last_updated_after, wish.last_updated_before) != (None, None)


def _was_updated_in_time(wish: GetDatasets, dataset: Dataset) -> bool:
    after, before, updated = wish.last_updated_after, wish.last_updated_before, dataset.updated_dt
    return (
        updated is not None
        and (after is None or updated > after)
        and (before is None or updated < before)
    )
