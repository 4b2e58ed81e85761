"""Whether cost grows with what is stored: the same calls on a small and on a large world.

Both applications live in this process, and calls take turns between them, so that a slow
moment of the machine meets both.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.test import EnvironBuilder

from emulator.app import Application
from emulator.core.shelf import Shelf
from emulator.providers.lookoutvision.resources import Dataset as VisionDataset
from emulator.providers.lookoutvision.resources import Project, dataset_id
from emulator.providers.personalize.resources import Dataset, DatasetGroup, Schema
from emulator.settings import Settings

FEW, MANY = 100, 100_000
SCOPE = "123456789012/us-east-1"
ARN = "arn:aws:personalize:us-east-1:123456789012:"
AVRO = json.dumps(
    {
        "type": "record",
        "name": "Users",
        "namespace": "com.amazonaws.personalize.schema",
        "version": "1.0",
        "fields": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": "int"}],
    }
)

Call = Callable[[int], EnvironBuilder]
"""Makes the request with a number."""


@dataclass
class Side:
    """One world and the times its calls took, in seconds."""

    stored: int
    app: Application

    def time(self, call: Call, number: int) -> float:
        environ = call(number).get_environ()
        started: list[str] = []
        began = time.perf_counter()
        b"".join(self.app(environ, lambda status, headers, _=None: started.append(status)))
        took = time.perf_counter() - began
        assert started[0].startswith("2"), started
        return took


def report() -> None:
    """Print the medians on both sides, and their ratio."""
    sides = [Side(stored, _filled(stored)) for stored in (FEW, MANY)]
    print(f"\n| Call | ms with {FEW:,} | ms with {MANY:,} | ratio |")
    print("|---|---|---|---|")
    for name, call in _calls():
        times: list[list[float]] = [[], []]
        for number in range(FEW):
            for side, taken in zip(sides, times, strict=True):
                taken.append(side.time(call, number))
        few, many = (1000 * statistics.median(taken) for taken in times)
        print(f"| {name} | {few:.2f} | {many:.2f} | {many / few:.2f} |")


def _filled(stored: int) -> Application:
    app = Application(Settings(lifecycle="immediate"))
    for provider in ("personalize", "lookoutvision"):
        app.world.limits[provider] = dict.fromkeys(app.contracts[provider].quotas)
    with app.world.shelf("personalize", SCOPE) as shelf:
        _fill_personalize(shelf, stored)
    with app.world.shelf("lookoutvision", SCOPE) as shelf:
        _fill_lookoutvision(shelf, stored)
    return app


def _fill_personalize(shelf: Shelf, stored: int) -> None:
    for number in range(stored):
        shelf.now += 1
        name = f"x{number}"
        shelf.add(Schema(id=f"{ARN}schema/{name}", name=name, schema=AVRO))
        group = shelf.add(DatasetGroup(id=f"{ARN}dataset-group/{name}", name=name))
        dataset = Dataset(
            id=f"{ARN}dataset/{name}/ITEMS",
            name=name,
            dataset_group_arn=group.id,
            dataset_type="ITEMS",
            schema_arn=f"{ARN}schema/{name}",
        )
        shelf.add(dataset, parent=group.id)


def _fill_lookoutvision(shelf: Shelf, stored: int) -> None:
    for number in range(stored):
        shelf.now += 1
        name = f"x{number}"
        shelf.add(Project(id=name, arn=f"arn:aws:lookoutvision:us-east-1:123456789012:project/{name}"))  # fmt: skip
        dataset = VisionDataset(id=dataset_id(name, "test"), project_name=name, dataset_type="test")
        shelf.add(dataset, parent=name)


def _calls() -> Iterator[tuple[str, Call]]:
    yield "personalize CreateSchema", _aws("CreateSchema", lambda n: {"name": f"n{n}", "schema": AVRO})  # fmt: skip
    yield "personalize DescribeSchema", _aws("DescribeSchema", lambda n: {"schemaArn": f"{ARN}schema/x{n}"})  # fmt: skip
    yield "personalize ListSchemas", _aws("ListSchemas", lambda n: {})
    yield "personalize CreateDataset", _aws("CreateDataset", _dataset)
    yield "personalize DescribeDataset", _aws("DescribeDataset", lambda n: {"datasetArn": f"{ARN}dataset/x{n}/ITEMS"})  # fmt: skip
    yield "personalize ListDatasets", _aws("ListDatasets", lambda n: {})
    yield "lookoutvision CreateProject", _rest("POST", lambda n: "", lambda n: {"ProjectName": f"n{n}"})  # fmt: skip
    yield "lookoutvision CreateDataset", _rest("POST", lambda n: f"/n{n}/datasets", lambda n: {"DatasetType": "train"})  # fmt: skip
    yield "lookoutvision DescribeDataset", _rest("GET", lambda n: f"/x{n}/datasets/test")
    yield "lookoutvision ListProjects", _rest("GET", lambda n: "")


def _dataset(number: int) -> dict[str, str]:
    """Put a dataset of users into a group that has one of items."""
    group, schema = f"{ARN}dataset-group/x{number}", f"{ARN}schema/x{number}"
    return {
        "name": f"n{number}",
        "schemaArn": schema,
        "datasetGroupArn": group,
        "datasetType": "Users",
    }


def _aws(operation: str, members: Callable[[int], dict[str, Any]]) -> Call:
    headers = {"X-Amz-Target": f"AmazonPersonalize.{operation}"}
    return lambda number: EnvironBuilder(
        "/personalize/",
        method="POST",
        headers=headers,
        data=json.dumps(members(number)),
        content_type="application/x-amz-json-1.1",
    )


def _rest(
    method: str, path: Callable[[int], str], members: Callable[[int], Any] = lambda n: None
) -> Call:
    return lambda number: EnvironBuilder(
        f"/lookoutvision/2020-11-20/projects{path(number)}",
        method=method,
        data=None if members(number) is None else json.dumps(members(number)),
        content_type="application/json",
    )
