"""What checking credentials costs: the same creations at each level of `--auth`, in process.

python -m bench.credentials [--requests 300]

Levels take turns request by request, so that a slow moment of the machine affects all of them;
medians of processor time are compared. The Bearer token is a JSON Web Token of a login.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from typing import Literal, get_args

from bench import workloads
from emulator.app import Application
from emulator.dialects.fastapi.tokens import issue
from emulator.settings import Settings
from tests.contract.signing import NOW, SIGNERS, Sent, send, unsigned

Level = Literal["off", "parse", "verify"]
LEVELS: tuple[Level, ...] = get_args(Level)


def main() -> None:
    """Print the medians of every level, and the ratio of `verify` to `off`."""
    parser = argparse.ArgumentParser(prog="python -m bench.credentials")
    parser.add_argument("--requests", type=int, default=300, help="requests per level")
    report(parser.parse_args().requests)


def report(count: int) -> None:
    """Measure every provider."""
    print(
        "\n| CreateDataset | off ms | parse ms | verify ms | verify / off |\n|---|---|---|---|---|"
    )
    applications = {level: _emulator(level, count) for level in LEVELS}
    for name in applications["off"].contracts:
        times = _times(applications, name, count)
        off, parse, verify = (1000 * statistics.median(times[level]) for level in LEVELS)
        print(f"| {name} | {off:.3f} | {parse:.3f} | {verify:.3f} | {verify / off:.2f} |")


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


if __name__ == "__main__":
    main()
