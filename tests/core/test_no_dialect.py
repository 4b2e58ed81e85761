"""Core runs without any dialect: it serves a provider that only uses what core has, and data."""

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
from pathlib import Path

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
from emulator.core.pipeline.flask_app import ProviderApp, Variant
from emulator.core.pipeline.gateway import Gateway
from emulator.core.pipeline.kinds import Kinds
from emulator.core.pipeline.provider import Provider
from emulator.core.primitives.clock import Clock
from emulator.core.primitives.identifiers import Identifiers
from emulator.core.storage.engines import open_engine
from emulator.core.worlds.plan import WorldPlan
from emulator.core.worlds.registry import Worlds
from emulator.core.worlds.state_document import StateReader
from emulator.core.worlds.world import World
from emulator.core.worlds.world_settings import WorldSettings

tiny = Provider(name="tiny", protocol=PlainJson)
contract = Loader(Path(sys.argv[1])).load("tiny", lambda: PlainJson.formats)
kinds = Kinds(contract, lambda: tiny)
contracts = {"tiny": contract}
reader = StateReader(contracts, {"tiny": kinds})
plan = WorldPlan(
    contracts=contracts, kinds={"tiny": kinds}, database=open_engine("sqlite://"), reader=reader
)
worlds = Worlds(
    lambda name: World(
        name,
        plan,
        clock=Clock("frozen"),
        identifiers=Identifiers(),
        settings=WorldSettings(),
    )
)
protocol = PlainJson(contract.service)
gateway = Gateway(
    contract=contract,
    protocol=protocol,
    authenticate=lambda exchange: Scope(account="1", region="r", caller="c"),
    perform=Dispatcher(provider=tiny, contract=contract, kinds=kinds).perform,
    worlds=worlds,
    strict=True,
)
app = ProviderApp(Variant(contract=contract, make=lambda: gateway))
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
    """Write the contract of a provider with two operations, which are plain verbs."""
    service = control("service.json")
    known = service["operations"]
    operations = {
        "CreateThing": {**known["PutObject"], "method": "POST", "path": "/things", "errors": []},
        "GetThing": {**known["GetClock"], "method": "GET", "path": "/things/{name}"},
    }
    for operation, verb in (("CreateThing", "create"), ("GetThing", "describe")):
        operations[operation] |= {"does": {"verb": verb, "kind": "thing"}}
    files = {"service": {**service, "provider": "tiny", "operations": operations}}
    thing = {"identifier": "name", "id": "{name}", "stores": ["CreateThing"]}
    files["resources"] = {"thing": {**thing, "evidence": "documented own"}}
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
