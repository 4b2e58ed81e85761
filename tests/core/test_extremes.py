"""Commands at the edge of what can be: taken whole or refused, and what was taken can be exported."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from emulator.core.primitives.clock import SECOND, to_iso
from tests.core.conftest import START, ask

CONTROL = "/_emulator"
GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/demo-group"
STATE = f"resources/personalize/dataset-group/{GROUP}/state"
NUMBERS = st.sampled_from([0, 1, -1, 2.0, 0.5, 1e-320, 1e12, 1e100, 1e308, 2**63, 10**30, 10**400])
TEXTS = st.sampled_from(["", "x", "\0", "\ud800", "x" * 5000])
MODES = st.sampled_from(["immediate", "timed", "manual"])
FAULT = st.fixed_dictionaries(
    {},
    optional={
        "hold_seconds": NUMBERS,
        "lifecycle": st.sampled_from(["failed", "immediate", "timed", "manual"]),
        "reason": TEXTS,
        "delay": st.just(0),
    },
)
COMMANDS = st.one_of(
    st.tuples(st.just("PUT"), st.just("clock"), st.fixed_dictionaries({"speed": NUMBERS})),
    st.tuples(st.just("PUT"), st.just("clock"), st.fixed_dictionaries({"now": NUMBERS})),
    st.tuples(
        st.just("POST"),
        st.just("clock/advance"),
        st.one_of(
            st.fixed_dictionaries({"seconds": NUMBERS}),
            st.just({"until": "settled"}),
        ),
    ),
    st.tuples(
        st.just("PATCH"),
        st.just("quotas"),
        st.dictionaries(
            st.sampled_from(["personalize", "nobody"]),
            st.dictionaries(st.sampled_from(["datasets", "schemas", "nothing"]), NUMBERS),
        ),
    ),
    st.tuples(st.just("PUT"), st.just("lifecycles"), st.fixed_dictionaries({"default": MODES})),
    st.tuples(st.just("POST"), st.just("faults"), st.fixed_dictionaries({"effect": FAULT})),
    st.tuples(
        st.just("PUT"),
        st.just(STATE),
        st.fixed_dictionaries(
            {"state": st.sampled_from(["CREATE PENDING", "CREATE FAILED", "ACTIVE", "x"])},
            optional={"seconds": NUMBERS, "reason": TEXTS},
        ),
    ),
    st.tuples(
        st.just("PUT"),
        st.just("objects"),
        st.fixed_dictionaries({"bucket": st.sampled_from(["b", "b/c"]), "key": TEXTS, "text": TEXTS}),
    ),
)  # fmt: skip


@given(commands=st.lists(COMMANDS, max_size=6))
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_command_breaks_the_emulator_and_every_export_can_be_imported(
    client: Client, commands: list[tuple[str, str, dict[str, Any]]]
) -> None:
    client.post(f"{CONTROL}/reset", json={})
    for method, path, params in commands:
        answer = client.open(f"{CONTROL}/{path}", method=method, json=params)
        assert answer.status_code in (200, 400, 404), (path, params, answer.get_json())
    assert ask(client, "personalize").status_code in (200, 400)
    exported = client.get(f"{CONTROL}/state").get_data()
    kind = {"content_type": "application/json"}
    answer = client.put(f"/w/other{CONTROL}/state", data=exported, **kind)
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})
    assert client.get(f"/w/other{CONTROL}/state").get_data() == exported


def test_what_a_clock_never_shows_does_not_keep_others_from_settling(client: Client) -> None:
    effect = {"hold_seconds": 1e308}
    match = {"provider": "lookoutvision"}
    client.put(f"{CONTROL}/{STATE}", json={"state": "CREATE PENDING", "seconds": 1e12})
    client.post(f"{CONTROL}/faults", json={"match": match, "effect": effect})
    assert ask(client, "lookoutvision").status_code < 300
    assert ask(client, "personalize").status_code < 300  # it waits for its group
    told = client.post(f"{CONTROL}/clock/advance", json={"until": "settled"})
    assert (told.status_code, told.get_json()["now"]) == (200, to_iso(START))
    client.put(f"{CONTROL}/{STATE}", json={"state": "CREATE PENDING", "seconds": 60})
    told = client.post(f"{CONTROL}/clock/advance", json={"until": "settled"})
    assert told.get_json()["now"] > to_iso(START + 60 * SECOND)


@pytest.mark.parametrize(
    ("method", "path", "params", "told"),
    [
        ("PATCH", "quotas", {"nobody": {}}, (404, "There is no provider nobody.")),
        ("PATCH", "quotas", {"pai": {"x": 1}}, (404, "There is no quota pai.x.")),
        ("PUT", STATE, {"state": "ACTIVE", "reason": "\ud800"}, (400, '"reason" contains a NUL character or an unpaired surrogate, which cannot be stored.')),
        ("PUT", STATE, {"state": "ACTIVE", "reason": "\0"}, (400, '"reason" contains a NUL character or an unpaired surrogate, which cannot be stored.')),
        ("POST", "faults", {"effect": {"lifecycle": "failed", "reason": "\ud800"}}, (400, '"reason" contains a NUL character or an unpaired surrogate, which cannot be stored.')),
        ("POST", "faults", {"effect": {"reason": "x"}}, (400, '"reason" requires "lifecycle": "failed".')),
        ("POST", "faults", {"effect": {"lifecycle": "timed", "reason": "x"}}, (400, '"reason" requires "lifecycle": "failed".')),
        ("POST", "faults", {"effect": {"delay": 1}, "apply_first": True}, (400, '"apply_first" requires "error".')),
        ("PUT", "clock", {"speed": 1e101}, (400, "The request breaks 1 rule: /speed breaks maximum 1e+100")),
        ("DELETE", "faults/9", None, (404, "There is no fault 9.")),
        ("DELETE", "worlds/nowhere", None, (404, "There is no world nowhere.")),
        ("PUT", "resources/pai/dataset/x/state", {"state": "y"}, (404, "There is no resource x.")),
        ("PUT", "lifecycles", {"providers": {"pai": {"x": "manual"}}}, (404, "There is no kind pai.x.")),
        ("GET", "requests?operation=CreateDatset", None, (404, "There is no operation CreateDatset. Did you mean CreateDataset?")),
    ],
    ids=repr,
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_changed(
    client: Client, method: str, path: str, params: object, told: tuple[int, str]
) -> None:
    def whole() -> list[object]:
        paths = ("state", "faults", "quotas", "lifecycles", "clock", "worlds")
        return [client.get(f"{CONTROL}/{each}").get_json() for each in paths]

    before = whole()
    headers = {"X-Emulator-Control": "1"}
    answer = client.open(f"{CONTROL}/{path}", method=method, json=params, headers=headers)
    assert (answer.status_code, answer.get_json()["message"]) == told
    assert whole() == before
