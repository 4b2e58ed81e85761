"""Lists of datasets: filters, visibility, order."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Among, Containing, Slice
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.viewpoint import Viewpoint
from emulator.providers.pai.wire import ListDatasets

_ORDERS = {"GmtCreateTime": "created_at", "GmtModifiedTime": "updated_at"}


def datasets_of(here: Viewpoint, wish: ListDatasets) -> Slice[Dataset]:
    """Give the page wanted of the datasets in a workspace that the caller sees."""
    return here.call.store.slice(
        Dataset,
        parent=here.workspace_id,
        where=[*_facets(here, wish), *_texts(wish)],
        ids=wish.dataset_ids or None,
        order=_ORDERS[wish.sort_by],
        newest_first=wish.order == "DESC",
        skip=(wish.page_number - 1) * wish.page_size,
        most=wish.page_size,
    )


def _facets(here: Viewpoint, wish: ListDatasets) -> list[Among]:
    found = [Among(facet, values) for facet, values in _sought(wish).items() if any(values)]
    if here.administers:
        return found
    return [*found, Among("audience", sorted(here.keys), overlapping=True)]


def _sought(wish: ListDatasets) -> Mapping[str, list[str]]:
    return {
        "data_source_type": wish.data_source_types,
        "data_type": wish.data_types,
        "property": wish.properties,
        "source_type": wish.source_types,
        "source_id": [wish.source_id],
        "source_dataset_id": [wish.source_dataset_id],
        "accessibility": [wish.accessibility],
        "edition": [wish.edition],
        "provider": [wish.provider],
        "share_scope": [wish.share_scope],
    }


def _texts(wish: ListDatasets) -> list[Containing]:
    sought = {"name": wish.name, "label": wish.label}
    return [Containing(name, text) for name, text in sought.items() if text]
