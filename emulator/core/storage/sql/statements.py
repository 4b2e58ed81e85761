"""The statements on resources, claims and tallies; those of the index are in `index_statements`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import sqlalchemy as sa

from emulator.core.primitives.clock import LATEST
from emulator.core.storage.sql.prepared import Prepared, insert_of
from emulator.core.storage.sql.tables import (
    ENTERING,
    KEY,
    KIND,
    claims,
    postings,
    resources,
    tallies,
    terms,
)

ORDER = ("provider", "scope", "created_at", "number", "kind", "id")
"""The order of the resources of a world."""

_AGE = (resources.c.created_at, resources.c.number)
"""The order of lists."""

_ONE: sa.ColumnElement[int] = sa.literal_column("1")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListShape:
    """The shape of a list: what it is bounded by, and its order."""

    under: bool
    after: bool
    before: bool
    order: str = "created_at"
    newest_first: bool = False


def _at(table: sa.Table, *names: str) -> sa.ColumnElement[bool]:
    """Compare the named columns with parameters of the same names."""
    return sa.and_(*(table.c[name] == sa.bindparam(name) for name in names))


def _existing(*, under: bool) -> sa.ColumnElement[bool]:
    """Select the resources of a kind that have not expired by `now`."""
    gone_at = resources.c.gone_at
    names = (*KIND, "parent") if under else KIND
    return sa.and_(_at(resources, *names), sa.or_(gone_at.is_(None), gone_at > sa.bindparam("now")))


def _within(shape: ListShape) -> list[sa.ColumnElement[bool]]:
    """Bound the positions in the order of creation."""
    position = sa.tuple_(*_AGE)
    after, before = (
        sa.tuple_(sa.bindparam(name), sa.bindparam(f"{name}_number"))
        for name in ("after", "before")
    )
    bounds = [position > after] if shape.after else []
    return [*bounds, position < before] if shape.before else bounds


def _rows(shape: ListShape) -> sa.Select[Any]:
    """Select the `most` resources after the first `skip` ones."""
    columns = _AGE if shape.order == "created_at" else (resources.c[shape.order], *_AGE)
    order = (column.desc() if shape.newest_first else column for column in columns)
    selected = sa.select(resources).where(_existing(under=shape.under), *_within(shape))
    selected = selected.order_by(*order)
    return selected.limit(sa.bindparam("most")).offset(sa.bindparam("skip"))


def _total(shape: ListShape) -> sa.Select[Any]:
    counted = sa.select(sa.func.count().label("count")).select_from(resources)
    return counted.where(_existing(under=shape.under), *_within(shape))


def _count(*, under: bool, unsettled: bool) -> sa.Select[Any]:
    """Count resources, up to `enough` of them."""
    selected = sa.select(resources.c.id).where(_existing(under=under))
    if unsettled:
        selected = selected.where(resources.c.settles_at > sa.bindparam("now"))
    counted = selected.limit(sa.bindparam("enough")).subquery()
    return sa.select(sa.func.count().label("count")).select_from(counted)


def _change(*names: str) -> sa.Update:
    """Set the named columns to parameters called `new_<name>`."""
    values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
    return sa.update(resources).where(_at(resources, *KEY)).values(values)


def _holder() -> sa.Select[Any]:
    """Select the resource that holds a claim."""
    same = sa.and_(*(resources.c[name] == claims.c[name] for name in KEY))
    same_claim = _at(claims, "world", "provider", "scope", "claim")
    return sa.select(resources).join(claims, same).where(same_claim)


def _children() -> sa.Select[Any]:
    """Select the keys of the resources under the one with an `id`."""
    of_scope = _at(resources, "world", "provider", "scope")
    is_child = sa.and_(of_scope, resources.c.parent == sa.bindparam("id"))
    return sa.select(*(resources.c[name] for name in KEY)).where(is_child)


def _next_number() -> sa.ScalarSelect[Any]:
    """Select the number of the next resource of a kind that is created at one moment."""
    others = resources.alias()
    number = sa.func.coalesce(sa.func.max(others.c.number) + 1, 0)
    same = (others.c[name] == sa.bindparam(name) for name in (*KIND, "created_at"))
    return sa.select(number).where(*same).scalar_subquery()


def _forget() -> list[sa.Delete]:
    """Delete everything that a provider stores in a world."""
    own_terms = sa.select(terms.c.term).where(_at(terms, "world", "provider"))
    owned = (terms, claims, resources, tallies)
    return [
        sa.delete(postings).where(postings.c.term.in_(own_terms)),
        *(sa.delete(table).where(_at(table, "world", "provider")) for table in owned),
    ]


def _select(names: Iterable[str]) -> sa.Select[Any]:
    """Select the resources of a world with some columns, by provider, scope and age.

    Those with one id are few, and in no order: SQLite would rather read the world in order.
    """
    chosen = sa.select(resources).where(_at(resources, "world", *names))
    if "id" in names:
        return chosen
    if "kind" in names and "provider" not in names:  # an index has kinds by provider
        having = sa.select(tallies.c.provider).where(_at(tallies, "world", "kind"))
        chosen = chosen.where(resources.c.provider.in_(having))
    return chosen.order_by(*(resources.c[name] for name in ORDER))


_OF_KIND = ("world", "provider", "kind")


def _leaving() -> sa.Select[Any]:
    """Count, by scope, the resources of a kind that will expire by themselves."""
    # The first of the two conditions follows from the other; an index has it.
    now: sa.BindParameter[int] = sa.bindparam("now")
    going = (resources.c.settles_at > now, resources.c.gone_at > now)
    counted = sa.select(resources.c.scope, sa.func.count().label("count"))
    return counted.where(_at(resources, *_OF_KIND), *going).group_by(resources.c.scope)


def _most_used(*, unsettled: bool, per_parent: bool) -> sa.Select[Any]:
    """Count the resources of a kind in the scope, or under the parent, that has most."""
    now: sa.BindParameter[int] = sa.bindparam("now")
    is_there = sa.or_(resources.c.gone_at.is_(None), resources.c.gone_at > now)
    groups = [resources.c.scope, *([resources.c.parent] if per_parent else [])]
    counted = sa.select(sa.func.count().label("count"))
    counted = counted.where(_at(resources, *_OF_KIND), is_there).group_by(*groups)
    if unsettled:
        counted = counted.where(resources.c.settles_at > now)
    return sa.select(sa.func.max(counted.subquery().c.count).label("count"))


def _last_end() -> sa.Select[Any]:
    """Select the last time at which a state of a world changes; tallies name its kinds."""
    same = (resources.c[name] == tallies.c[name] for name in _OF_KIND)
    last = sa.select(sa.func.max(resources.c.settles_at))
    last = last.where(*same, resources.c.settles_at <= LATEST).correlate(tallies)
    each = sa.select(last.scalar_subquery().label("end")).where(_at(tallies, "world")).subquery()
    return sa.select(sa.func.max(each.c.end).label("settles_at"))


class Statements:
    """The SQL on resources, compiled once for its kind of database."""

    def __init__(self, dialect: sa.Dialect) -> None:
        def prepare(statement: sa.Executable) -> Prepared:
            return Prepared(statement, dialect)

        insert = insert_of(dialect)
        row: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in resources.c}
        row["number"] = _next_number()
        added = insert(resources).values(row).on_conflict_do_nothing()
        self.add = prepare(added.returning(resources.c.number))
        self.get = prepare(sa.select(resources).where(_at(resources, *KEY)))
        self.rewrite = prepare(_change("body", "updated_at", "version"))
        self.enter = prepare(_change("body", "updated_at", "version", *ENTERING))
        dropped = sa.delete(resources).where(_at(resources, *KEY))
        self.drop = prepare(dropped.returning(resources.c.gone_at))
        self.children = prepare(_children())
        self.rows: Callable[[ListShape], Prepared] = cache(lambda shape: prepare(_rows(shape)))
        self.total: Callable[[ListShape], Prepared] = cache(lambda shape: prepare(_total(shape)))
        self.count = _both_ways(_count, ("under", "unsettled"), prepare)
        self.claim = prepare(insert(claims).on_conflict_do_nothing())
        self.release = prepare(sa.delete(claims).where(_at(claims, *KEY, "claim")))
        self.drop_claims = prepare(sa.delete(claims).where(_at(claims, *KEY)))
        self.holder = prepare(_holder())
        first = insert(tallies).values({**_parameters(_TALLY), "count": _ONE})
        more = {"count": tallies.c.count + _ONE}
        self.count_in = prepare(first.on_conflict_do_update(index_elements=_TALLY, set_=more))
        less = sa.update(tallies).where(_at(tallies, *_TALLY))
        self.count_out = prepare(less.values(count=tallies.c.count - _ONE))
        self.tallies = prepare(
            sa.select(tallies.c.scope, tallies.c.count).where(_at(tallies, *_OF_KIND))
        )
        self.leaving = prepare(_leaving())
        self.most_used = _both_ways(_most_used, ("unsettled", "per_parent"), prepare)
        self.last_end = prepare(_last_end())
        self.select: Callable[[tuple[str, ...]], Prepared] = cache(
            lambda names: prepare(_select(names))
        )
        self.anything = prepare(sa.select(resources.c.id).where(_at(resources, "world")).limit(1))
        self.claims = prepare(sa.select(claims).where(_at(claims, "world")))
        self.forget = [prepare(statement) for statement in _forget()]


_TALLY = [*_OF_KIND, "scope"]


def _parameters(names: Iterable[str]) -> dict[str, Any]:
    return {name: sa.bindparam(name) for name in names}


def _both_ways(
    make: Callable[..., sa.Executable],
    options: tuple[str, str],
    prepare: Callable[[sa.Executable], Prepared],
) -> Mapping[tuple[bool, bool], Prepared]:
    """Prepare a statement for each combination of two options."""
    one, other = options
    return {
        (first, second): prepare(make(**{one: first, other: second}))
        for first, second in product((False, True), repeat=2)
    }
