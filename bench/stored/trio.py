"""The three of `POST /api/v1/datasets` for the measurement of growth: worlds, and timed calls.

Of every ten datasets one has what the filters look for, so that a page of ten fills in the
small worlds, too. The names of ten datasets, in each world, hold the word `rare`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from werkzeug.test import EnvironBuilder

from bench.stored.aws_pair import Call
from emulator.core.storage.repository import Repository

WORKSPACE = "478123"
ROUTE = "/api/v1/datasets"
CALLER = "2485765000023475"
URI = "nas://09f1abcdef.cn-hangzhou/"


def fill_pai(repository: Repository, stored: int) -> None:
    """Store datasets with a version each."""
    for number in range(stored):
        repository.now += 1
        of_both: dict[str, Any] = {"data_source_type": "NAS", "uri": URI, "source_type": "USER"}
        of_both["labels"] = {}
        of_both["property"] = "DIRECTORY" if number % 10 else "FILE"
        kinds: Mapping[str, Any] = repository.mapper.kinds
        dataset = kinds["dataset"](
            id=_pai_id(number),
            name=_name(number),
            workspace_id=WORKSPACE,
            owner_id=CALLER,
            user_id=CALLER,
            data_type="COMMON",
            accessibility="PRIVATE",
            provider_type="Ecs",
            edition="BASIC",
            mount_access_read_write_role_id_list=[],
            **of_both,
        )
        repository.add(dataset, parent=WORKSPACE)
        numbered: dict[str, Any] = {"dataset_id": dataset.id, "number": 1, "version_name": "v1"}
        version = kinds["dataset-version"](id=f"{dataset.id}/v1", **numbered, **of_both)
        repository.add(version, parent=dataset.id)


def fill_aitems(repository: Repository, stored: int) -> None:
    """Store datasets of one schema."""
    kinds: Mapping[str, Any] = repository.mapper.kinds
    for number in range(stored):
        repository.now += 1
        dataset = kinds["dataset"](
            id=f"{number:011}",
            type="item",
            name=f"x{number}",
            description="",
            schema_name="test_item",
            os_info={"region": "KR", "bucket": "b", "key": "k.csv"},
        )
        repository.add(dataset)


def fill_coactive(repository: Repository, stored: int) -> None:
    """Store datasets that are not deleted."""
    kinds: Mapping[str, Any] = repository.mapper.kinds
    for number in range(stored):
        repository.now += 1
        dataset = kinds["dataset"](
            id=_uuid(number),
            name=_name(number),
            created_by="user123",
            encoders=[],
            keyframe_sampling_method="intelligent" if number % 10 else "uniform",
        )
        repository.add(dataset)


def calls() -> Iterator[tuple[str, Call]]:
    """Yield every timed call, with its name."""
    yield "pai CreateDataset", _post("pai", lambda n: {"Name": f"n{n}", "Property": "FILE", "DataSourceType": "NAS", "Uri": URI})  # fmt: skip
    yield "pai GetDataset", _get("pai", lambda n: f"/{_pai_id(n)}")
    yield "pai ListDatasets", _get("pai", lambda n: "", PageSize=10)
    yield "pai ListDatasets, Properties", _get("pai", lambda n: "", Properties="FILE")
    yield "pai ListDatasets, Name, of ten in each", _get("pai", lambda n: "", Name="rare")
    yield "pai ListDatasets, Name, of one in ten", _get("pai", lambda n: "", Name="tenth")
    yield "pai ListDatasets, Name, three characters", _get("pai", lambda n: "", Name="ten")
    yield "pai ListDatasets, two filters", _get("pai", lambda n: "", Properties="FILE", DataSourceTypes="NAS")  # fmt: skip
    yield "aitems CreateDataset", _post("aitems", lambda n: {"type": "item", "name": f"n{n:04}", "description": "", "schemaName": "test_item", "osInfo": {"region": "KR", "bucket": "b", "key": "k.csv"}})  # fmt: skip
    yield "aitems GetDataset", _get("aitems", lambda n: f"/{n:011}")
    yield "aitems GetDatasetList", _get("aitems", lambda n: "", limit=10)
    yield "coactive CreateDataset", _post("coactive", lambda n: {"name": f"n{n}", "encoder_name": "multimodal"})  # fmt: skip
    yield "coactive GetDataset", _get("coactive", lambda n: f"/{_uuid(n)}")
    yield "coactive GetDatasets", _get("coactive", lambda n: "", limit=10)
    yield "coactive GetDatasets, keyframe_sampling_method", _get("coactive", lambda n: "", limit=10, keyframe_sampling_method="uniform")  # fmt: skip
    yield "coactive GetDatasets, status", _get("coactive", lambda n: "", limit=10, status="active")
    yield "coactive GetDatasets, name_pattern, of ten in each", _get("coactive", lambda n: "", limit=10, name_pattern="rare")  # fmt: skip


def _name(number: int) -> str:
    return f"x{number}_{'rare' if number < 10 else '' if number % 10 else 'tenth'}"


def _pai_id(number: int) -> str:
    return f"d-{number:018}"


def _uuid(number: int) -> str:
    return str(UUID(int=number))


def _post(provider: str, members: Any) -> Call:
    return lambda number: EnvironBuilder(
        f"/{provider}{ROUTE}",
        method="POST",
        data=json.dumps(members(number)),
        content_type="application/json",
    )


def _get(provider: str, path: Any, **query: object) -> Call:
    return lambda number: EnvironBuilder(
        f"/{provider}{ROUTE}{path(number)}", query_string=urlencode(query)
    )
