"""The AWS pair for the measurement of growth: a world of it, and the calls that are timed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from emulator.core.storage.repository import Repository

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


def fill_personalize(repository: Repository, stored: int) -> None:
    for number in range(stored):
        repository.now += 1
        name = f"x{number}"
        kinds: Mapping[str, Any] = repository.mapper.kinds
        repository.add(kinds["schema"](id=f"{ARN}schema/{name}", name=name, schema=AVRO))
        group = repository.add(kinds["dataset-group"](id=f"{ARN}dataset-group/{name}", name=name))
        dataset = kinds["dataset"](
            id=f"{ARN}dataset/{name}/ITEMS",
            name=name,
            dataset_group_arn=group.id,
            dataset_type="ITEMS",
            schema_arn=f"{ARN}schema/{name}",
        )
        repository.add(dataset, parent=group.id)


def fill_lookoutvision(repository: Repository, stored: int) -> None:
    for number in range(stored):
        repository.now += 1
        name = f"x{number}"
        kinds: Mapping[str, Any] = repository.mapper.kinds
        repository.add(kinds["project"](id=name, project_arn=f"arn:aws:lookoutvision:us-east-1:123456789012:project/{name}"))  # fmt: skip
        dataset = kinds["dataset"](id=f"{name}/test", project_name=name, dataset_type="test")
        repository.add(dataset, parent=name)


def calls() -> Iterator[tuple[str, Call]]:
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
    headers = Headers({"X-Amz-Target": f"AmazonPersonalize.{operation}"})
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
