"""`--auth`, `--credentials` and the log of refusals, as somebody at a command line has them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path

import pytest
import requests

from tests.contract import catalogue
from tests.project.served import Served, run, served

SECRET = "hush-hush"
PAIR = {"provider": "coactive", "id": "client-7", "secret": SECRET}
REAL = "ncp_iam_" + "BPAMKR" + "x" * 14
TIMEOUT = 10


def write(folder: Path, *entries: object) -> str:
    file = folder / "credentials.json"
    file.write_text(json.dumps({"credentials": entries}))
    return str(file)


def coactive(emulator: Served, authorization: str | None) -> int:
    """List datasets, and give the status."""
    headers = {"Authorization": authorization} if authorization else {}
    url = f"{emulator.base}/coactive/api/v1/datasets"
    return requests.get(url, headers=headers, timeout=TIMEOUT).status_code


def aitems(emulator: Served, key: str, secret: str) -> int:
    """List datasets, signed by the rule of the vendor's page, and give the status."""
    timestamp = str(int(time.time() * 1000))
    text = f"GET /api/v1/datasets\n{timestamp}\n{key}"
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    headers = {
        "x-ncp-apigw-timestamp": timestamp,
        "x-ncp-iam-access-key": key,
        "x-ncp-apigw-signature-v2": base64.b64encode(mac).decode(),
    }
    url = f"{emulator.base}/api/v1/datasets"
    return requests.get(url, headers=headers, timeout=TIMEOUT).status_code


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([{**PAIR, SECRET: 1}], ": /credentials/0: breaks additionalProperties"),
        ([PAIR, {**PAIR, "provider": SECRET}], f": /credentials/1/provider: must be one of {', '.join(catalogue.contracts())}"),
    ],
    ids=["unknown member", "unknown provider"],
)  # fmt: skip
def test_a_faulty_file_stops_the_start_with_one_line_that_repeats_nothing(
    tmp_path: Path, entries: list[object], said: str
) -> None:
    file = write(tmp_path, *entries)
    done = run("serve", "--port", "0", "--auth", "verify", "--credentials", file)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"dataset-emulator: cannot start: {file}{said}\n"


def test_a_file_that_is_absent_or_no_json_stops_the_start_whatever_the_grade(
    tmp_path: Path,
) -> None:
    file = tmp_path / "credentials.json"
    done = run("serve", "--port", "0", "--auth", "off", "--credentials", str(file))
    line = f"dataset-emulator: cannot start: {file}: No such file or directory\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
    file.write_text(f'{{"credentials": [{{"secret": "{SECRET}"}}')
    done = run("serve", "--port", "0", DATASET_EMULATOR_CREDENTIALS=str(file))
    line = f"dataset-emulator: cannot start: {file}: is not JSON in UTF-8\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_a_grade_that_there_is_not_is_refused_in_the_environment_too() -> None:
    done = run("serve", DATASET_EMULATOR_AUTH="maybe")
    assert (done.returncode, done.stdout) == (2, "")
    assert "'maybe' is not one of 'off', 'parse', 'verify'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_unsaid_credentials_must_be_there_and_may_be_made_up() -> None:
    with served("--port", "0", "--quiet") as emulator:
        assert coactive(emulator, None) == 401
        assert coactive(emulator, "Bearer made:up") == 200
        assert aitems(emulator, "made", "up") == 200


def test_without_a_file_one_pair_is_known() -> None:
    with served("--port", "0", "--quiet", "--auth", "verify") as emulator:
        assert coactive(emulator, "Bearer emulator:emulator") == 200
        assert coactive(emulator, "Bearer made:up") == 401
        assert aitems(emulator, "emulator", "emulator") == 200
        assert aitems(emulator, "emulator", "up") == 401


def test_the_environment_names_grade_and_file(tmp_path: Path) -> None:
    other = {**PAIR, "provider": "aitems", "id": "key-1"}
    environment = {
        "DATASET_EMULATOR_AUTH": "verify",
        "DATASET_EMULATOR_CREDENTIALS": write(tmp_path, PAIR, other),
    }
    with served("--port", "0", "--quiet", **environment) as emulator:
        assert coactive(emulator, f"Bearer client-7:{SECRET}") == 200
        assert coactive(emulator, f"Bearer key-1:{SECRET}") == 401
        assert coactive(emulator, "Bearer emulator:emulator") == 401
        assert aitems(emulator, "key-1", SECRET) == 200
        assert aitems(emulator, "client-7", SECRET) == 401


def test_the_environment_beats_the_configuration_file(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    credentials = write(tmp_path, {**PAIR, "provider": "*"})
    file.write_text(f'auth = "off"\ncredentials = "{credentials}"\nport = 0\nquiet = true\n')
    with served("--config", str(file), DATASET_EMULATOR_AUTH="verify") as emulator:
        assert coactive(emulator, f"Bearer client-7:{SECRET}") == 200
        assert aitems(emulator, "client-7", SECRET) == 200
        assert aitems(emulator, "emulator", "emulator") == 401


WARNING = "aitems: received credentials that look real; made-up ones are enough here, and these are not stored"  # fmt: skip


def refusal(provider: str, operation: str, reason: str) -> str:
    return f"{provider} {operation} rejected: {reason} (--auth verify requires credentials, --auth off does not)"  # fmt: skip


SAID = [
    refusal("coactive", "GetDatasets", "the client secret does not match"),
    refusal("aitems", "GetDatasetList", "the signature does not match"),
    WARNING,
    refusal("aitems", "GetDatasetList", "the access key is unknown"),
    refusal("aitems", "GetDatasetList", "the access key is unknown"),
]


@pytest.mark.parametrize("form", ["text", "json"])
def test_refusals_are_logged_on_a_line_each_and_without_secrets(tmp_path: Path, form: str) -> None:
    file = write(tmp_path, {**PAIR, "provider": ["aitems", "coactive"]})
    arguments = ["--port", "0", "--quiet", "--auth", "verify", "--credentials", file]
    others = {"DATASET_EMULATOR_AUTH": "off", "DATASET_EMULATOR_CREDENTIALS": "absent"}
    with served(*arguments, "--log-format", form, **others) as emulator:  # flags come first
        assert coactive(emulator, f"Bearer client-7:{SECRET}") == 200
        assert coactive(emulator, "Bearer client-7:other-secret") == 401
        assert aitems(emulator, "client-7", "other-secret") == 401
        assert aitems(emulator, REAL, SECRET) == 401
        assert aitems(emulator, REAL, SECRET) == 401
        journal = requests.get(f"{emulator.base}/_emulator/requests", timeout=TIMEOUT).text
        assert emulator.stop() == 0
        _, logged = emulator.process.communicate()
    lines = logged.splitlines()
    if form == "text":
        assert [line.partition(" ")[2] for line in lines] == [f"WARNING: {line}" for line in SAID]
    else:
        entries = [json.loads(line) for line in lines]
        assert [entry.pop("message") for entry in entries] == SAID
        for entry in entries:
            assert list(entry) == ["time", "level", "logger"]
            assert entry["level"] == "warning"
            assert entry["logger"].startswith("emulator.")
    for secret in (SECRET, "other-secret", REAL):
        assert secret not in logged
        assert secret not in journal
