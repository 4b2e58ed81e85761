"""An inverted index in the database: filtered and counted lists without a full scan.

A term is a facet with a value, or three consecutive characters of a text. A posting links a term
to a resource, and the term counts its postings. A query starts from its rarest term; the total of
one term is read, not counted; others are counted once, if the database has `totals`. Parts of
fewer than three characters need a scan of all texts of the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from emulator.core.storage.filters import GRAM, AnyOf, Contains, Filter, IndexKeys, grams
from emulator.core.storage.keys import KindKey
from emulator.core.storage.query import ALL, Listing
from emulator.core.storage.rows import ResourceRow
from emulator.core.storage.sql.bounds import bounds_of, starting_bound
from emulator.core.storage.sql.encoding import key_of, kind_values, parent_key, row_of
from emulator.core.storage.sql.index_statements import Queries, Shape
from emulator.core.storage.sql.prepared import Cursor, Values
from emulator.core.storage.sql.totals import Totals

_CACHED_TERMS = 2**16
"""Number of terms whose ids are cached, because most repeat."""

_BROAD = 4
"""If one in so many resources has a term, scanning texts is faster than a look-up."""

_SEPARATOR = "\x1f"
"""Separator of the texts of one name."""

_UNSTORABLE = re.compile("[\0\x1f\ud800-\udfff]")
"""Characters that some database cannot store, and the separator."""


@dataclass(frozen=True, slots=True)
class TermFilter:
    """A filter in terms of the index: any of these terms, and a part of the text.

    `tally` is the largest possible number of matches; the exact one if `exact`.
    """

    terms: Sequence[int]
    tally: int
    exact: bool = True
    part: str | None = None


class Terms:
    """The terms of one kind of resource under one parent, as 64-bit numbers.

    The numbers are digests: two of a million terms collide once in ten million databases.
    """

    def __init__(self, of_kind: KindKey, parent: str | None) -> None:
        """Use the key of the kind and the id of the parent."""
        encoded = parent_key(parent)
        under = "" if encoded is None else f"/{encoded}"
        self._prefix = "\0".join([*of_kind, under])

    def everything(self) -> int:
        """Return the term of every resource."""
        return _number(self._prefix, "*")

    def facet(self, facet: str, value: str) -> int:
        """Return the term of a facet with a value."""
        return _number(self._prefix, f"f\0{facet}\0{value}")

    def gram(self, name: str, gram: str) -> int:
        """Return the term of three characters in a text."""
        return _number(self._prefix, f"g\0{name}\0{gram}")

    def text(self, name: str) -> int:
        """Return the term under which whole texts are kept."""
        return _number(self._prefix, f"t\0{name}")

    def of(self, index_keys: IndexKeys | None) -> dict[int, str | None]:
        """List the terms of a resource, with the text of each posting."""
        if index_keys is None:
            return {}
        found: dict[int, str | None] = {self.everything(): None}
        for facet in index_keys.facets:
            for value in index_keys.values(facet):
                found[self.facet(facet, value)] = None
        for name, values in index_keys.texts.items():
            texts = [_storable(text) for text in values]
            found[self.text(name)] = _SEPARATOR.join(texts)
            for gram in {gram for text in texts for gram in grams(text)}:
                found[self.gram(name, gram)] = None
        return found


@lru_cache(_CACHED_TERMS)
def _number(prefix: str, term: str) -> int:
    text = f"{prefix}\0{term}".encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\ufffd", text)


class Index:
    """The index within one transaction."""

    def __init__(self, cursor: Cursor, queries: Queries, totals: Totals | None) -> None:
        """Work in the transaction of a cursor, with the totals that are known, if any can be."""
        self._cursor = cursor
        self._queries = queries
        self._totals = totals
        self._has_changed = False
        """Whether it has changed in this transaction."""

    def file(self, row: ResourceRow, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Replace the postings of a resource; `old` or `new` may be None."""
        self._has_changed = True
        if self._totals:
            self._totals.correct((row.key.of_kind, row.parent), old, new)
        terms = Terms(row.key.of_kind, row.parent)
        # Only the difference is written: most changes leave most index keys as they were.
        before, after = terms.of(old).items(), terms.of(new).items()
        posting = {
            "world": row.world,
            "provider": row.provider,
            "at": row.created_at,
            "number": row.number,
            "id": key_of(row.id),
        }
        removed = [{**posting, "term": term} for term, _ in before - after]
        added = [{**posting, "term": term, "text": text} for term, text in after - before]
        if removed:
            self._queries.uncount.many(self._cursor, removed)
            self._queries.unpost.many(self._cursor, removed)
            self._queries.prune.many(self._cursor, removed)
        if added:
            self._queries.post.many(self._cursor, added)
            self._queries.count_in.many(self._cursor, added)

    def forget(self, world: str, provider: str) -> None:
        """Note that everything of a provider in a world was deleted."""
        self._has_changed = True
        if self._totals:
            self._totals.forget(world, provider)

    def roll_back(self) -> None:
        """Note that nothing of this transaction is kept: totals that it corrected are wrong."""
        if self._totals and self._has_changed:
            self._totals.clear()

    def find(self, listing: Listing) -> tuple[list[ResourceRow], int | None]:
        """Return the rows of a list, and the total if it is counted."""
        terms = Terms(listing.of_kind, listing.parent)
        all_filters = [w for each in listing.where for w in self._term_filters(terms, each)]
        filters = list({(*each.terms, each.part): each for each in all_filters}.values())
        if not filters:
            filters = [self._terms([terms.everything()])]
        # The rarest first: its postings are visited, the others are looked up for each.
        filters.sort(key=lambda each: each.tally)
        values = {**kind_values(listing.of_kind), **bounds_of(listing), **_values(filters)}
        bounded = listing.after is not None or listing.before is not None
        conditions = tuple((len(each.terms), each.part is not None) for each in filters)
        shape = Shape(conditions, bounded, listing.newest_first, listing.order)
        # The total is that of the whole list, so the page's start comes after it.
        total = self._total(listing, filters, shape, values) if listing.counted else None
        if not filters[0].tally or (total is not None and total <= listing.skip):
            return [], total
        if listing.beyond:
            values |= starting_bound(values, listing)
            shape = replace(shape, bounded=True)
        reach = min(listing.skip + listing.most, ALL)
        values |= {"most": listing.most, "skip": listing.skip, "reach": reach}
        rows = self._queries.rows(shape).tuples(self._cursor, values)
        return [row_of(columns) for columns in rows], total

    def _total(
        self, listing: Listing, filters: Sequence[TermFilter], shape: Shape, values: Values
    ) -> int:
        """Read the total of a single term; count others, unless it was done before."""
        tally, totals = filters[0].tally, self._totals
        if not tally or (len(filters) == 1 and filters[0].exact and not shape.bounded):
            return tally
        if totals is None or shape.bounded or not all(map(_is_precise, listing.where)):
            return self._count(shape, values)
        key = (listing.of_kind, listing.parent)
        total = totals.find(self._cursor, key, listing.where)
        if total is None:
            total = self._count(shape, values)
            totals.note(key, listing.where, total)
        return total

    def _count(self, shape: Shape, values: Values) -> int:
        plain = Shape(shape.conditions, shape.bounded)
        return int(self._queries.count(plain).all(self._cursor, values)[0]["count"])

    def _term_filters(self, terms: Terms, condition: Filter) -> list[TermFilter]:
        if isinstance(condition, AnyOf):
            numbers = [terms.facet(condition.facet, value) for value in condition.values]
            return [self._terms(numbers, exact=not condition.overlapping or len(numbers) == 1)]
        return self._containing(terms, condition)

    def _containing(self, terms: Terms, condition: Contains) -> list[TermFilter]:
        """Search a part of a text: by its rarest three characters, or through all texts."""
        part, text = _storable(condition.part), terms.text(condition.name)
        scan = TermFilter([text], self._tally(text), exact=not part, part=part or None)
        numbers = {terms.gram(condition.name, gram) for gram in grams(part)}
        if not numbers:  # fewer than three characters are no term
            return [scan]
        rarest = min((self._terms([number]) for number in numbers), key=lambda each: each.tally)
        if len(part) == GRAM:  # the term is the part: no text has to be read
            return [rarest]
        # A text may have all three-character terms of a part and not the part, so texts are read
        # in any case: those with the rarest term, or all of them if that term is in most.
        return [scan] if rarest.tally * _BROAD > scan.tally else [rarest, scan]

    def _terms(self, numbers: Sequence[int], *, exact: bool = True) -> TermFilter:
        used = [(number, tally) for number in numbers if (tally := self._tally(number))]
        # Terms without postings match nothing; one stays, because a filter needs a term.
        terms = [number for number, _ in used] or numbers[:1]
        return TermFilter(terms, sum(tally for _, tally in used), exact=exact)

    def _tally(self, term: int) -> int:
        found = self._queries.tally.first(self._cursor, {"term": term})
        return int(found["count"]) if found else 0


def _is_precise(condition: Filter) -> bool:
    """Return whether it holds of a resource if and only if the database finds it.

    Stored texts have U+FFFD for what some database cannot store, which a part would match.
    """
    return isinstance(condition, AnyOf) or "\ufffd" not in _storable(condition.part)


def _values(filters: Sequence[TermFilter]) -> Values:
    terms = {f"term_{n}_{i}": term for n, w in enumerate(filters) for i, term in enumerate(w.terms)}
    return terms | {f"part_{n}": w.part for n, w in enumerate(filters) if w.part is not None}
