"""What tests are handed: a world of a running emulator, commanded over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from alibabacloud_aiworkspace20210204 import models
from botocore.config import Config

from emulator.core.worlds.coverage import with_totals
from emulator.testing import ControlError, Emulators, Fault, Running, World
from emulator.testing.clients import connect
from emulator.testing.coverage import Coverage
from emulator.testing.sessions import BaseSession

START = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
PARAMS = {"name": "clips", "encoder_name": "multimodal"}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    emulators = Emulators()
    yield emulators.of({})
    emulators.stop()


@pytest.fixture
def world(running: Running) -> Iterator[World]:
    """A world with the name of the test's choice, dropped afterwards."""
    world = running.world("mine")
    yield world
    world.drop()


@pytest.fixture
def coactive(world: World) -> Iterator[BaseSession]:
    with connect("coactive", world.url("coactive")) as session:
        yield session


def created(session: BaseSession, **members: str) -> requests.Response:
    answer: requests.Response = session.post("/api/v1/datasets", json={**PARAMS, **members})
    return answer


def test_the_clock_is_read_frozen_set_moved_and_let_go(world: World) -> None:
    clock = world.clock
    assert clock.freeze(START) == clock.now() == START
    assert clock.advance(1.5) == START + timedelta(seconds=1.5)
    assert clock.advance(timedelta(days=1)) == START + timedelta(days=1, seconds=1.5)
    assert clock.set("2026-04-01T10:00:00+02:00") == START
    assert clock.set(START.timestamp() + 60) == START + timedelta(minutes=1)
    assert clock.freeze() == clock.now()
    running = clock.run()
    assert clock.now() > running
    with pytest.raises(ControlError, match="400 Invalid: Invalid time: ") as no:
        clock.set("noon")
    assert (no.value.status, no.value.code) == (400, "Invalid")


def test_the_clock_moves_until_all_is_settled(world: World) -> None:
    world.clock.freeze()
    client = connect("lookoutvision", world.url("lookoutvision"))
    client.create_project(ProjectName="parts")
    manifest = {"GroundTruthManifest": {"S3Object": {"Bucket": "bucket", "Key": "key"}}}
    client.create_dataset(ProjectName="parts", DatasetType="train", DatasetSource=manifest)
    client.close()
    before = world.resources.one(kind="dataset")
    world.settle()
    after = world.resources.one(kind="dataset")
    assert (before["phase"], after["phase"]) == ("running", "ready")
    assert world.clock.until_settled() == world.clock.now()


def test_faults_are_ordered_told_and_taken_back(world: World, coactive: BaseSession) -> None:
    first = world.faults.add("Throttled", provider="coactive", times=1, fields={"name": "clips"})
    second = world.faults.add(provider="coactive", operation="GetDatasets", delay=0, expires_in=60)
    assert first == Fault(
        id=first.id,
        match={"provider": "coactive", "fields": {"name": "clips"}},
        effect={"error": "Throttled"},
        times=1,
        matched=0,
        applied=0,
    )
    assert [created(coactive).status_code for _ in range(2)] == [429, 200]
    assert [(fault.id, fault.applied) for fault in world.faults.list()] == [
        (first.id, 1),
        (second.id, 0),
    ]
    match = {"provider": "coactive", "operation": "GetDatasets"}
    assert list(world.unused_faults()) == [
        f"fault {second.id}, {{'delay': 0}} on {match} was applied to none of the 0 matching requests"
    ]
    world.faults.remove(second)
    assert [fault.id for fault in world.faults.list()] == [first.id]
    world.faults.clear()
    assert world.faults.list() == []
    with pytest.raises(ControlError, match="400 "):
        world.faults.add("NoSuchError", provider="coactive", operation="CreateDataset")
    with pytest.raises(ControlError, match=r"400 Invalid: .*mistaken"):
        world.faults.add("Throttled", provider="coactive", mistaken=1)


def test_the_journal_is_listed_filtered_counted_and_cleared(
    world: World, coactive: BaseSession
) -> None:
    world.clock.freeze(START)
    created(coactive)
    world.clock.advance(60)
    created(coactive)
    requests = world.requests
    statuses = [200, 409]
    assert [each["status"] for each in requests.list()] == statuses
    assert requests.filter(status=409) == requests.filter(since=START + timedelta(seconds=1))
    assert requests.filter(provider="pai") == []
    assert requests.count(provider="coactive", operation="CreateDataset") == len(statuses)
    whole = requests.get(requests.list()[0]["id"])
    assert '"clips"' in whole["request"]["body"]
    assert requests.last(status=200) == whole
    assert requests.last()["id"] == requests.list()[1]["id"]
    with pytest.raises(LookupError, match=r"no request matches .*500"):
        requests.last(status=500)
    requests.clear()
    created(coactive)
    assert requests.count() == 1
    assert [each["status"] for each in requests.ever()] == [*statuses, 409]


def test_quotas_are_set_and_shown(world: World) -> None:
    world.quotas.set("lookoutvision", projects=0)
    client = connect("lookoutvision", world.url("lookoutvision"))
    with pytest.raises(client.exceptions.ServiceQuotaExceededException):
        client.create_project(ProjectName="parts")
    client.close()
    assert "projects" in world.quotas.list()["lookoutvision"]


def test_resources_are_found_and_moved(world: World, coactive: BaseSession) -> None:
    made = created(coactive).json()["id"]
    created(coactive, name="films")
    found = world.resources.one(provider="coactive", name="clips")
    assert (found["id"], found["kind"], found["state"]) == (made, "dataset", "active")
    assert world.resources.move(found, "inactive")["state"] == "inactive"
    assert world.resources.list(state="active") == [world.resources.one(name="films")]
    with pytest.raises(LookupError, match=r"2 resources match .*: coactive dataset"):
        world.resources.one(kind="dataset")
    with pytest.raises(LookupError, match="0 resources match"):
        world.resources.one(provider="pai", kind="dataset")
    with pytest.raises(ControlError, match="asleep"):
        world.resources.move(found, "asleep")


