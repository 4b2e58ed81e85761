"""Coactive through the vendor's client for Python, which has an interpreter of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from emulator.testing import World
from tests.programs import missing

HERE = Path(__file__).parent
PYTHON = HERE.parents[2] / ".venv-coactive" / "bin" / "python"
SECONDS = 120
START = "2099-04-01T08:00:00.123Z"
ENCODERS = [
    "multimodal", "multimodal-tx-small1", "multimodal-tx-small2",
    "multimodal-tx-large1", "multimodal-tx-large2", "multimodal-tx-large3",
]  # fmt: skip
UNKNOWN = {"raised": "NotFoundError", "status": 404, "body": {"detail": "Dataset not found"}}
TAKEN = {
    "raised": "BadRequestError",
    "status": 400,
    "body": {"detail": "A dataset with this name or id already exists"},
}


def ask(world: World) -> list[dict[str, Any]]:
    """Run the flow with the vendor's two clients, one after the other."""
    if not PYTHON.exists():
        missing(f"{PYTHON} (make clients)")
    world.clock.freeze(START)
    urls = [world.url("coactive"), world.control]
    done = subprocess.run(
        [PYTHON, HERE / "dataset_flow.py", *urls],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    document: list[dict[str, Any]] = json.loads(done.stdout)
    return document


def shown(begun: int, dataset_id: str, **members: Any) -> dict[str, Any]:
    """A whole model; `begun` is how many seconds after the start of the test it was made."""
    time = created(begun)
    return {
        "createdUserId": "client-7",
        "createdDt": time,
        "updatedUserId": "client-7",
        "updatedDt": time,
        "description": None,
        "datasetId": dataset_id,
        "isDeletable": True,
        "imageCount": 0,
        "videoCount": 0,
        "encoder": "multimodal",
        **members,
    }


def created(begun: int) -> str:
    hours, seconds = divmod(begun, 3600)
    return f"2099-04-01 {8 + hours:02}:00:{seconds:02}.123000"


def listed(data: list[Any], *, limit: int, offset: int) -> dict[str, Any]:
    def link(at: int) -> str:
        return f"/api/v1/datasets?offset={at}&limit={limit}"

    return {
        "meta": {
            "page": {
                "currentPage": offset // limit + 1,
                "lastPage": -(-2 // limit),
                "limit": limit,
                "offset": offset,
                "total": 2,
            },
            "links": {
                "prev": link(offset - limit) if offset else None,
                "next": None,
                "first": link(0),
                "last": link(1 if limit == 1 else 0),
            },
            "sort": [{"direction": "asc", "field": "createdDt"}],
        },
        "data": data,
    }


def wanted(begun: int) -> dict[str, Any]:
    """What a client hears that begins so many seconds after the start."""
    everything = {
        "name": "Game of Thrones",
        "description": "Screenshots and clips",
        "encoder": "multimodal-tx-large3",
    }
    first = shown(begun, "<first>", **everything, status="Ready")
    second = shown(begun + 1, "<second>", name="clips_1", status="Ready")
    later = {"updatedDt": created(begun + 3601)}
    permitted = ", ".join(f"'{name}'" for name in ENCODERS)
    return {
        "created": {**first, "status": "Incomplete"},
        "named only": {**second, "status": "Incomplete"},
        "ready": first,
        "listed": listed([first, second], limit=100, offset=0),
        "page": listed([second], limit=1, offset=1),
        "nothing changed": first,
        "renamed": {**first, "name": "GoT", "description": "d", **later},
        "description left": {**first, "name": "GoT", "description": "d", **later},
        "taken": TAKEN,
        "renamed to one taken": TAKEN,
        "unknown encoder": {
            "raised": "UnprocessableEntityError",
            "status": 422,
            "body": {
                "detail": [
                    {
                        "loc": ["body", "description"],
                        "msg": "str type expected",
                        "type": "type_error.str",
                    },
                    {
                        "loc": ["body", "encoder"],
                        "msg": f"value is not a valid enumeration member; permitted: {permitted}",
                        "type": "type_error.enum",
                    },
                ]
            },
        },
        "unknown page": {
            "raised": "UnprocessableEntityError",
            "status": 422,
            "body": {
                "detail": [
                    {
                        "loc": ["query", "offset"],
                        "msg": "ensure this value is greater than or equal to 0",
                        "type": "value_error.number.not_ge",
                    }
                ]
            },
        },
        "unknown dataset": UNKNOWN,
        "unknown to update": UNKNOWN,
        "unknown to delete": UNKNOWN,
        "not emulated": {
            "raised": "ApiError",
            "status": 400,
            "body": {"detail": "DeleteImage is not emulated; /_emulator/operations lists what is."},
        },
        "images": {
            "meta": {
                "page": {"currentPage": 1, "lastPage": 0, "limit": 10, "offset": 0, "total": 0},
                "links": {"prev": None, "next": None, "first": None, "last": None},
                "sort": [],
            },
            "data": [],
        },
        "deleted": None,
        "gone": UNKNOWN,
        "left": ["clips_1"],
        **made_by_the_later_generation(begun + 7201),
    }


def made_by_the_later_generation(begun: int) -> dict[str, Any]:
    """What a client hears of a dataset whose encoder it has no name for."""
    later = shown(begun, "<later>", name="clips_2", status="Incomplete")
    del later["encoder"]
    later |= {"createdUserId": "user123", "updatedUserId": "user123"}
    return {
        "the later one's": later,
        "its name": TAKEN,
        "renamed by the client": {**later, "name": "Clips, 2", "updatedUserId": "client-7"},
        "both": ["clips_1", "Clips, 2"],
        "deleted by the client": None,
        "deleting": "Deleting",
        "deleted twice": UNKNOWN,
    }


def test_the_vendors_clients_take_datasets_through_their_life(dataset_world: World) -> None:
    synchronous, asynchronous = ask(dataset_world)
    assert synchronous == wanted(0)
    assert asynchronous == wanted(3 * 3600 + 1)
