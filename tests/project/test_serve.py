"""The command line as a stranger uses it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from emulator import Emulator, Settings, __version__
from emulator.core.contract.location import built_in_folder
from emulator.server.endpoints import Endpoints
from tests.contract import catalogue
from tests.project.served import PATIENCE, Served, free_ports, run, served

PROVIDERS = list(catalogue.contracts())
OFFSETS = {name: c.service["portOffset"] for name, c in catalogue.contracts().items()}
PORTS = 1 + max(OFFSETS.values())
"""Ports in a row that an emulator takes which has one for each provider."""
WIDTH = max(map(len, (*PROVIDERS, "control")))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    file = tmp_path_factory.mktemp("serve") / "endpoints.json"
    with served("--demo", "--port", "0", "--endpoints-file", str(file)) as emulator:
        yield emulator, file


def test_it_prints_a_line_per_provider_the_control_url_and_ready(demo: tuple[Served, Path]) -> None:
    emulator, _ = demo
    listing = [f"{name:<{WIDTH}}  {emulator.base}/{name}" for name in PROVIDERS]
    assert emulator.lines[: len(listing) + 1] == [
        *listing,
        f"{'control':<{WIDTH}}  {emulator.base}/_emulator",
    ]
    assert (
        emulator.lines[-1] == f"create-dataset-emulator {__version__} on {emulator.base} - Ready."
    )


def test_each_printed_curl_line_works_as_it_stands(demo: tuple[Served, Path]) -> None:
    emulator, _ = demo
    lines = [line for line in emulator.lines if line.startswith("curl ")]
    assert len(lines) == len(PROVIDERS)
    # nothing of what other tests may have asked before
    requests.post(f"{emulator.base}/_emulator/reset", json={}, timeout=10).raise_for_status()
    for line in lines:
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30, check=True)  # fmt: skip
        json.loads(done.stdout)
    journal = requests.get(f"{emulator.base}/_emulator/requests", timeout=10).json()["requests"]
    assert [(r["provider"], r["operation"]) for r in journal] == [(p, "CreateDataset") for p in PROVIDERS]  # fmt: skip
    assert {entry["status"] for entry in journal} <= {200, 201, 202}


def test_the_endpoints_file_holds_the_urls(demo: tuple[Served, Path]) -> None:
    emulator, file = demo
    assert json.loads(file.read_text()) == {
        "base": emulator.base,
        "control": f"{emulator.base}/_emulator",
        "providers": {name: f"{emulator.base}/{name}" for name in PROVIDERS},
    }
    assert list(file.parent.iterdir()) == [file]  # nothing is left of how it was written


def test_bodies_too_long_are_answered_and_the_connection_goes_on(demo: tuple[Served, Path]) -> None:
    emulator, _ = demo
    with requests.Session() as session:
        for name in PROVIDERS:
            example = catalogue.contracts()[name].seed["example"]
            contract, url = catalogue.contracts()[name], f"{emulator.base}/{name}{example['path']}"
            half = b"x" * (contract.service["limits"]["bodyBytes"] // 2 + 1)
            for body in (half * 2, iter([half] * 4)):
                answer = session.post(url, data=body, headers=example["headers"], timeout=30)
                assert answer.status_code == (contract.row("TooLarge") or {})["status"]
                assert isinstance(answer.json(), dict)
        assert session.get(f"{emulator.base}/health", timeout=10).json()["status"] == "ok"


def test_bodies_that_do_not_arrive_hold_nobody_up(demo: tuple[Served, Path]) -> None:
    emulator, _ = demo
    host, port = emulator.base.removeprefix("http://").split(":")
    with ExitStack() as connections:
        for _ in range(100):
            connection = socket.create_connection((host, int(port)), timeout=10)
            connections.enter_context(connection)
            connection.sendall(
                b"POST /pai/api/v1/datasets HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{"
            )
        assert requests.get(f"{emulator.base}/health", timeout=10).json()["status"] == "ok"


def test_a_request_keeps_its_path_its_query_and_repeated_headers(
    demo: tuple[Served, Path],
) -> None:
    emulator, _ = demo
    host, port = emulator.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"GET /coactive/api/%C3%A9//%2F?q=%C3%A9&q=2 HTTP/1.1\r\n"
            b"Host: h\r\nX-Twice: 1\r\nX-Twice: 2\r\nConnection: close\r\n\r\n"
        )
        while connection.recv(4096):
            pass
    entry = requests.get(f"{emulator.base}/_emulator/requests", timeout=10).json()["requests"][-1]
    assert (entry["method"], entry["path"], entry["query"]) == (
        "GET",
        "/api/\u00e9///",
        "q=\u00e9&q=2",
    )
    whole = requests.get(f"{emulator.base}/_emulator/requests/{entry['id']}", timeout=10).json()
    assert {name.title(): value for name, value in whole["request"]["headers"].items()} == {
        "Host": "h",
        "X-Twice": "1,2",
        "Connection": "close",
    }


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_it_cleanly(how: signal.Signals) -> None:
    with served("--port", "0", "--quiet") as emulator:
        assert len(emulator.lines) == 1
        requests.get(f"{emulator.base}/health", timeout=10)
        assert emulator.stop(how) == 0
        assert emulator.process.communicate() == ("", "")


def test_the_end_of_its_terminal_stops_it_and_what_was_on_disk_is_there(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/state.db"
    with served("--port", "0", "--database", database) as emulator:
        put = {"name": "kept", "encoder_name": "multimodal"}
        url, headers = f"{emulator.base}/coactive/api/v1/datasets", {"Authorization": "Bearer t"}
        made = requests.post(url, json=put, headers=headers, timeout=10).json()
        assert emulator.stop(signal.SIGHUP) == 0
    with served("--port", "0", "--database", database) as emulator:
        url = f"{emulator.base}/coactive/api/v1/datasets/{made['id']}"
        assert requests.get(url, headers=headers, timeout=10).json() == made


def test_a_signal_during_the_start_ends_it_as_well() -> None:
    """It arrives as soon as the port listens, long before the emulator is ready."""
    for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        port = free_ports(1)
        command = [sys.executable, "-m", "emulator", "serve", "--port", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                with closing(socket.socket()) as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
            process.send_signal(how)
            assert process.wait(PATIENCE) == 0
            assert process.communicate() == (b"", b"")


def test_of_many_that_want_one_port_one_gets_it() -> None:
    """Each says what came of it, and the one that listens stays until its input ends."""
    code = """
