"""The statements of the index: postings, and intersections of terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from emulator.core.storage.sql.prepared import Prepared, insert_of
from emulator.core.storage.sql.tables import KIND, postings, resources, terms

Conditions = tuple[tuple[int, bool], ...]
"""For each condition: the number of its terms, and whether it has a part of a text.

The postings of the first condition are visited; the others are looked up for each.
"""

# Literals, not parameters: nothing has to be merged into the values of each row.
_NONE: sa.ColumnElement[int] = sa.literal_column("0")
_ONE: sa.ColumnElement[int] = sa.literal_column("1")

_CACHED_STATEMENTS = 256
"""Number of compiled statements in the cache."""

_MANY = 64
"""Maximum number of terms with a part; SQLite takes at most 500 parts in a statement."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a statement; `bounded` if the list begins or ends at a time."""

    conditions: Conditions
    bounded: bool
    newest_first: bool = False
    order: str = "created_at"


class Queries:
    """The SQL of the index, compiled once per shape and dialect."""

    def __init__(self, dialect: sa.Dialect) -> None:
        """Compile the statements of fixed shape."""

        def prepare(statement: sa.Executable) -> Prepared:
            return Prepared(statement, dialect)

        insert = insert_of(dialect)
        is_term = terms.c.term == sa.bindparam("term")
        first_posting = insert(terms).values(
            term=sa.bindparam("term"),
            world=sa.bindparam("world"),
            provider=sa.bindparam("provider"),
            count=_ONE,
        )
        next_posting = {"count": terms.c.count + _ONE}
        self.post = prepare(insert(postings))
        self.count_in = prepare(
            first_posting.on_conflict_do_update(index_elements=["term"], set_=next_posting)
        )
        at = [postings.c[name] == sa.bindparam(name) for name in ("term", "at", "number")]
        self.unpost = prepare(sa.delete(postings).where(*at))
        self.uncount = prepare(sa.update(terms).where(is_term).values(count=terms.c.count - _ONE))
        self.prune = prepare(sa.delete(terms).where(is_term, terms.c.count == _NONE))
        self.tally = prepare(sa.select(terms.c.count).where(is_term))
        self.count: Callable[[Shape], Prepared] = lru_cache(_CACHED_STATEMENTS)(
            lambda shape: prepare(_count(shape))
        )
        self.rows: Callable[[Shape], Prepared] = lru_cache(_CACHED_STATEMENTS)(
            lambda shape: prepare(_rows(shape))
        )


def _count(shape: Shape) -> sa.Select[Any]:
    found = sa.union(*_parts(shape)).subquery()
    return sa.select(sa.func.count().label("count")).select_from(found)


def _rows(shape: Shape) -> sa.Select[Any]:
    """Select the rows of a list; visit postings only as far as needed."""
    parts = _parts(shape)
    if shape.order != "created_at":  # postings are in order of creation: all have to be sorted
        return _cut(_with_rows(sa.union(*parts).subquery(), shape))
    if len(parts) == 1:
        return _with_rows(_cut(_ordered(parts[0], shape)).subquery(), shape)
    # Each term's postings are in order, so none needs to be read beyond the end of the page.
    limited = [_ordered(part, shape).limit(sa.bindparam("reach")) for part in parts]
    found = sa.union(*(sa.select(part.subquery()) for part in limited)).subquery()
    return _with_rows(_cut(_ordered(sa.select(found), shape)).subquery(), shape)


def _with_rows(found: sa.Subquery, shape: Shape) -> sa.Select[Any]:
    of_kind = [resources.c[name] == sa.bindparam(name) for name in KIND]
    rows = sa.select(resources).join(found, sa.and_(*of_kind, resources.c.id == found.c.id))
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
    """Select what meets all conditions, once per term of the first one; in one pass if many."""
    count, _ = shape.conditions[0]
    if sum(terms for terms, _ in shape.conditions) > _MANY:
        return [_part(range(count), shape).distinct()]
    return [_part([number], shape) for number in range(count)]


def _part(numbers: Iterable[int], shape: Shape) -> sa.Select[Any]:
    (_, has_part), *others = shape.conditions
    driving = postings.alias("p")
    position = driving.c
    found = sa.select(position.at, position.number, position.id).where(
        _has_term(driving, 0, numbers),
        *([_contains(driving, 0)] if has_part else []),
        *(_is_within_bounds(driving) if shape.bounded else ()),
    )
    for n, (count, also_part) in enumerate(others, 1):
        other = postings.alias(f"p{n}")
        found = found.where(
            sa.exists().where(
                _has_term(other, n, range(count)),
                other.c.at == position.at,
                other.c.number == position.number,
                *([_contains(other, n)] if also_part else []),
            )
        )
    return found


def _has_term(
    alias: sa.FromClause, condition: int, numbers: Iterable[int]
) -> sa.ColumnElement[bool]:
    return alias.c.term.in_([sa.bindparam(f"term_{condition}_{number}") for number in numbers])


def _is_within_bounds(alias: sa.FromClause) -> Sequence[sa.ColumnElement[bool]]:
    after, before = (
        sa.tuple_(sa.bindparam(name), sa.bindparam(f"{name}_number"))
        for name in ("after", "before")
    )
    position = sa.tuple_(alias.c.at, alias.c.number)
    return position > after, position < before


def _contains(alias: sa.FromClause, number: int) -> sa.ColumnElement[bool]:
    """Make a condition that a text contains a part; LIKE would ignore case."""
    text = alias.c.text
    return sa.func.replace(text, sa.bindparam(f"part_{number}"), "") != text
