"""Stores on every kind of database the emulator can keep its state in."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from emulator.core.clock import Clock
from emulator.core.contract import Contract
from emulator.core.identifiers import Identifiers
from emulator.core.lifecycle import parse
from emulator.core.store import Store
from emulator.core.world import World
from tests.programs import find

LIFECYCLES = {
    "dataset": {
        "create": parse(
            {
                "states": [
                    {"state": "PENDING", "means": "pending", "seconds": 1},
                    {"state": "ACTIVE", "means": "ready", "updates": True},
                ]
            }
        ),
        "delete": parse(
            {"states": [{"state": "DELETING", "means": "deleting", "seconds": 1}], "then": "gone"}
        ),
    }
}


def contract(provider: str) -> Contract:
    """A contract of nothing but lifecycles and a quota."""
    return Contract(
        provider=provider,
        service={"identity": {"account": "1", "region": "r"}},
        operations={},
        failures={},
        violations={},
        lifecycles=LIFECYCLES,
        quotas={},
        rules={},
        seed={"baseline": [{"kind": "dataset", "id": "seeded", "body": {"name": "seeded"}}]},
    )


def as_postgres(command: list[str | Path]) -> None:
    """Run a PostgreSQL program; it refuses to be root, so root hands over to its own user."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of its own, reached through a socket in a temporary folder."""
    binaries = find("*/bin/initdb", "/usr/lib/postgresql", "PostgreSQL").parent
    folder = Path("/tmp") / f"emulator-postgresql-{os.getpid()}"  # a socket's path must be short
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    data = folder / "data"
    as_postgres([binaries / "initdb", "-D", data, "-U", "emulator", "-A", "trust", "-N"])
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=100"
    control = [binaries / "pg_ctl", "-D", data, "-w", "-o", options, "-l", folder / "log"]
    as_postgres([*control, "start"])
    yield f"postgresql+psycopg://emulator@/postgres?host={folder}"
    as_postgres([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    as_postgres(["rm", "-r", data, folder / "log"])
    folder.rmdir()


DATABASES = ["memory", "file", "postgresql"]


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store on each database, empty."""
    urls = {"memory": "sqlite://", "file": f"sqlite:///{tmp_path}/state.db"}
    url = urls.get(request.param) or request.getfixturevalue("postgresql")
    store = Store(url)
    with store.transaction() as cursor:
        store.records.forget(cursor, "default")
        for provider in ("one", "two"):
            store.forget(cursor, "default", provider)
    yield store
    store.close()


def new_database(request: pytest.FixtureRequest, kind: str) -> str:
    """Give the URL of an empty database of a kind: a file or a schema of its own."""
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("database")
    if kind != "postgresql":
        return {"memory": "sqlite://", "file": f"sqlite:///{folder}/state.db"}[kind]
    url, schema = request.getfixturevalue("postgresql"), f"{folder.name}_{os.getpid()}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    engine.dispose()
    return f"{url}&options=-csearch_path%3D{schema}"


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of each kind."""
    return new_database(request, request.param)


@pytest.fixture(params=DATABASES[1:])
def lasting(request: pytest.FixtureRequest) -> str:
    """The URL of an empty database that is there after a restart, of each kind."""
    return new_database(request, request.param)


@pytest.fixture
def world(store: Store) -> World:
    """A world of two providers with frozen time."""
    return World(
        name="default",
        contracts={name: contract(name) for name in ("one", "two")},
        store=store,
        clock=Clock("frozen"),
        identifiers=Identifiers(),
        speed=1,
        lifecycle=None,
        demo=False,
    )