import sys
from emulator.server.sockets import PortError, listening
try:
    taken = listening("127.0.0.1", int(sys.argv[1]))
except PortError:
    print("refused", flush=True)
else:
    print("listens", flush=True)
sys.stdin.read()
"""
    port, processes = free_ports(1), []
    for _ in range(50):
        command = [sys.executable, "-c", code, str(port)]
        processes.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))  # fmt: skip
    said = [process.stdout.readline() for process in processes if process.stdout]
    for process in processes:
        process.communicate(timeout=PATIENCE)
    assert sorted(said) == ["listens\n", *["refused\n"] * 49]


def test_of_several_emulators_on_one_port_one_serves() -> None:
    port = free_ports(1)
    command = [sys.executable, "-m", "emulator", "serve", "--quiet", "--port", str(port)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) for _ in range(6)]  # fmt: skip
    said = [process.stdout.readline() for process in processes if process.stdout]
    for process in processes:
        process.terminate()
        process.communicate(timeout=PATIENCE)
    assert [line[-7:] for line in said if line] == ["Ready.\n"]
    assert sorted(process.returncode for process in processes) == [0, 3, 3, 3, 3, 3]


def test_nobody_has_to_read_what_it_prints() -> None:
    """A pipe that is full already takes not one of its lines, and it serves and stops all the same."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    port = free_ports(1)
    command = [sys.executable, "-m", "emulator", "serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE) as process:
        health = f"http://127.0.0.1:{port}/health"
        session = requests.Session()
        session.mount("http://", HTTPAdapter(max_retries=Retry(20, backoff_factor=0.1)))
        assert session.get(health, timeout=PATIENCE).status_code == 200
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert process.communicate()[1] == b""
    os.close(reading)
    os.close(writing)


def test_nobody_has_to_read_the_log() -> None:
    with served("--port", "0") as emulator, requests.Session() as session:
        for number in range(2000):  # more than a pipe holds
            path = f"{emulator.base}/pai/api/v1/nowhere/{number:0100}"
            assert session.get(path, timeout=10).status_code == 404
        emulator.process.send_signal(signal.SIGTERM)
        assert emulator.process.wait(PATIENCE) == 0


def test_a_command_that_is_killed_leaves_no_port_behind() -> None:
    port = free_ports(PORTS)
    with served("--port", str(port), "--port-per-provider") as emulator:
        emulator.process.kill()
        assert emulator.process.communicate(timeout=PATIENCE) == ("", "")
        for own in (port, *(port + offset for offset in OFFSETS.values())):
            with pytest.raises(requests.ConnectionError):
                requests.get(f"http://127.0.0.1:{own}/health", timeout=10)


def test_a_provider_can_have_a_port_of_its_own() -> None:
    port = free_ports(PORTS)
    with served("--port", str(port), "--port-per-provider", "--demo") as emulator:
        for name, offset in OFFSETS.items():
            assert f"{name:<{WIDTH}}  http://127.0.0.1:{port + offset}" in emulator.lines
            url = f"http://127.0.0.1:{port + offset}/api/v1/nope"
            unknown = catalogue.contracts()[name].failures["NoSuchRoute"]["status"]
            assert requests.post(url, timeout=10).status_code == unknown
        journal = requests.get(f"{emulator.base}/_emulator/requests", timeout=10).json()["requests"]
        assert [entry["provider"] for entry in journal] == PROVIDERS
        for line in emulator.lines:
            if line.startswith("curl "):
                subprocess.run(["bash", "-c", line], capture_output=True, timeout=30, check=True)
        assert emulator.stop() == 0


@pytest.mark.parametrize("form", ["text", "json"])
def test_each_request_is_a_line_of_the_log(form: str) -> None:
    with served("--port", "0", "--log-format", form) as emulator:
        requests.get(f"{emulator.base}/pai/api/v1/nowhere", timeout=10)
        assert emulator.stop() == 0
        _, logged = emulator.process.communicate()
    (line,) = logged.splitlines()
    if form == "text":
        time, _, rest = line.partition(" ")
        datetime.fromisoformat(time)
        assert re.fullmatch(r"INFO: GET /api/v1/nowhere pai - 404 [0-9.]+ ms NoSuchRoute", rest)
        return
    entry = json.loads(line)
    datetime.fromisoformat(entry.pop("time"))
    assert 0 < entry.pop("duration_ms") < 60_000
    assert re.fullmatch(
        r"GET /api/v1/nowhere pai - 404 [0-9.]+ ms NoSuchRoute", entry.pop("message")
    )
    assert entry == {
        "level": "info",
        "logger": "emulator.requests",
        "method": "GET",
        "path": "/api/v1/nowhere",
        "provider": "pai",
        "operation": None,
        "status": 404,
        "why": "NoSuchRoute",
        "in_a_row": 1,
    }


def test_a_port_in_use_is_exit_code_3_and_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", "--port", str(port))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"dataset-emulator: cannot listen on 127.0.0.1:{port}: Address already in use\n"  # fmt: skip
    with served("--port", "0") as emulator:
        assert run("serve", "--port", emulator.base.rpartition(":")[2]).returncode == 3


@pytest.mark.parametrize("offset", [min(OFFSETS.values()), max(OFFSETS.values())])
def test_a_port_of_a_provider_in_use_is_exit_code_3_and_one_line_as_well(offset: int) -> None:
    port = free_ports(PORTS)
    with socket.create_server(("127.0.0.1", port + offset)):
        done = run("serve", "--port", str(port), "--port-per-provider")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"dataset-emulator: cannot listen on 127.0.0.1:{port + offset}: Address already in use\n"  # fmt: skip


def test_inside_a_test_a_port_in_use_is_an_error_and_nothing_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OSError, match="Address already in use"),
    ):
        Emulator(Settings(port=taken.getsockname()[1]))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "x"),
        ("--port", "70000"),
        ("--speed", "0"),
        ("--speed", "inf"),
        ("--speed", "1e101"),
        ("--schemas", "/does/not/exist", "--port", "0"),
        ("--endpoints-file", "/does/not/exist/urls.json", "--port", "0"),
        ("--endpoints-file", "/", "--port", "0"),
        ("--lifecycle", "slow"),
        ("--clock", "broken"),
        ("--auth", "maybe"),
        ("--nope",),
        ("--aitems-documents", "1999"),
        ("--config", "/does/not/exist"),
        ("--port", "65531", "--port-per-provider"),
        ("--cors-origin", "*"),
        ("--cors-origin", "null"),
        ("--cors-origin", "http://*.example"),
        ("--cors-origin", "http://app.example/"),
        ("--cors-origin", "http://app.example:80"),
        ("--cors-origin", "app.example"),
        ("--host", "192.0.2.1", "--port", "0"),
        ("--host", "no such host", "--port", "0"),
        ("--database", "nope://x", "--port", "0"),
        ("--database", "sqlite:////does/not/exist/x.db", "--port", "0"),
    ],
    ids=" ".join,
)
def test_a_bad_value_is_exit_code_2_and_one_line(arguments: tuple[str, ...]) -> None:
    done = run("serve", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("dataset-emulator: ")
    assert done.stderr.count("\n") == 1


def test_a_broken_contract_stops_the_start_with_one_line(tmp_path: Path) -> None:
    shutil.copytree(built_in_folder() / "pai", tmp_path / "pai")
    service = tmp_path / "pai" / "service.json"
    service.write_text(json.dumps({**json.loads(service.read_text()), "portOffset": "three"}))
    done = run("serve", "--port", "0", "--schemas", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f'dataset-emulator: cannot start: {service}: /portOffset: breaks type "integer"\n'  # fmt: skip


def test_a_switch_that_an_overlay_took_away_stops_the_start_with_one_line(tmp_path: Path) -> None:
    patch = tmp_path / "aitems" / "service.patch.json"
    patch.parent.mkdir()
    patch.write_text('{"switches": null}')
    arguments = ["--port", "0", "--schemas", str(tmp_path), "--aitems-documents", "2024"]
    done = run("serve", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dataset-emulator: cannot start: unknown switch aitems-documents\n"


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"lifecycle": "slow", "port": 0, "quiet": true}')
    assert "'slow' is not one of" in run("serve", "--config", str(file)).stderr
    wrong = run("serve", "--config", str(file), DATASET_EMULATOR_LIFECYCLE="slower")
    assert "'slower' is not one of" in wrong.stderr
    environment = {"DATASET_EMULATOR_LIFECYCLE": "slower", "DATASET_EMULATOR_CONFIG": str(file)}
    with served("--lifecycle", "immediate", **environment) as emulator:
        assert len(emulator.lines) == 1


def test_a_file_may_be_toml_and_must_name_settings(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('port-per-provider = false\nlifecycle = "slow"\n')
    assert "'slow' is not one of" in run("serve", "--config", str(file)).stderr
    file.write_text("prot = 1\n")
    assert "unknown setting prot" in run("serve", "--config", str(file)).stderr


def test_a_switch_of_a_provider_is_a_flag_a_variable_and_a_setting_of_the_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('aitems-documents = "1999"\n')
    assert "'1999' is not one of" in run("serve", "--config", str(file)).stderr
    environment = {
        "DATASET_EMULATOR_AITEMS_DOCUMENTS": "2024",
        "DATASET_EMULATOR_CONFIG": str(file),
    }
    with served("--demo", "--port", "0", **environment) as emulator:
        example = catalogue.contracts()["aitems"].seed["example"]
        url, headers = f"{emulator.base}/aitems{example['path']}", example["headers"]
        answer = requests.post(url, json=example["body"], headers=headers, timeout=10)
        assert answer.json()["connectedServices"] == []


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(argument: str) -> None:
    code = f"""
import sys
sys.argv = ["dataset-emulator", {argument!r}]
from emulator.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
heavy = {{"flask", "werkzeug", "sqlalchemy", "jsonschema", "marshmallow", "httptools"}}
assert not heavy & sys.modules.keys()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)  # fmt: skip
    assert "dataset-emulator" in done.stdout


def test_operations_lists_what_is_emulated_with_its_evidence() -> None:
    done = run("operations", "--provider", "personalize", "--emulated")
    rows = done.stdout.splitlines()
    assert rows[0].split() == ["PROVIDER", "OPERATION", "ROUTE", "STATUS", "EVIDENCE"]
    assert [row.split()[1] for row in rows[1:]] == [
        op.name for op in catalogue.contracts()["personalize"].operations.values() if op.emulated
    ]
    assert run("operations", "--provider", "nope").returncode == 2
    assert len(run("operations").stdout.splitlines()) == len(catalogue.operations()) + 1


def test_state_in_a_file_survives_a_restart(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/state.db"
    body = {"name": "kept", "encoder_name": "multimodal"}
    with served("--port", "0", "--auth", "off", "--database", database) as emulator:
        created = requests.post(f"{emulator.base}/coactive/api/v1/datasets", json=body, timeout=10)
        emulator.stop()
    with served("--port", "0", "--auth", "off", "--database", database) as emulator:
        url = f"{emulator.base}/coactive/api/v1/datasets/{created.json()['id']}"
        assert requests.get(url, timeout=10).json() == created.json()


def test_what_goes_wrong_while_it_is_announced_ends_the_start_with_one_line(tmp_path: Path) -> None:
    """The place of the file looks right at first: there is no room for the name it has at first."""
    file = tmp_path / ("x" * 254)
    done = run("serve", "--port", "0", "--endpoints-file", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dataset-emulator: cannot start: File name too long\n"
    assert list(tmp_path.iterdir()) == []


def test_a_provider_without_an_example_is_listed_without_one() -> None:
    for name, contract in catalogue.contracts().items():
        contracts = {name: replace(contract, seed={"demo": []})}
        endpoints = Endpoints(host="127.0.0.1", port=1, ports={}, contracts=contracts)
        assert endpoints.listing()
        assert endpoints.examples() == []


@pytest.mark.parametrize(
    ("change", "code", "fault"),
    [
        ("ALTER TABLE resources RENAME COLUMN min_state TO least", 2, "the table resources of the database is of another version"),
        ("ALTER TABLE terms ADD COLUMN more", 2, "the table terms of the database is of another version"),
        ("UPDATE worlds SET document = json_set(document, '$.version', 2)", 4, "the database: /version: version 2; this emulator reads version 1"),
    ],
    ids=["a column has another name", "a column more", "a later form of state"],
)  # fmt: skip
def test_a_database_of_another_version_stops_the_start_with_one_line(
    tmp_path: Path, change: str, code: int, fault: str
) -> None:
    file = tmp_path / "state.db"
    with served("--port", "0", "--database", f"sqlite:///{file}") as emulator:
        emulator.stop()
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(change)
        before = list(connection.iterdump())
    done = run("serve", "--port", "0", "--database", f"sqlite:///{file}")
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr == f"dataset-emulator: cannot start: {fault}\n"
    with closing(sqlite3.connect(file)) as connection:
        assert list(connection.iterdump()) == before


def test_the_endpoints_file_ends_with_its_emulator(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    with served("--port", "0", "--endpoints-file", str(file)) as emulator:
        assert json.loads(file.read_text())["base"] == emulator.base
        assert emulator.stop() == 0
    assert not file.exists()


def test_the_endpoints_file_of_another_emulator_is_left(tmp_path: Path) -> None:
    file = tmp_path / "endpoints.json"
    with served("--port", "0", "--endpoints-file", str(file)) as emulator:
        file.write_text('{"base": "http://127.0.0.1:1"}')
        assert emulator.stop() == 0
    assert json.loads(file.read_text()) == {"base": "http://127.0.0.1:1"}


def test_a_variable_that_nothing_reads_is_warned_of() -> None:
    known = {"DATASET_EMULATOR_URL": "http://a", "DATASET_EMULATOR_PAI_URL": "http://a"}
    done = run("serve", "--port", "0", "--speed", "0", DATASET_EMULATOR_PROT="1", **known)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "dataset-emulator: warning: unknown environment variable DATASET_EMULATOR_PROT."
        " Did you mean DATASET_EMULATOR_PORT?"
    )
    assert "DATASET_EMULATOR_PAI_URL" not in done.stderr
