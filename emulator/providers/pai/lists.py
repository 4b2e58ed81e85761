"""Lists of datasets: filters, visibility, order."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import AnyOf, Contains, CountedPage, Params
from emulator.providers.pai.resources import Dataset
from emulator.providers.pai.viewpoint import Viewpoint

_ORDERS = {"GmtCreateTime": "created_at", "GmtModifiedTime": "updated_at"}


def datasets_of(viewer: Viewpoint, params: Params) -> CountedPage[Dataset]:
    """Return a page of the datasets in a workspace that the caller can see."""
    return viewer.call.resources.slice(
        Dataset,
        parent=viewer.workspace_id,
        where=[*_facets(viewer, params), *_texts(params)],
        ids=params.dataset_ids or None,
        order=_ORDERS[params.sort_by],
        newest_first=params.order == "DESC",
        skip=(params.page - 1) * params.most,
        most=params.most,
    )


def _facets(viewer: Viewpoint, params: Params) -> list[AnyOf]:
    found = [AnyOf(facet, values) for facet, values in _facet_values(params).items() if any(values)]
    if viewer.administers:
        return found
    return [*found, AnyOf("audience", sorted(viewer.keys), overlapping=True)]


def _facet_values(params: Params) -> Mapping[str, list[str]]:
    return {
        "data_source_type": params.data_source_types,
        "data_type": params.data_types,
        "property": params.properties,
        "source_type": params.source_types,
        "source_id": [params.source_id],
        "source_dataset_id": [params.source_dataset_id],
        "accessibility": [params.accessibility],
        "edition": [params.edition],
        "provider": [params.provider],
        "share_scope": [params.share_scope],
    }


def _texts(params: Params) -> list[Contains]:
    texts = {"name": params.name, "label": params.label}
    return [Contains(name, text) for name, text in texts.items() if text]
