"""Lists of Amazon Personalize, one page at a time."""

from __future__ import annotations

from typing import TypeVar

from emulator.api import Call, Page, Params, Resource

R = TypeVar("R", bound=Resource)


def page_of(
    call: Call,
    kind: type[R],
    params: Params,
    *,
    parent: str | None = None,
    newest_first: bool = False,
) -> Page[R]:
    """Return a page of all resources of a kind, or of those under a parent."""
    return call.resources.page(
        kind,
        parent=parent,
        most=params.most or call.contract.rules["lists"]["most"],
        token=params.token,
        newest_first=newest_first,
    )
