"""Engines of every kind that the emulator can keep its state in, and an emulator on one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import Client, TestResponse

from emulator.app import Application
from emulator.core.contract.lifecycle import parse
from emulator.core.contract.model import Contract
from emulator.core.contract.validation import Rules
from emulator.core.primitives.clock import SECOND, Clock
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.engine import Engine
from emulator.core.storage.engines import open_engine
from emulator.core.worlds.plan import WorldPlan
from emulator.core.worlds.state_document import Kinds, StateReader
from emulator.core.worlds.world import World
from emulator.core.worlds.world_settings import WorldSettings
from emulator.settings import Settings
from tests.contract import catalogue
from tests.programs import find

START = 1_774_656_000 * SECOND
"""What the clock of `application` shows."""

LIFECYCLES = {
    "dataset": {
        "create": parse(
            {
                "states": [
                    {"state": "PENDING", "phase": "pending", "seconds": 1},
                    {"state": "ACTIVE", "phase": "ready", "touchesUpdatedAt": True},
                ]
            }
        ),
        "delete": parse(
            {
                "states": [{"state": "DELETING", "phase": "deleting", "seconds": 1}],
                "thenDeleted": True,
            }
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
        envelope="error",
        envelopes=lambda _: Rules({}),
        defaults={},
        lifecycles=LIFECYCLES,
        quotas={},
        rules={},
        seed={"baseline": [{"kind": "dataset", "id": "seeded", "body": {"name": "seeded"}}]},
    )


def as_postgres(command: Sequence[str | Path]) -> None:
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
    control: list[str | Path] = [
        binaries / "pg_ctl",
        "-D",
        data,
        "-w",
        "-o",
        options,
        "-l",
        folder / "log",
    ]
    as_postgres([*control, "start"])
    yield f"postgresql+psycopg://emulator@/postgres?host={folder}"
    as_postgres([binaries / "pg_ctl", "-D", data, "-m", "immediate", "stop"])
    as_postgres(["rm", "-r", data, folder / "log"])
    folder.rmdir()


DATABASES = [
    "memory",
    "file",
    pytest.param("postgresql", marks=pytest.mark.unmeasured),
]


ENGINES = [DATABASES[0], DATABASES[2]]
"""A database of each kind of engine, for what has nothing to do with files."""


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Each engine, empty."""
    urls = {"memory": "sqlite://", "file": f"sqlite:///{tmp_path}/state.db"}
    url = urls.get(request.param) or request.getfixturevalue("postgresql")
    store = open_engine(url)
    with store.transaction() as transaction:
        transaction.forget_record("default")
        for provider in ("one", "two"):
            transaction.forget("default", provider)
    yield store
    store.close()


def world_on(
    store: Engine,
    name: str = "default",
    *,
    contracts: Mapping[str, Contract] | None = None,
    kinds: Kinds | None = None,
    settings: WorldSettings | None = None,
) -> World:
    """Make a world with frozen time, of two providers unless it is said to be otherwise."""
    contracts, kinds = contracts or {name: contract(name) for name in ("one", "two")}, kinds or {}
    reader = StateReader(contracts, kinds)
    plan = WorldPlan(contracts=contracts, kinds=kinds, database=store, reader=reader)
    return World(
        name,
        plan,
        clock=Clock("frozen"),
        identifiers=Identifiers(),
        settings=settings or WorldSettings(),
    )


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
def world(store: Engine) -> World:
    """A world of two providers with frozen time."""
    return world_on(store)


@pytest.fixture(scope="module")
def made() -> Iterator[Application]:
    """The emulator of a file of tests; those that need another have a fixture of this name."""
    settings = Settings(demo=True, strict=True, clock="frozen")
    application = Application(settings, wall=lambda: START * 1000)
    yield application
    application.close()


@pytest.fixture
def application(made: Application) -> Application:
    """The emulator as it was at the start; unless a file has its own, its clock is at `START`."""
    made.world.reset()
    return made


@pytest.fixture
def client(application: Application) -> Client:
    return Client(application)


def ask(client: Client, provider: str, **members: object) -> TestResponse:
    """Create the dataset that is the provider's example, with other members if any are given."""
    example = catalogue.contracts()[provider].seed["example"]
    return client.open(
        f"/{provider}{example['path']}",
        method=example["method"],
        headers=example["headers"],
        data=json.dumps({**example["body"], **members}),
    )
