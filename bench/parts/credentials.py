"""What checking credentials costs: the same creations at each level of `--auth`, in process.

The Bearer token is a JSON Web Token of a login.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from typing import Literal, get_args

from bench import workloads
from bench.library.options import Bench
from bench.library.results import Column, Section, Table
from emulator.app import Application
from emulator.dialects.fastapi.tokens import issue
from emulator.settings import Settings
from tests.contract.signing import NOW, SIGNERS, Sent, send, unsigned

PART = "credentials"
WANTED = 1.3
"""How many times as much `verify` may cost as `off`."""

Level = Literal["off", "parse", "verify"]
LEVELS: tuple[Level, ...] = get_args(Level)


def run(bench: Bench) -> Section:
    """Measure the creations of every provider."""
    count = bench.options.samples
    columns = [Column("CreateDataset"), *(Column(f"{level} ms", ".3f") for level in LEVELS)]
    table = Table([*columns, Column("verify / off", ".2f", at_most=WANTED)])
    applications = {level: _emulator(level, count) for level in LEVELS}
    for name in applications["off"].contracts:
        times = _times(applications, name, count)
        medians = [1000 * statistics.median(times[level]) for level in LEVELS]
        table.rows.append([name, *medians, medians[-1] / medians[0]])
    method = (
        f"The same creations at each level of `--auth`, in one process and in turn; medians of the processor time of {count} each. "
        "Coactive's credential is an access token, whose RS256 signature is checked. "
        f"Wanted: at most {WANTED}."
    )  # fmt: skip
    return Section(PART, method, [table])


def _emulator(level: Level, count: int) -> Application:
    nanoseconds = int(NOW.timestamp()) * 10**9
    settings = Settings(auth=level, demo=True, clock="frozen", lifecycle="immediate")
    application = Application(settings, wall=lambda: nanoseconds)
    for provider in ("personalize", "lookoutvision"):
        unlimited = dict.fromkeys(application.contracts[provider].quotas)
        application.world.settings.set_limits(provider, unlimited)
    for number in range(count):
        for provider, path, headers, body in workloads.containers(application.contracts, number):
            data = json.dumps(body).encode()
            target, bare = f"/{provider}{path}", unsigned(headers)
            sent = Sent(method="POST", target=target, headers=bare, body=data)
            status, response = send(application, SIGNERS[provider](sent, "emulator", "emulator"))
            assert status == 200, response
    return application


def _times(
    applications: Mapping[Level, Application], name: str, count: int
) -> Mapping[Level, list[float]]:
    times: dict[Level, list[float]] = {level: [] for level in applications}
    for number in range(count):
        for level, application in applications.items():
            sent = _signed(application, name, number)
            began = time.process_time()
            status, body = send(application, sent)
            times[level].append(time.process_time() - began)
            assert status < 300, body
    return times


def _signed(application: Application, name: str, number: int) -> Sent:
    contract = application.contracts[name]
    example = contract.seed["example"]
    body = json.loads(json.dumps(example["body"]))
    path = workloads.CHANGES[name](body, number)
    headers = unsigned(example["headers"])
    target = f"/{name}{path}"
    data = json.dumps(body).encode()
    sent = Sent(method=example["method"], target=target, headers=headers, body=data)
    if name == "coactive":
        token = issue(contract.rules["login"], "emulator", int(NOW.timestamp()))
        return sent.also(Authorization=f"Bearer {token}")
    return SIGNERS[name](sent, "emulator", "emulator")
