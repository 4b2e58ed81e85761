"""Core runs without any dialect: it serves a provider that only uses what core has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from emulator.core.contract.location import built_in_folder

ROOT = Path(__file__).parents[2]
CONTROL = built_in_folder() / "control"

CODE = """
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

BLOCKED = ("emulator.dialects", "emulator.providers", "emulator.catalogue", "emulator.app")


class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.startswith(BLOCKED):
            raise ImportError(f"{name} must not be imported")


sys.meta_path.insert(0, Blocker())

from werkzeug.test import Client

from emulator.core.contract.loader import Loader
from emulator.core.http.exchange import Scope
from emulator.core.http.plain_json import PlainJson
from emulator.core.pipeline.dispatch import Dispatcher
from emulator.core.pipeline.flask_app import ProviderApp
from emulator.core.pipeline.gateway import Gateway
from emulator.core.pipeline.provider import Provider
from emulator.core.pipeline.wire import Wire, reads
from emulator.core.primitives.clock import Clock
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.sql.database import Database
from emulator.core.storage.resource import Resource
from emulator.core.worlds.registry import Worlds
from emulator.core.worlds.state_settings import WorldSettings
from emulator.core.worlds.world import World
from marshmallow import fields


@dataclass(kw_only=True)
class Thing(Resource):
    kind: ClassVar[str] = "thing"
    name: str


@dataclass
class CreateThing:
    name: str


class Shown(Wire):
    name = fields.String()


def create(call, params):
    thing = Thing(id=params.name, name=params.name)
    call.resources.add(thing, claims=[params.name])
    return thing


tiny = Provider(
    name="tiny",
    protocol=PlainJson,
    handlers={"CreateThing": create, "GetThing": lambda call, params: call.resources.get(Thing, params.name)},
    requests={name: reads(CreateThing) for name in ("CreateThing", "GetThing")},
    responses={name: Shown for name in ("CreateThing", "GetThing")},
    resources=[Thing],
)
contract = Loader(Path(sys.argv[1])).load("tiny", PlainJson.formats)
database = Database("sqlite://")
worlds = Worlds(
    lambda name: World(
        name=name,
        contracts={"tiny": contract},
        database=database,
        clock=Clock("frozen"),
        identifiers=Identifiers(),
        settings=WorldSettings(1, None),
        demo=False,
    )
)
protocol = PlainJson(contract.service)
app = ProviderApp(
    Gateway(
        contract=contract,
        protocol=protocol,
        authenticate=lambda exchange: Scope(account="1", region="r", caller="c"),
        perform=Dispatcher(provider=tiny, contract=contract).perform,
        worlds=worlds,
        strict=True,
    )
)
client = Client(app)
for request in (
    {"method": "POST", "path": "/things", "json": {"name": "a"}},
    {"method": "POST", "path": "/things", "json": {"name": "a"}},
    {"method": "POST", "path": "/things", "json": {"name": 5}},
    {"method": "GET", "path": "/things/a"},
    {"method": "GET", "path": "/things/b"},
    {"method": "GET", "path": "/nothing"},
):
    print(client.open(**request).status_code)
assert not any(name.startswith(BLOCKED) for name in sys.modules)
"""


def control(name: str) -> Any:
    """A file of the control API, whose protocol core has: the new provider's is made from it."""
    return json.loads((CONTROL / name).read_text(encoding="utf-8"))


def write_provider(folder: Path) -> None:
    """Write the contract of a provider with two operations."""
    service = control("service.json")
    known = service["operations"]
    operations = {
        "CreateThing": {**known["PutObject"], "method": "POST", "path": "/things", "errors": []},
        "GetThing": {**known["GetClock"], "method": "GET", "path": "/things/{name}"},
    }
    files = {"service": {**service, "provider": "tiny", "operations": operations}}
    files["errors"], files["failure.error"] = control("errors.json"), control("failure.error.json")
    for operation in operations:
        for side in ("request", "response"):
            base = control(f"PutObject.{side}.json")
            members = {"name": {"type": "string", "minLength": 1}}
            message = {**base, "title": operation, "required": ["name"], "properties": members}
            files[f"{operation}.{side}"] = message
    where = control("DropWorld.request.json")["properties"]["name"]
    files["GetThing.request"]["properties"]["name"] |= {n: v for n, v in where.items() if n in ("in", "x-in")}  # fmt: skip
    folder.mkdir()
    for name, document in files.items():
        (folder / f"{name}.json").write_text(json.dumps(document))


def test_core_serves_a_provider_where_no_dialect_can_be_imported(tmp_path: Path) -> None:
    write_provider(tmp_path / "tiny")
    done = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["200", "409", "400", "200", "404", "404"]
