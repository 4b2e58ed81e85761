"""How lives go: modes, ends that are ordered, holds, and jumps from state to state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from emulator import Settings
from emulator.app import Application
from emulator.core.contract.lifecycle import GONE
from emulator.core.primitives.clock import SECOND, to_iso
from tests.contract import catalogue
from tests.core.conftest import ENGINES, START, ask, new_database

STATES = [
    (name, state.name, state.phase)
    for name, contract in catalogue.contracts().items()
    for state in dict.fromkeys(
        state for life in contract.lifecycles["dataset"].values() for state in life.states
    )
    if state.name
]
"""Every state of a dataset, by provider."""
WITH_STATES = list(dict.fromkeys(name for name, _, _ in STATES))
FIRST = {"personalize": "CREATE PENDING", "aitems": "waiting"}
LAST = {"personalize": "ACTIVE", "lookoutvision": "CREATE_COMPLETE", "aitems": "enable", "coactive": "active"}  # fmt: skip
FAILED = {"personalize": "CREATE FAILED", "lookoutvision": "CREATE_FAILED", "aitems": "upload_failed"}  # fmt: skip
AVRO = '{"type": "record", "name": "Users", "namespace": "n", "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}], "version": "1.0"}'  # fmt: skip
MODES = [None, "immediate", "timed", "manual"]
Made = dict[str, Any]


@pytest.fixture(scope="module", params=ENGINES)
def made(request: pytest.FixtureRequest) -> Iterator[Application]:
    database = new_database(request, request.param)
    wished = Settings(demo=True, strict=True, clock="frozen", database=database)
    application = Application(wished, wall=lambda: START * 1000)
    yield application
    application.close()


def dataset(client: Client, provider: str) -> Made:
    """Give the one dataset of a provider, as the control API sees it."""
    found = client.get(f"/_emulator/resources?provider={provider}&kind=dataset").get_json()
    [only] = found["resources"]
    return dict(only)


def create(client: Client, provider: str) -> Made:
    contract = catalogue.contracts()[provider]
    assert ask(client, provider).status_code == contract.operations["CreateDataset"].status
    return dataset(client, provider)


def advance(client: Client, seconds: float) -> None:
    assert client.post("/_emulator/clock/advance", json={"seconds": seconds}).status_code == 200


def settle(client: Client) -> str:
    """Move the clock on until nothing changes, and give its time."""
    answer = client.post("/_emulator/clock/advance", json={"until": "settled"})
    assert answer.status_code == 200
    return str(answer.get_json()["now"])


def put(client: Client, seen: Mapping[str, Any], **params: object) -> TestResponse:
    path = f"/_emulator/resources/{seen['provider']}/{seen['kind']}/{quote(seen['id'])}/state"
    return client.put(path, json=params)


def jump(client: Client, seen: Mapping[str, Any], **params: object) -> Made:
    answer = put(client, seen, **params)
    assert answer.status_code == 200, answer.get_json()
    return dict(answer.get_json())


def order(client: Client, provider: str, **effect: object) -> None:
    params = {"match": {"provider": provider}, "effect": effect, "times": 1}
    answer = client.post("/_emulator/faults", json=params)
    assert answer.status_code == 200, answer.get_json()


def mode_of(client: Client, provider: str) -> str:
    """Create a dataset and tell from its states how its life goes."""
    create(client, provider)
    states = []
    for seconds in (0, 1000, 10**9):
        advance(client, seconds)
        states.append(dataset(client, provider)["state"])
    first, last = FIRST[provider], LAST[provider]
    return {
        (last, last, last): "immediate",
        (first, last, last): "timed",
        (first, first, first): "manual",
    }[tuple(states)]


# ---- modes


@pytest.mark.parametrize("provider", FIRST)
@pytest.mark.parametrize("setting", MODES)
def test_the_mode_of_an_emulator_is_that_of_its_worlds(provider: str, setting: Any) -> None:
    wished = Settings(demo=True, clock="frozen", lifecycle=setting)
    application = Application(wished, wall=lambda: START * 1000)
    client = Client(application)
    usual = "timed" if provider == "personalize" else "immediate"
    assert client.get("/_emulator/lifecycles").get_json() == {"default": setting, "providers": {}}
    assert mode_of(client, provider) == (setting or usual)
    client.put("/_emulator/lifecycles", json={"default": "immediate"})
    client.post("/_emulator/reset", json={})
    assert client.get("/_emulator/lifecycles").get_json() == {"default": setting, "providers": {}}
    application.close()


@pytest.mark.parametrize(
    ("world", "provider", "kind", "ordered"),
    [case for case in product(MODES, repeat=4) if sum(mode is not None for mode in case) in (1, 2)],
)
def test_the_narrowest_mode_counts(
    client: Client, world: Any, provider: Any, kind: Any, ordered: Any
) -> None:
    """Of the call before the kind, the kind before the provider, the provider before the world."""
    modes = {name: mode for name, mode in (("*", provider), ("dataset", kind)) if mode}
    params = {"default": world, "providers": {"personalize": modes}}
    assert client.put("/_emulator/lifecycles", json=params).get_json() == params
    if ordered:
        order(client, "personalize", lifecycle=ordered)
    assert mode_of(client, "personalize") == (ordered or kind or provider or world or "timed")


def test_a_mode_is_for_what_begins_from_then_on(client: Client) -> None:
    create(client, "personalize")
    client.put("/_emulator/lifecycles", json={"default": "manual"})
    advance(client, 10)
    assert dataset(client, "personalize")["state"] == "ACTIVE"


def test_a_mode_is_taken_back(client: Client) -> None:
    for mode in ("manual", None):
        modes = {"providers": {"personalize": {"dataset": mode}, "aitems": {"*": "timed"}}}
        told = client.put("/_emulator/lifecycles", json=modes).get_json()
    assert told == {"default": None, "providers": {"personalize": {}, "aitems": {"*": "timed"}}}
    assert mode_of(client, "personalize") == "timed"


def test_a_mode_of_another_kind_or_provider_does_not_count(client: Client) -> None:
    params = {"providers": {"personalize": {"dataset-group": "manual"}, "aitems": {"*": "manual"}}}
    assert client.put("/_emulator/lifecycles", json=params).status_code == 200
    assert mode_of(client, "personalize") == "timed"


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"default": "slow"}, 400),
        ({"providers": {"pai": {"dataset": "slow"}}}, 400),
        ({"providers": {"nobody": {"*": "manual"}}}, 404),
        ({"default": "manual", "providers": {"pai": {"*": "manual", "nothing": "manual"}}}, 404),
    ],
    ids=repr,
)
def test_a_mode_of_nothing_is_refused_and_changes_nothing(
    client: Client, params: object, status: int
) -> None:
    before = client.get("/_emulator/lifecycles").get_json()
    assert client.put("/_emulator/lifecycles", json=params).status_code == status
    assert client.get("/_emulator/lifecycles").get_json() == before


def test_a_reset_of_one_provider_forgets_its_modes_only(client: Client) -> None:
    params = {"default": "manual", "providers": {"pai": {"*": "timed"}, "aitems": {"*": "timed"}}}
    client.put("/_emulator/lifecycles", json=params)
    client.post("/_emulator/reset", json={"provider": "pai"})
    left = {"default": "manual", "providers": {"aitems": {"*": "timed"}}}
    assert client.get("/_emulator/lifecycles").get_json() == left


@pytest.mark.parametrize("provider", FIRST)
def test_what_is_moved_by_hand_waits_until_it_is_moved(client: Client, provider: str) -> None:
    client.put("/_emulator/lifecycles", json={"default": "manual"})
    seen = create(client, provider)
    assert (seen["state"], seen["next_transition_at"]) == (FIRST[provider], None)
    now = client.get("/_emulator/clock").get_json()["now"]
    assert settle(client) == now
    states = [state for name, state, phase in STATES if name == provider and phase in ("running", "ready")]  # fmt: skip
    for state in states:
        assert jump(client, seen, state=state)["state"] == state
        advance(client, 10**8)
        assert dataset(client, provider)["state"] == state
        assert settle(client) == client.get("/_emulator/clock").get_json()["now"]


def test_until_settled_waits_for_what_moves_and_not_for_what_does_not(client: Client) -> None:
    client.put("/_emulator/lifecycles", json={"providers": {"aitems": {"*": "manual"}}})
    create(client, "aitems")
    create(client, "personalize")
    assert settle(client) == to_iso(START + 3 * SECOND // 2)
    assert dataset(client, "personalize")["state"] == "ACTIVE"
    assert dataset(client, "aitems")["state"] == "waiting"


# ---- ends that are ordered


@pytest.mark.parametrize("provider", FAILED)
def test_a_creation_may_be_ordered_to_fail(client: Client, provider: str) -> None:
    order(client, provider, lifecycle="failed")
    client.put("/_emulator/lifecycles", json={"providers": {"aitems": {"*": "timed"}}})
    create(client, provider)
    settle(client)
    seen = dataset(client, provider)
    assert (seen["state"], seen["phase"]) == (FAILED[provider], "failed")
    assert seen["next_transition_at"] is None


@pytest.mark.parametrize("mode", ["immediate", "manual"])
def test_a_creation_that_fails_goes_at_the_pace_of_its_mode(client: Client, mode: str) -> None:
    client.put("/_emulator/lifecycles", json={"default": mode})
    order(client, "personalize", lifecycle="failed")
    seen = create(client, "personalize")
    assert seen["state"] == {"immediate": "CREATE FAILED", "manual": "CREATE PENDING"}[mode]
    advance(client, 10**6)
    assert dataset(client, "personalize")["state"] == seen["state"]


def test_the_vendor_says_the_reason_that_was_ordered(client: Client) -> None:
    order(client, "lookoutvision", lifecycle="failed", reason="The bucket burnt down.")
    create(client, "lookoutvision")
    settle(client)
    example = catalogue.contracts()["lookoutvision"].seed["example"]
    told = client.get(f"/lookoutvision{example['path']}/train", headers=example["headers"])
    description = told.get_json()["DatasetDescription"]
    assert description["Status"] == "CREATE_FAILED"
    assert description["StatusMessage"] == "The bucket burnt down."


@pytest.mark.parametrize("seconds", [0, 0.25, 7, 1000])
def test_a_creation_may_be_ordered_to_stay_in_its_first_state(
    client: Client, seconds: float
) -> None:
    order(client, "personalize", hold_seconds=seconds)
    seen = create(client, "personalize")
    if seconds:
        assert seen["next_transition_at"] == to_iso(START + int(seconds * SECOND))
        advance(client, seconds - 0.000001)
        assert dataset(client, "personalize")["state"] == "CREATE PENDING"
        advance(client, 0.000001)
    assert dataset(client, "personalize")["state"] == "CREATE IN_PROGRESS"
    assert settle(client) == to_iso(START + int((seconds + 1) * SECOND))
    assert dataset(client, "personalize")["state"] == "ACTIVE"


def test_what_waits_for_a_command_goes_on_after_a_stay_that_was_ordered(client: Client) -> None:
    client.put("/_emulator/lifecycles", json={"default": "manual"})
    order(client, "personalize", hold_seconds=7)
    seen = create(client, "personalize")
    assert (seen["state"], seen["next_transition_at"]) == ("CREATE PENDING", to_iso(START + 7 * SECOND))  # fmt: skip
    assert settle(client) == to_iso(START + 8 * SECOND)
    assert dataset(client, "personalize")["state"] == "ACTIVE"


@pytest.mark.parametrize("seconds", [1e12, 1e300, 10**400])
def test_a_creation_may_be_ordered_to_stay_for_ever(client: Client, seconds: float) -> None:
    order(client, "personalize", hold_seconds=seconds)
    seen = create(client, "personalize")
    assert (seen["state"], seen["next_transition_at"]) == ("CREATE PENDING", None)
    advance(client, 10**10)
    assert dataset(client, "personalize")["state"] == "CREATE PENDING"


def test_an_order_is_for_one_creation_and_the_next_goes_as_usual(client: Client) -> None:
    order(client, "personalize", lifecycle="failed", hold_seconds=60)
    seen = create(client, "personalize")
    jump(client, seen, state="DELETE IN_PROGRESS")
    settle(client)
    assert mode_of(client, "personalize") == "timed"


def used(client: Client) -> list[int]:
    return [each["applied"] for each in client.get("/_emulator/faults").get_json()["faults"]]


@pytest.mark.parametrize("effect", [{"lifecycle": "failed"}, {"hold_seconds": 9}, {"lifecycle": "manual"}], ids=repr)  # fmt: skip
def test_an_order_is_spent_by_a_call_that_begins_a_life_and_by_no_other(
    client: Client, effect: Made
) -> None:
    order(client, "personalize", **effect)
    headers = catalogue.contracts()["personalize"].seed["example"]["headers"]
    for asked in ("ListDatasets", "CreateSchema"):
        target = {**headers, "X-Amz-Target": f"AmazonPersonalize.{asked}"}
        schema = {"name": "s", "schema": AVRO} if asked == "CreateSchema" else {}
        assert client.post("/personalize/", headers=target, json=schema).status_code == 200
    assert ask(client, "personalize", name="-").status_code == 400  # a rule is broken
    group = "arn:aws:personalize:us-east-1:123456789012:dataset-group/none"
    assert ask(client, "personalize", datasetGroupArn=group).status_code == 400
    assert used(client) == [0]
    create(client, "personalize")
    assert used(client) == [1]


def test_of_two_equal_orders_one_is_given_back_and_one_is_spent(client: Client) -> None:
    for _ in range(2):
        order(client, "personalize", lifecycle="failed", reason="No.")
    assert ask(client, "personalize", name="-").status_code == 400  # it begins no life
    assert used(client) == [0, 0]
    create(client, "personalize")
    assert used(client) == [1, 0]


def test_an_answer_that_is_given_again_spends_no_order(client: Client) -> None:
    example = catalogue.contracts()["lookoutvision"].seed["example"]
    headers = {**example["headers"], "X-Amzn-Client-Token": "t"}
    path = f"/lookoutvision{example['path']}"
    assert client.post(path, headers=headers, json=example["body"]).status_code == 202
    order(client, "lookoutvision", lifecycle="failed")
    assert client.post(path, headers=headers, json=example["body"]).status_code == 202
    assert used(client) == [0]


def test_of_two_equal_orders_only_the_one_that_was_drawn_is_given_back(client: Client) -> None:
    for times in (1, 2):
        members = {"match": {"provider": "personalize"}, "effect": {"hold_seconds": 9}}
        assert client.post("/_emulator/faults", json={**members, "times": times}).status_code == 200
    create(client, "personalize")
    assert used(client) == [1, 0]
    assert ask(client, "personalize", name="-").status_code == 400  # a rule is broken
    assert used(client) == [1, 0]


def test_an_order_that_also_changes_the_answer_is_spent_by_a_refused_request(
    client: Client,
) -> None:
    order(client, "personalize", lifecycle="failed", truncate_bytes=10**6)
    assert ask(client, "personalize", name="-").status_code == 400  # a rule is broken
    assert used(client) == [1]


def test_an_order_outlives_a_state_document_and_not_a_reset(client: Client) -> None:
    before = client.get("/_emulator/state").get_json()
    order(client, "personalize", lifecycle="failed", reason="No.")
    assert client.put("/_emulator/state", json=before).status_code == 200
    create(client, "personalize")
    assert used(client) == [1]
    settle(client)
    failed = dataset(client, "personalize")
    assert failed["state"] == "CREATE FAILED"
    document = client.get("/_emulator/state").get_json()
    client.post("/_emulator/reset", json={})
    assert used(client) == []
    assert client.put("/_emulator/state", json=document).status_code == 200
    assert dataset(client, "personalize") == failed
    assert client.get("/_emulator/state").get_json() == document


def test_what_was_ordered_before_a_reset_does_not_strike_after_it(client: Client) -> None:
    order(client, "personalize", lifecycle="failed")
    client.post("/_emulator/reset", json={"provider": "personalize"})
    assert mode_of(client, "personalize") == "timed"


def test_a_failure_that_a_kind_does_not_come_to_is_kept_for_another(client: Client) -> None:
    """In PAI, workspaces and jobs can fail, and datasets cannot."""
    order(client, "pai", lifecycle="failed")
    create(client, "pai")
    assert used(client) == [0]
    headers = catalogue.contracts()["pai"].seed["example"]["headers"]
    body = {"WorkspaceName": "wsname", "Description": "d", "EnvTypes": ["prod"]}
    made = client.post("/pai/api/v1/workspaces", headers=headers, json=body)
    assert made.status_code == 200, made.get_json()
    assert used(client) == [1]


# ---- jumps


@pytest.mark.parametrize(("provider", "state", "phase"), STATES)
def test_a_resource_can_be_put_in_every_state_of_its_kind(
    client: Client, provider: str, state: str, phase: str
) -> None:
    seen = create(client, provider)
    put = jump(client, seen, state=state)
    assert put == {**seen, "state": state, "phase": phase, "next_transition_at": put["next_transition_at"]}  # fmt: skip
    assert dataset(client, provider) == put


@pytest.mark.parametrize(("provider", "state", "phase"), STATES)
def test_a_resource_can_be_held_in_every_state_that_ends(
    client: Client, provider: str, state: str, phase: str
) -> None:
    seen = create(client, provider)
    lives = catalogue.contracts()[provider].lifecycles["dataset"].values()
    ends = any(state in {each.name for each in life.states[:-1]} for life in lives)
    put = jump(client, seen, state=state, seconds=100)
    if not ends:
        assert put["next_transition_at"] is None
        return
    assert put["next_transition_at"] == to_iso(START + 100 * SECOND)
    advance(client, 99.999999)
    assert dataset(client, provider)["state"] == state
    advance(client, 0.000001)
    found = client.get(f"/_emulator/resources?provider={provider}&kind=dataset").get_json()
    assert [each["state"] for each in found["resources"]] != [state]


def test_after_a_jump_a_life_goes_on_as_its_delays_say(client: Client) -> None:
    seen = create(client, "personalize")
    settle(client)
    now = START + 3 * SECOND // 2
    put = jump(client, seen, state="CREATE PENDING")
    assert put["next_transition_at"] == to_iso(now + SECOND // 2)
    advance(client, 0.5)
    assert dataset(client, "personalize")["state"] == "CREATE IN_PROGRESS"
    advance(client, 1)
    assert dataset(client, "personalize")["state"] == "ACTIVE"


def test_what_had_no_delays_stays_where_it_was_put_unless_told_for_how_long(
    client: Client,
) -> None:
    seen = create(client, "aitems")
    assert seen["state"] == "enable"
    assert jump(client, seen, state="processing")["next_transition_at"] is None
    advance(client, 10**9)
    assert dataset(client, "aitems")["state"] == "processing"
    put = jump(client, seen, state="waiting", seconds=10)
    assert put["next_transition_at"] == to_iso(START + (10**9 + 10) * SECOND)
    settle(client)
    assert dataset(client, "aitems")["state"] == "enable"


@pytest.mark.parametrize(("provider", "state", "phase"), STATES)
def test_a_hold_of_no_length_is_over_in_an_instant(
    client: Client, provider: str, state: str, phase: str
) -> None:
    seen = create(client, provider)
    assert jump(client, seen, state=state, seconds=0)["phase"] == phase
    ended = settle(client)
    assert ended <= to_iso(START + 31 * SECOND)


@pytest.mark.parametrize("seconds", [1e12, 1e300, 10**400])
def test_a_hold_may_be_of_any_length(client: Client, seconds: float) -> None:
    seen = create(client, "personalize")
    put = jump(client, seen, state="CREATE PENDING", seconds=seconds)
    assert (put["state"], put["next_transition_at"]) == ("CREATE PENDING", None)
    advance(client, 10**10)
    assert dataset(client, "personalize") == put


def test_a_jump_takes_no_time_back_though_the_clock_was_set_back(client: Client) -> None:
    group = {
        "provider": "personalize",
        "kind": "dataset-group",
        "id": "arn:aws:personalize:us-east-1:123456789012:dataset-group/demo-group",
    }
    advance(client, 3600)
    jump(client, group, state="ACTIVE")
    later = updated_at(client)
    client.put("/_emulator/clock", json={"now": to_iso(START)})
    for state in ("CREATE FAILED", "ACTIVE"):
        jump(client, group, state=state)
        assert updated_at(client) == later


def updated_at(client: Client) -> str:
    """Give the time of the last update of the dataset group, as it is stored."""
    rows = client.get("/_emulator/state").get_json()["providers"]["personalize"]["resources"]
    [time] = [row["updated_at"] for row in rows if row["kind"] == "dataset-group"]
    return str(time)


def test_a_jump_may_say_why(client: Client) -> None:
    seen = create(client, "lookoutvision")
    jump(client, seen, state="CREATE_FAILED", reason="The manifest is empty.")
    example = catalogue.contracts()["lookoutvision"].seed["example"]
    told = client.get(f"/lookoutvision{example['path']}/train", headers=example["headers"])
    description = told.get_json()["DatasetDescription"]
    assert (description["Status"], description["StatusMessage"]) == ("CREATE_FAILED", "The manifest is empty.")  # fmt: skip
    jump(client, seen, state="CREATE_COMPLETE")
    told = client.get(f"/lookoutvision{example['path']}/train", headers=example["headers"])
    assert told.get_json()["DatasetDescription"]["StatusMessage"] == "The dataset was created successfully."  # fmt: skip


def test_what_is_put_in_its_deletion_goes_and_its_name_is_free_again(client: Client) -> None:
    seen = create(client, "personalize")
    settle(client)
    put = jump(client, seen, state="DELETE IN_PROGRESS")
    assert put["phase"] == "deleting"
    assert ask(client, "personalize").status_code == 400
    settle(client)
    found = client.get("/_emulator/resources?provider=personalize&kind=dataset").get_json()
    assert found == {"resources": []}
    assert create(client, "personalize")["state"] == "CREATE PENDING"


def test_a_deletion_can_be_called_off(client: Client) -> None:
    seen = create(client, "personalize")
    jump(client, seen, state="DELETE PENDING")
    advance(client, 0.1)
    jump(client, seen, state="ACTIVE")
    advance(client, 10**6)
    assert dataset(client, "personalize")["state"] == "ACTIVE"
    assert ask(client, "personalize").status_code == 400


def test_what_is_gone_cannot_be_put_anywhere(client: Client) -> None:
    seen = create(client, "personalize")
    jump(client, seen, state="DELETE PENDING")
    settle(client)
    answer = put(client, seen, state="ACTIVE")
    assert (answer.status_code, answer.get_json()["error"]) == (404, "NotFound")


def test_what_is_ready_only_by_a_jump_can_be_used(client: Client) -> None:
    """Handlers see the state that was put: nothing can be made in a group that failed."""
    group = {
        "provider": "personalize",
        "kind": "dataset-group",
        "id": "arn:aws:personalize:us-east-1:123456789012:dataset-group/demo-group",
    }
    jump(client, group, state="CREATE FAILED")
    assert ask(client, "personalize").status_code == 400
    jump(client, group, state="ACTIVE")
    assert ask(client, "personalize").status_code == 200


@pytest.mark.parametrize(
    ("provider", "id"),
    [
        ("personalize", "arn:aws:personalize:us-east-1:123456789012:dataset/demo-group/INTERACTIONS"),
        ("lookoutvision", "demo-project/train"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("safe", ["/:", "/", ""], ids=["plain", "colons quoted", "all quoted"])
def test_an_id_with_slashes_may_be_quoted_or_not(
    client: Client, provider: str, id: str, safe: str
) -> None:
    assert create(client, provider)["id"] == id
    path = f"/_emulator/resources/{provider}/dataset/{quote(id, safe=safe)}/state"
    state = FAILED[provider]
    answer = client.put(path, json={"state": state})
    assert (answer.status_code, answer.get_json()["state"]) == (200, state)


@pytest.mark.parametrize(
    ("change", "params", "status", "error"),
    [
        ({"provider": "nobody"}, {"state": "ACTIVE"}, 404, "NotFound"),
        ({"kind": "nothing"}, {"state": "ACTIVE"}, 404, "NotFound"),
        ({"kind": "dataset-group"}, {"state": "ACTIVE"}, 404, "NotFound"),
        ({"id": "x"}, {"state": "ACTIVE"}, 404, "NotFound"),
        ({}, {"state": "NOWHERE"}, 400, "NoSuchState"),
        ({}, {"state": ""}, 400, "NoSuchState"),
        ({}, {"state": "active"}, 400, "NoSuchState"),
        ({}, {}, 400, "Invalid"),
        ({}, {"state": 1}, 400, "Invalid"),
        ({}, {"state": "ACTIVE", "seconds": -1}, 400, "Invalid"),
        ({}, {"state": "ACTIVE", "seconds": "1"}, 400, "Invalid"),
        ({}, {"state": "ACTIVE", "reason": 1}, 400, "Invalid"),
    ],
    ids=repr,
)
def test_what_cannot_be_put_is_refused_and_changes_nothing(
    client: Client, change: Made, params: Made, status: int, error: str
) -> None:
    seen = create(client, "personalize")
    before = client.get("/_emulator/resources").get_json()
    answer = put(client, {**seen, **change}, **params)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert client.get("/_emulator/resources").get_json() == before


def test_a_state_that_there_is_not_is_answered_with_those_that_there_are(client: Client) -> None:
    seen = create(client, "aitems")
    text = "The kind has no state ready. Known: deleting, disable, enable, processing, upload_failed, waiting."
    assert put(client, seen, state="ready").get_json() == {"error": "NoSuchState", "message": text}


def test_of_the_same_id_in_two_scopes_one_has_to_be_named(client: Client) -> None:
    create(client, "lookoutvision")
    example = catalogue.contracts()["lookoutvision"].seed["example"]["headers"]
    elsewhere = example["Authorization"].replace("us-east-1", "eu-west-1")
    headers = {**example, "Authorization": elsewhere}
    at = "/lookoutvision/2020-11-20/projects"
    client.post(at, headers=headers, json={"ProjectName": "demo-project"})
    made = client.post(
        f"{at}/demo-project/datasets", headers=headers, json={"DatasetType": "train"}
    )
    assert made.status_code == 202
    path = "/_emulator/resources?provider=lookoutvision&kind=dataset"
    first, second = client.get(path).get_json()["resources"]
    params = {"state": "CREATE_FAILED"}
    both = 'demo-project/train exists in several scopes (123456789012/eu-west-1, 123456789012/us-east-1); set "scope".'  # fmt: skip
    answer = put(client, first, **params)
    assert (answer.status_code, answer.get_json()) == (409, {"error": "Ambiguous", "message": both})  # fmt: skip
    assert client.get(path).get_json()["resources"] == [first, second]
    told = jump(client, first, **params, scope=first["scope"])
    assert (told["scope"], told["state"]) == (first["scope"], "CREATE_FAILED")
    assert client.get(path).get_json()["resources"] == [told, second]
    nowhere = {"account": "123456789012", "region": "ap-south-1"}
    assert put(client, first, **params, scope=nowhere).status_code == 404


def test_a_project_is_called_by_its_name(client: Client) -> None:
    [project] = client.get("/_emulator/resources?kind=project").get_json()["resources"]
    assert (project["id"], project["name"]) == ("demo-project", "demo-project")


def test_a_jump_is_for_its_own_world_only(client: Client) -> None:
    seen = create(client, "personalize")
    example = catalogue.contracts()["personalize"].seed["example"]
    client.post("/w/a/personalize/", headers=example["headers"], json=example["body"])
    jump(client, seen, state="CREATE FAILED")
    found = client.get("/w/a/_emulator/resources?kind=dataset").get_json()["resources"]
    assert [each["state"] for each in found] == ["CREATE PENDING"]
    client.delete("/_emulator/worlds/a", json={})


# ---- what holds whatever happens


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_states_never_go_back_except_by_a_jump(made: Application, data: st.DataObject) -> None:
    """Between two jumps, states come in the order of one lifecycle, none of them twice."""
    made.world.reset()
    client = Client(made)
    provider = data.draw(st.sampled_from(WITH_STATES))
    made.world.settings.lifecycle = data.draw(st.sampled_from(MODES))
    made.world.settings.speed = data.draw(st.sampled_from([0.5, 1, 3]))
    seen = create(client, provider)
    if data.draw(st.booleans()):
        states = [state for name, state, _ in STATES if name == provider]
        params: Made = {"state": data.draw(st.sampled_from(states))}
        if data.draw(st.booleans()):
            params["seconds"] = data.draw(st.sampled_from([0, 0.3, 40]))
        jump(client, seen, **params)
    lived = []
    for seconds in data.draw(st.lists(st.sampled_from([0, 0.2, 1, 30, 10**5]), max_size=8)):
        advance(client, seconds)
        path = f"/_emulator/resources?provider={provider}&kind=dataset"
        found = client.get(path).get_json()["resources"]
        lived.append(found[0]["state"] if found else GONE.name)
    order = [state for index, state in enumerate(lived) if state not in lived[:index]]
    assert [state for i, state in enumerate(lived) if i == 0 or lived[i - 1] != state] == order
    lives = catalogue.contracts()[provider].lifecycles["dataset"].values()
    assert any(in_order(order, [state.name for state in life.states]) for life in lives)


def in_order(part: list[str], whole: list[str]) -> bool:
    rest = iter(whole)
    return all(state in rest for state in part)