def test_a_state_is_saved_changed_and_loaded_elsewhere(
    running: Running, world: World, coactive: BaseSession
) -> None:
    created(coactive)
    saved = world.save()
    assert world.save() == saved
    (dataset,) = saved["providers"]["coactive"]["resources"]
    dataset["body"]["name"] = "films"
    other = running.world("other")
    other.load(saved)
    assert other.resources.one(provider="coactive")["id"] == dataset["id"]
    assert [each["name"] for each in other.resources.list(provider="coactive")] == ["films"]
    assert [each["name"] for each in world.resources.list(provider="coactive")] == ["clips"]
    with pytest.raises(ControlError, match="400 UnsupportedVersion"):
        other.load({"version": 2})
    other.drop()


def test_clients_are_made_as_they_are_wished_for_and_closed_with_the_world(
    running: Running,
) -> None:
    world = running.world("clients")
    there = world.client(
        "personalize", region_name="eu-west-1", config=Config(user_agent_extra="mine")
    )
    assert "eu-west-1" in there.create_dataset_group(name="g")["datasetGroupArn"]
    assert world.requests.last()["request"]["headers"]["User-Agent"].endswith(" mine")
    assert there.meta.config.proxies == {}
    bare = world.client("pai", access_key_id="4711", endpoint=world.base.partition("://")[2])
    assert bare.list_datasets(models.ListDatasetsRequest()).status_code == 200
    with pytest.raises(TypeError):
        world.client("coactive", region_name="eu-west-1")
    sessions = [world.client(provider) for provider in ("coactive", "aitems")]
    assert [each.get("/api/v1/datasets").status_code for each in sessions] == [200, 200]
    closed: list[object] = []
    for each in sessions:
        each.close = lambda each=each: closed.append(each)
    world.drop()
    world.drop()
    assert closed == sessions


def test_a_reset_keeps_the_lifecycle_and_what_was_seen(world: World, coactive: BaseSession) -> None:
    world.lifecycle({"personalize": "manual", "aitems": {"dataset": "timed"}})
    created(coactive)
    world.reset("personalize")
    assert len(world.resources.list(provider="coactive")) == 1
    world.reset()
    assert world.resources.list(provider="coactive") == world.requests.list() == []
    assert [each["operation"] for each in world.requests.ever()] == ["CreateDataset"]
    assert world._control.get("lifecycles")["providers"] == {
        "personalize": {"*": "manual"},
        "aitems": {"dataset": "timed"},
    }


def test_worlds_do_not_see_each_other(running: Running, world: World) -> None:
    other = running.world("other")
    other.clock.freeze(START)
    other.faults.add(delay=0)
    assert world.clock.now() != START
    assert world.faults.list() == []
    other.drop()
    assert other.faults.list() == []
    other.drop()


def test_a_url_names_the_world_and_a_provider_that_there_is(running: Running, world: World) -> None:
    assert world.url("pai") == f"{running.base}/w/mine/pai"
    assert world.control == f"{running.base}/w/mine/_emulator"
    assert running.url("pai") == f"{running.base}/pai"
    assert world.environment["DATASET_EMULATOR_PAI_URL"] == world.url("pai")
    with pytest.raises(ValueError, match="unknown provider pay; known: personalize, "):
        world.url("pay")


def test_one_emulator_runs_for_each_set_of_settings() -> None:
    emulators = Emulators()
    first = emulators.of({"demo": True})
    assert emulators.of({"demo": True}) is first
    assert emulators.of({}).base != first.base
    assert not emulators.of({}).world("w").resources.list(name="demo-group")
    assert first.world("w").resources.list(name="demo-group")
    emulators.stop()
    with pytest.raises(ConnectionError, match="no emulator at"):
        print(Running(first.base).providers)


def test_what_is_no_answer_of_an_emulator_is_reported_as_it_is(running: Running) -> None:
    with pytest.raises(ControlError) as refused:
        Running(f"{running.base}/nowhere").providers  # noqa: B018 - it asks
    assert refused.value.status == 400


def test_coverage_of_different_contracts_is_summed() -> None:
    """Emulators with other switches have other operations, errors and states."""

    def covered(operation: str, error: str, kind: str, *, called: bool) -> dict[str, Any]:
        statuses = {"200": 2} if called else {}
        split = {"exercised": [error] * called, "missing": [error] * (not called)}
        operations = {operation: {"calls": 2 * called, "statuses": statuses}}
        return with_totals({"p": {"operations": operations, "errors": split, "states": {kind: split}}})  # fmt: skip

    coverage = Coverage()
    for document in (
        covered("A", "E", "k", called=False),
        covered("A", "E", "k", called=True),
        covered("A", "E", "k", called=True),
        covered("B", "F", "l", called=False),
    ):
        coverage.add(document)
    assert coverage.document["providers"]["p"] == {
        "operations": {
            "A": {"calls": 4, "statuses": {"200": 4}},
            "B": {"calls": 0, "statuses": {}},
        },
        "errors": {"exercised": ["E"], "missing": ["F"]},
        "states": {
            "k": {"exercised": ["E"], "missing": []},
            "l": {"exercised": [], "missing": ["F"]},
        },
        "totals": {
            part: {"exercised": 1, "total": 2} for part in ("operations", "errors", "states")
        },
    }
