"""Lists of what Coactive AI has and no operation here makes: concepts, and assets of datasets."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import Call, Document, Handler, Params
from emulator.providers.coactive.handlers import check_live


def list_nothing(_: Call, params: Params) -> Document:
    """Return the page that a request names of an empty list."""
    links = dict.fromkeys(("prev", "next", "first", "last"))
    page = {"most": params.most, "skip": params.skip}
    return {**page, "current_page": params.skip // params.most + 1, **links}


def list_no_assets(call: Call, params: Params) -> Document:
    """Return the page that a request names of the assets of a dataset that exists."""
    check_live(call, params)
    return list_nothing(call, params)


HANDLERS: Mapping[str, Handler] = {
    "GetImages": list_no_assets,
    "GetVideos": list_no_assets,
    "ListConcepts": list_nothing,
}
