"""A transaction of the SQL engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from operator import attrgetter

from emulator.core.storage.engine import IdCounters, Selection, Transaction
from emulator.core.storage.filters import IndexKeys
from emulator.core.storage.keys import Claim, Key, KindKey
from emulator.core.storage.query import Listing
from emulator.core.storage.rows import ResourceRow
from emulator.core.storage.sql.bounds import bounds_of, starting_bound
from emulator.core.storage.sql.encoding import (
    key_of,
    key_values,
    kind_values,
    plain,
    row_of,
    row_values,
)
from emulator.core.storage.sql.index import Index
from emulator.core.storage.sql.prepared import Cursor
from emulator.core.storage.sql.statements import ORDER, ListShape, Statements
from emulator.core.storage.sql.tables import ENTERING
from emulator.core.storage.sql.world_records import Records

_CHANGING = ("body", "updated_at", "version", *ENTERING)


class SqlTransaction(Transaction):
    """A transaction on a cursor of the driver."""

    def __init__(
        self, cursor: Cursor, statements: Statements, index: Index, records: Records
    ) -> None:
        """Work on an open cursor with compiled statements."""
        self.cursor = cursor
        self._statements = statements
        self._index = index
        self._records = records
        self._has_written = False

    @property
    def has_written(self) -> bool:
        """Whether a resource was stored, changed or deleted."""
        return self._has_written

    # ---- resources

    def get(self, key: Key) -> ResourceRow | None:
        """Return a row, expired or not."""
        found = self._statements.get.one(self.cursor, key_values(key))
        return None if found is None else row_of(found)

    def insert(self, row: ResourceRow) -> ResourceRow | None:
        """Store a row, unless its key is taken, and count it."""
        values = row_values(row)
        numbered = self._statements.add.one(self.cursor, values)
        if numbered is None:
            return None
        self._has_written = True
        self._statements.count_in.run(self.cursor, values)
        if row.gone_at is not None:  # a kind without a tally would not be known
            self._statements.count_out.run(self.cursor, values)
        return row.numbered(int(numbered[0]))

    def write(self, old: ResourceRow, new: ResourceRow) -> None:
        """Change the columns that differ; the index of ends only where the lifecycle does."""
        values = {**key_values(new.key), **{f"new_{n}": getattr(new, n) for n in _CHANGING}}
        goes_on = all(getattr(old, name) == getattr(new, name) for name in ENTERING)
        statement = self._statements.rewrite if goes_on else self._statements.enter
        statement.run(self.cursor, values)
        self._has_written = True
        if old.gone_at is None and new.gone_at is not None:
            self._statements.count_out.run(self.cursor, values)
        elif old.gone_at is not None and new.gone_at is None:
            self._statements.count_in.run(self.cursor, values)

    def erase(self, key: Key) -> None:
        """Delete a row and its claims."""
        values = key_values(key)
        self._statements.drop_claims.run(self.cursor, values)
        erased = self._statements.drop.one(self.cursor, values)
        if erased is None:
            return
        self._has_written = True
        if erased[0] is None:
            self._statements.count_out.run(self.cursor, values)

    def children(self, key: Key) -> Sequence[Key]:
        """List the keys of everything directly under a resource."""
        found = self._statements.children.tuples(self.cursor, key_values(key))
        return [Key(*KindKey(*of_kind), plain(id_)) for *of_kind, id_ in found]

    def list(self, listing: Listing) -> tuple[Sequence[ResourceRow], int | None]:
        """Read a list from the index of lists, or in the order of age."""
        if listing.indexed:
            return self._index.find(listing)
        values = {**kind_values(listing.of_kind, listing.parent), **bounds_of(listing)}
        values |= {"now": listing.now, "most": listing.most, "skip": listing.skip}
        after, before = listing.after is not None, listing.before is not None
        under, total = listing.parent is not None, None
        if listing.counted:
            shape = ListShape(under=under, after=after, before=before)
            total = self._statements.total(shape).all(self.cursor, values)[0]["count"]
        if listing.beyond is not None:
            values |= starting_bound(values, listing)
            after, before = after or not listing.newest_first, before or listing.newest_first
        shape = ListShape(
            under=under,
            after=after,
            before=before,
            order=listing.order,
            newest_first=listing.newest_first,
        )
        rows = self._statements.rows(shape).tuples(self.cursor, values)
        return [row_of(columns) for columns in rows], total

    def count(
        self, of_kind: KindKey, enough: int, *, now: int, parent: str | None, unsettled: bool
    ) -> int:
        """Count resources, up to `enough`."""
        values = {**kind_values(of_kind, parent), "now": now, "enough": enough}
        statement = self._statements.count[parent is not None, unsettled]
        return int(statement.all(self.cursor, values)[0]["count"])

    def claim(self, key: Key, claim: str) -> bool:
        """Insert a claim; a conflict inserts nothing."""
        values = {**key_values(key), "claim": key_of(claim)}
        return bool(self._statements.claim.run(self.cursor, values))

    def release(self, key: Key, claim: str) -> None:
        """Delete a claim of a resource."""
        self._statements.release.run(self.cursor, {**key_values(key), "claim": key_of(claim)})

    def holder(self, key: Key, claim: str) -> ResourceRow | None:
        """Return the resource that holds a claim."""
        values = {**key_values(key), "claim": key_of(claim)}
        found = self._statements.holder.one(self.cursor, values)
        return None if found is None else row_of(found)

    def reindex(self, row: ResourceRow, old: IndexKeys | None, new: IndexKeys | None) -> None:
        """Write the difference between old and new index keys."""
        self._index.file(row, old, new)

    # ---- worlds

    def select(self, world: str, selection: Selection) -> Iterator[ResourceRow]:
        """Fetch the selected resources, some at a time."""
        chosen = {name: value for name, value in asdict(selection).items() if value is not None}
        values = {**chosen, "world": world}
        if selection.id is not None:
            values["id"] = key_of(selection.id)
        statement = self._statements.select(tuple(chosen))
        rows = (row_of(columns) for columns in statement.tuples(self.cursor, values))
        return iter(sorted(rows, key=attrgetter(*ORDER))) if "id" in chosen else rows

    def claims(self, world: str) -> Sequence[Claim]:
        """List the claims of a world."""
        rows = self._statements.claims.all(self.cursor, {"world": world})
        return [
            Claim(
                provider=row["provider"],
                scope=row["scope"],
                kind=row["kind"],
                id=plain(row["id"]),
                claim=plain(row["claim"]),
            )
            for row in rows
        ]

    def most_used(
        self, world: str, provider: str, kind: str, *, now: int, unsettled: bool, per_parent: bool
    ) -> int:
        """Read the largest tally, or count by group what has no tally."""
        values = {"world": world, "provider": provider, "kind": kind, "now": now}
        if unsettled or per_parent:
            statement = self._statements.most_used[unsettled, per_parent]
            return int(statement.all(self.cursor, values)[0]["count"] or 0)
        # Those that expire by themselves are few, and the others were counted when they came.
        used = Counter[str]()
        for statement in (self._statements.tallies, self._statements.leaving):
            used.update(dict(statement.pairs(self.cursor, values)))
        return max(used.values(), default=0)

    def settles_at(self, world: str) -> int:
        """Read the last end of each kind from the index of ends."""
        values = {"world": world}
        return int(self._statements.last_end.all(self.cursor, values)[0]["settles_at"] or 0)

    def is_empty(self, world: str) -> bool:
        """Return whether a world has no resources."""
        return self._statements.anything.one(self.cursor, {"world": world}) is None

    def forget(self, world: str, provider: str) -> None:
        """Delete everything a provider stores in a world."""
        for statement in self._statements.forget:
            statement.run(self.cursor, {"world": world, "provider": provider})
        self._index.forget(world, provider)
        self._has_written = True

    # ---- what survives a restart

    def read_record(self, world: str) -> tuple[object, IdCounters]:
        """Return the recorded document of a world, or None, and its id counters."""
        return self._records.read(self.cursor, world)

    def write_record(self, world: str, document: object) -> None:
        """Record the document of a world, in a database that lasts."""
        self._records.write(self.cursor, world, document)

    def note_counters(self, world: str, counters: IdCounters) -> None:
        """Record counters of ids, in a database that lasts."""
        self._records.note(self.cursor, world, counters)

    def forget_record(self, world: str) -> None:
        """Delete the record of a world."""
        self._records.forget(self.cursor, world)

    def undo(self) -> None:
        """Roll back everything so far."""
        self.cursor.connection.rollback()
        self._index.roll_back()
