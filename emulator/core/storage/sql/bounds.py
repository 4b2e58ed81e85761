"""Bounds of lists, as parameters of statements: positions in the order of creation."""

from __future__ import annotations

from emulator.core.storage.query import Listing
from emulator.core.storage.sql.prepared import Values

_FIRST, _LAST = -1, 2**63 - 1
"""Times and numbers before and after all others."""


def bounds_of(listing: Listing) -> Values:
    """Return the bounds of the time of creation."""
    return {
        "after": _FIRST if listing.after is None else listing.after,
        "after_number": _LAST,
        "before": _LAST if listing.before is None else listing.before,
        "before_number": _FIRST,
    }


def starting_bound(bounds: Values, listing: Listing) -> Values:
    """Return the bound where a list begins: `beyond`, unless the time bound is narrower."""
    assert listing.beyond is not None
    side = "before" if listing.newest_first else "after"
    names = side, f"{side}_number"
    both = (bounds[names[0]], bounds[names[1]]), tuple(listing.beyond)
    return dict(zip(names, min(both) if listing.newest_first else max(both), strict=True))
