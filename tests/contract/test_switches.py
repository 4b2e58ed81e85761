"""Every choice of every switch makes a sound contract; what is chosen is what answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from click.testing import CliRunner

from emulator.app import Application
from emulator.cli import cli
from emulator.core.contract.model import Contract, Operation
from emulator.core.contract.switches import switches_of
from emulator.core.http.matchers import matches_any
from emulator.settings import SettingError, Settings
from tests.contract import catalogue
from tests.contract.test_bad_input import (
    BODIES,
    assert_refused_in_json,
    everything_stored,
    send,
)

VARIANTS = [
    pytest.param(flag, choice, contract, id=f"{flag}={choice}")
    for (flag, choice), contract in catalogue.variants().items()
]
EVERY_CHOICE = pytest.mark.parametrize(("flag", "choice", "contract"), VARIANTS)


@EVERY_CHOICE
def test_a_layered_contract_has_all_that_it_emulates(
    flag: str, choice: str, contract: Contract
) -> None:
    provider = catalogue.providers()[contract.provider].under(contract.layers)
    assert list(provider.faults(contract)) == []


@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_every_layer_is_a_choice_and_every_choice_has_its_folder(name: str) -> None:
    switches = catalogue.contracts()[name].service.get("switches", {})
    choices = [choice for switch in switches.values() for choice in switch["choices"].values()]
    named = {choice["layer"] for choice in choices if "layer" in choice}
    named |= {layer for choice in choices for layer in choice.get("matchers", {}) if layer}
    assert named == {
        folder.name for folder in (catalogue.SCHEMAS / name).iterdir() if folder.is_dir()
    }
    assert all(switch.is_complete for switch in switches_of(catalogue.contracts()[name].service))


def needs_little(operation: Operation) -> bool:
    """Whether an operation takes a body that holds nothing, or a name and nothing else."""
    rules = operation.request
    return any(not rules.violations(body) for body in ({}, {"name": "x"}))


def _writes(operation: Operation) -> bool:
    return operation.emulated and operation.method != "GET"


@EVERY_CHOICE
def test_bad_input_is_refused_under_every_choice(
    flag: str, choice: str, contract: Contract
) -> None:
    application = Application(
        Settings(auth="off", demo=True, strict=True, clock="frozen", switches={flag: choice})
    )
    for operation in contract.operations.values():
        before = everything_stored(application)
        accepted = 0
        for sent, body in BODIES.items() if _writes(operation) else ():
            answer = send(application, contract.provider, operation, data=body)
            if answer.status_code == operation.status and needs_little(operation):
                accepted += 1
            else:
                assert_refused_in_json(answer, sent=sent)
        assert accepted or everything_stored(application) == before


def test_a_switch_or_a_choice_that_does_not_exist_stops_the_start() -> None:
    with pytest.raises(SettingError, match="unknown switch nobody-knows"):
        Application(Settings(switches={"nobody-knows": "it"}))
    flag, _ = next(iter(catalogue.variants()))
    with pytest.raises(SettingError, match="invalid choice 'perhaps'"):
        Application(Settings(switches={flag: "perhaps"}))


def test_following_the_live_service_makes_its_choice_of_each_switch_that_is_not_set() -> None:
    live = {
        switch.flag: switch.live
        for name in catalogue.contracts()
        for switch in switches_of(catalogue.contracts()[name].service)
    }
    following = Application(Settings(follow="live"))
    choosing = Application(Settings(switches=live))
    assert layers_of(following) == layers_of(choosing) != layers_of(Application(Settings()))
    single = Application(Settings(follow="live", switches={"pai-names": "strict"}))
    assert layers_of(single) == {
        **layers_of(following),
        "pai": tuple(layer for layer in layers_of(following)["pai"] if layer != "lax-names"),
    }


def layers_of(application: Application) -> Mapping[str, Sequence[str]]:
    return {name: contract.layers for name, contract in application.contracts.items()}


def test_the_command_line_chooses_only_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Settings] = []

    def serve(settings: Settings) -> int:
        started.append(settings)
        return 0

    monkeypatch.setattr("emulator.server.command.serve", serve)
    for arguments in ([], ["--pai-names", "strict"]):
        assert CliRunner().invoke(cli, ["serve", *arguments]).exit_code == 0
    environment = {"DATASET_EMULATOR_PAI_NAMES": "lax"}
    assert CliRunner(env=environment).invoke(cli, ["serve"]).exit_code == 0
    assert [settings.switches for settings in started] == [
        {},
        {"pai-names": "strict"},
        {"pai-names": "lax"},
    ]


@pytest.mark.parametrize("name", list(catalogue.contracts()))
def test_what_is_filed_never_ceases_to_exist_by_itself(name: str) -> None:
    layers = [contract for contract in catalogue.variants().values() if contract.provider == name]
    for contract in (catalogue.contracts()[name], *layers):
        for kind in (each for each in catalogue.providers()[name].resources if each.is_indexed):
            lifecycles = contract.lifecycles.get(kind.kind, {})
            assert not any(lifecycle.ends for lifecycle in lifecycles.values())


def test_marks_are_borne_by_headers_queries_and_members_of_bodies() -> None:
    from werkzeug.datastructures import Headers

    from emulator.core.http.exchange import Request

    def request(
        body: bytes = b"", query: str = "", headers: Mapping[str, str] | None = None
    ) -> Request:
        return Request(
            method="POST",
            target="/",
            prefix="",
            path="/",
            query=[(query, "1")] if query else [],
            headers=Headers(headers),
            parameters={},
            peer="",
            body=body,
        )

    old = matches_any(
        [
            {"header": "X-Sdk", "matches": "old"},
            {"query": "offset"},
            {"bodyHasAny": ["encoder"], "bodyHasNone": ["encoder_name"]},
        ]
    )
    assert old(request(headers={"X-Sdk": "old"}))
    assert not old(request(headers={"X-Sdk": "older"}))
    assert old(request(query="offset"))
    assert not old(request(query="skip"))
    assert old(request(b'{"encoder":1}'))
    assert not old(request(b'{"encoder":1,"encoder_name":2}'))
    for body in (b"", b"[]", b"{", b"\xff", b"[" * 100_000):
        assert not old(request(body))
