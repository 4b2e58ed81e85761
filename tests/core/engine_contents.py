"""What an engine holds besides resources: looked at from behind, whatever the engine is."""

from __future__ import annotations

from emulator.core.storage.engine import Engine
from emulator.core.storage.memory.engine import MemoryEngine
from emulator.core.storage.sql.database import Database


def term_sizes(engine: Engine, world: str) -> list[tuple[str, int]]:
    """Give, for each term of the index of a world, its provider and how many resources have it."""
    if isinstance(engine, MemoryEngine):
        return sorted(
            (provider, len(ages))
            for provider, scopes in engine._worlds.get(world, {}).items()
            for scope in scopes.values()
            for collection in scope.kinds.values()
            for filtered in collection._filtered.values()
            for ages in filtered._terms.values()
        )
    assert isinstance(engine, Database)
    with engine.transaction() as transaction:
        transaction.cursor.execute(f"SELECT provider, count FROM terms WHERE world = '{world}'")
        return sorted((provider, count) for provider, count in transaction.cursor.fetchall())


def postings(engine: Engine) -> int:
    """Count the links between terms and resources in all worlds."""
    if isinstance(engine, MemoryEngine):
        return sum(count for world in engine._worlds for _, count in term_sizes(engine, world))
    assert isinstance(engine, Database)
    with engine.transaction() as transaction:
        transaction.cursor.execute("SELECT count(*) FROM postings")
        return int(transaction.cursor.fetchone()[0])
