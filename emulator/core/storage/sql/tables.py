"""The tables.

`resources` has one row per resource, with the columns of `ResourceRow`. `claims` lets the database
decide about uniqueness: a claim has one holder, and a second insert of it changes nothing. `terms`
and `postings` are the index of lists (see `index`). `tallies` counts the resources of a kind and
scope that do not expire by themselves, so that no quota has to count them.

Ids, parents and claims are encoded, so that every database can store any text.
"""

from __future__ import annotations

from dataclasses import fields

import sqlalchemy as sa

from emulator.core.storage.keys import Key, KindKey
from emulator.core.storage.rows import ResourceRow

metadata = sa.MetaData()

COLUMNS = tuple(column.name for column in fields(ResourceRow))
"""The columns of `resources`, in the order of the members of a row."""

KIND = KindKey._fields
"""The columns that identify a kind in a scope."""

KEY = Key._fields
"""The columns that identify a resource."""

ENTERING = (
    "lifecycle",
    "delay_scale",
    "min_state",
    "reason",
    "entered_at",
    "began_at",
    "settles_at",
    "gone_at",
)
"""The columns of the lifecycle and its start."""

resources = sa.Table(
    "resources",
    metadata,
    sa.Column("world", sa.String),
    sa.Column("provider", sa.String),
    sa.Column("scope", sa.String),
    sa.Column("kind", sa.String),
    sa.Column("id", sa.String),
    sa.Column("parent", sa.String),
    sa.Column("lifecycle", sa.String, nullable=False),
    sa.Column("delay_scale", sa.Float, nullable=False),
    sa.Column("min_state", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("entered_at", sa.BigInteger, nullable=False),
    sa.Column("began_at", sa.BigInteger, nullable=False),
    sa.Column("settles_at", sa.BigInteger, nullable=False),
    sa.Column("gone_at", sa.BigInteger),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    # The id comes first: the control API looks for one whose provider, kind or scope is not said.
    sa.PrimaryKeyConstraint("world", "id", "provider", "kind", "scope"),
    sa.Index("resources_by_age", "world", "provider", "kind", "scope", "created_at", "number"),
    sa.Index("resources_by_parent", *KIND[:3], "parent", "kind", "created_at", "number"),
    sa.Index("resources_by_end", "world", "provider", "kind", "settles_at", "scope"),
)

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("world", sa.String, primary_key=True),
    sa.Column("provider", sa.String, primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
)

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("world", sa.String, primary_key=True),
    sa.Column("provider", sa.String, primary_key=True),
    sa.Column("scope", sa.String, primary_key=True),
    sa.Column("claim", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("id", sa.String, nullable=False),
)

terms = sa.Table(
    "terms",
    metadata,
    sa.Column("term", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("world", sa.String, nullable=False),
    sa.Column("provider", sa.String, nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Index("terms_by_owner", "world", "provider"),
)

postings = sa.Table(
    "postings",
    metadata,
    sa.Column("term", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String, nullable=False),
    sa.Column("text", sa.Text),
    sqlite_with_rowid=False,
)
