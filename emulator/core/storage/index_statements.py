"""The statements of the index: filing, and finding what several terms have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from emulator.core.storage.tables import KIND, Prepared, insert_of, postings, resources, terms

Conditions = tuple[tuple[int, bool], ...]
"""Of each condition: how many terms it has, and whether their text must contain a part.

The first condition is gone through, the others are looked up for each of its postings.
"""

_NONE: sa.ColumnElement[int] = sa.literal_column("0")
_ONE: sa.ColumnElement[int] = sa.literal_column("1")

_KEPT = 256
"""Statements that are kept compiled."""

_MANY = 64
"""Terms that may have a part each; SQLite takes no more than 500 parts in one statement."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement depends on; `bounded` is one that begins or ends somewhere."""

    conditions: Conditions
    bounded: bool
    newest_first: bool = False
    order: str = "created_at"


class Queries:
    """The SQL of the index, compiled once per shape for its kind of database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        """Compile what is always the same."""

        def prepare(statement: sa.Executable) -> Prepared:
            return Prepared(statement, dialect)

        insert = insert_of(dialect)
        this = terms.c.term == sa.bindparam("term")
        one = insert(terms).values(
            term=sa.bindparam("term"),
            world=sa.bindparam("world"),
            provider=sa.bindparam("provider"),
            count=_ONE,
        )
        more = {"count": terms.c.count + _ONE}
        self.post = prepare(insert(postings))
        self.count_in = prepare(one.on_conflict_do_update(index_elements=["term"], set_=more))
        at = [postings.c[name] == sa.bindparam(name) for name in ("term", "at", "number")]
        self.unpost = prepare(sa.delete(postings).where(*at))
        self.uncount = prepare(sa.update(terms).where(this).values(count=terms.c.count - _ONE))
        self.prune = prepare(sa.delete(terms).where(this, terms.c.count == _NONE))
        self.tally = prepare(sa.select(terms.c.count).where(this))
        self.count: Callable[[Shape], Prepared] = lru_cache(_KEPT)(
            lambda shape: prepare(_count(shape))
        )
        self.rows: Callable[[Shape], Prepared] = lru_cache(_KEPT)(
            lambda shape: prepare(_rows(shape))
        )


def _count(shape: Shape) -> sa.Select[Any]:
    found = sa.union(*_parts(shape)).subquery()
    return sa.select(sa.func.count().label("count")).select_from(found)


def _rows(shape: Shape) -> sa.Select[Any]:
    """Select the rows of a list; each term's postings are gone through no further than needed."""
    parts = _parts(shape)
    if shape.order != "created_at":
        return _cut(_with_rows(sa.union(*parts).subquery(), shape))
    if len(parts) == 1:
        return _with_rows(_cut(_ordered(parts[0], shape)).subquery(), shape)
    reached = [_ordered(part, shape).limit(sa.bindparam("reach")) for part in parts]
    found = sa.union(*(sa.select(part.subquery()) for part in reached)).subquery()
    return _with_rows(_cut(_ordered(sa.select(found), shape)).subquery(), shape)


def _with_rows(found: sa.Subquery, shape: Shape) -> sa.Select[Any]:
    here = [resources.c[name] == sa.bindparam(name) for name in KIND]
    rows = sa.select(resources).join(found, sa.and_(*here, resources.c.id == found.c.id))
    order = [resources.c[name] for name in (shape.order, "created_at", "number")]
    return rows.order_by(*_directed(order, shape))


def _ordered(part: sa.Select[Any], shape: Shape) -> sa.Select[Any]:
    columns = part.selected_columns
    return part.order_by(*_directed([columns["at"], columns["number"]], shape))


def _directed(
    columns: Sequence[sa.ColumnElement[Any]], shape: Shape
) -> Sequence[sa.ColumnElement[Any]]:
    return [column.desc() if shape.newest_first else column for column in columns]


def _cut(found: sa.Select[Any]) -> sa.Select[Any]:
    return found.limit(sa.bindparam("most")).offset(sa.bindparam("skip"))


def _parts(shape: Shape) -> list[sa.Select[Any]]:
    """Select what fits all conditions, once per term of the first one; at once if they are many."""
    count, _ = shape.conditions[0]
    if sum(terms for terms, _ in shape.conditions) > _MANY:
        return [_part(range(count), shape).distinct()]
    return [_part([number], shape) for number in range(count)]


def _part(numbers: Iterable[int], shape: Shape) -> sa.Select[Any]:
    (_, has_part), *others = shape.conditions
    gone_through = postings.alias("p")
    place = gone_through.c
    found = sa.select(place.at, place.number, place.id).where(
        _among(gone_through, 0, numbers),
        *([_contains(gone_through, 0)] if has_part else []),
        *(_between(gone_through) if shape.bounded else ()),
    )
    for n, (count, also_part) in enumerate(others, 1):
        other = postings.alias(f"p{n}")
        found = found.where(
            sa.exists().where(
                _among(other, n, range(count)),
                other.c.at == place.at,
                other.c.number == place.number,
                *([_contains(other, n)] if also_part else []),
            )
        )
    return found


def _among(alias: sa.FromClause, condition: int, numbers: Iterable[int]) -> sa.ColumnElement[bool]:
    return alias.c.term.in_([sa.bindparam(f"term_{condition}_{number}") for number in numbers])


def _between(alias: sa.FromClause) -> Sequence[sa.ColumnElement[bool]]:
    after, before = (
        sa.tuple_(sa.bindparam(name), sa.bindparam(f"{name}_number"))
        for name in ("after", "before")
    )
    here = sa.tuple_(alias.c.at, alias.c.number)
    return here > after, here < before


def _contains(alias: sa.FromClause, number: int) -> sa.ColumnElement[bool]:
    """Tell whether a text contains a part; LIKE would mind neither case nor wildcards."""
    text = alias.c.text
    return sa.func.replace(text, sa.bindparam(f"part_{number}"), "") != text
