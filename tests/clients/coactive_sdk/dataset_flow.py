"""Take a dataset through its life with the vendor's client, and print what came back as JSON.

    python dataset_flow.py <URL of the service> <URL of the control API>

It runs in an environment of its own, without the emulator, and knows it by its URLs only.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from coactive import DatasetSettings, EncoderNameEnum, KeyframeSamplingMethodEnum
from coactive.client import AsyncCoactive, Coactive
from coactive.core import ApiError

CREDENTIALS = {"client_id": "client-7", "client_secret": "secret"}
UNUSED = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
EVERYTHING = {
    "name": "Game of Thrones",
    "description": "Screenshots and clips",
    "credentials_id": "cc",
    "encoder": EncoderNameEnum.MULTIMODAL_TX_LARGE_3,
    "settings": DatasetSettings(
        keyframe_sampling_method=KeyframeSamplingMethodEnum.UNIFORM,
        keyframe_uniform_fps_sampling_rate=1.0,
    ),
}

Heard = dict[str, Any]
Ask = Callable[..., Any]
"""Calls a method of the client's datasets by its name."""


def synchronous(url: str) -> Ask:
    client = Coactive(base_url=url, **CREDENTIALS)
    return lambda method, *args, **members: getattr(client.dataset, method)(*args, **members)


def asynchronous(url: str) -> Ask:
    client, runner = AsyncCoactive(base_url=url, **CREDENTIALS), asyncio.Runner()
    return lambda method, *args, **members: runner.run(
        getattr(client.dataset, method)(*args, **members)
    )


def said(ask: Ask, method: str, *args: Any, **members: Any) -> Any:
    """Give the model that came back, or the error that was raised."""
    try:
        return plain(ask(method, *args, **members))
    except ApiError as error:
        name, status = type(error).__name__, error.status_code
        return {"raised": name, "status": status, "body": plain(error.body)}


def plain(answer: Any) -> Any:
    """Give the members of a model."""
    return answer.dict() if hasattr(answer, "dict") else answer


def post(url: str, members: Any) -> Any:
    """Post JSON as somebody does who has no client of the vendor's."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer token"}
    with urlopen(Request(url, json.dumps(members).encode(), headers), timeout=10) as answer:
        return json.load(answer)


class Emulator:
    """The service as the later generation, and the clock."""

    def __init__(self, service: str, control: str) -> None:
        self.service, self.control = service, control

    def advance(self, seconds: float) -> None:
        post(f"{self.control}/clock/advance", {"seconds": seconds})

    def create(self, **members: Any) -> Any:
        return post(f"{self.service}/api/v1/datasets", members)


def flow(ask: Ask, emulator: Emulator) -> Heard:
    """Create with everything and with a name only, look, change, delete."""
    heard = {"created": said(ask, "create", **EVERYTHING)}
    dataset_id = heard["created"]["datasetId"]
    emulator.advance(1)
    heard["named only"] = other = said(ask, "create", name="clips_1")
    emulator.advance(3600)
    heard |= {
        "ready": said(ask, "get", dataset_id),
        "listed": said(ask, "list"),
        "page": said(ask, "list", offset=1, limit=1),
        "nothing changed": said(ask, "update", dataset_id),
        "renamed": said(ask, "update", dataset_id, name="GoT", description="d"),
        "description left": said(ask, "update", dataset_id, description=None),
        **refusals(ask, dataset_id, taken=other["name"]),
        "deleted": said(ask, "delete", dataset_id),
    }
    emulator.advance(3600)
    heard["gone"] = said(ask, "get", dataset_id)
    heard["left"] = [dataset["name"] for dataset in said(ask, "list")["data"]]
    later = emulator.create(name="clips_2", encoder_name="nova2-multimodal")
    heard |= made_by_the_later_generation(ask, later["id"])
    said(ask, "delete", other["datasetId"])
    emulator.advance(3600)
    names = {dataset_id: "<first>", other["datasetId"]: "<second>", later["id"]: "<later>"}
    return named(heard, names)


def made_by_the_later_generation(ask: Ask, dataset_id: str) -> Heard:
    """Live with a dataset that the client did not make."""
    return {
        "the later one's": said(ask, "get", dataset_id),
        "its name": said(ask, "create", name="clips_2"),
        "renamed by the client": said(ask, "update", dataset_id, name="Clips, 2"),
        "both": [dataset["name"] for dataset in said(ask, "list")["data"]],
        "deleted by the client": said(ask, "delete", dataset_id),
        "deleting": said(ask, "get", dataset_id)["status"],
        "deleted twice": said(ask, "delete", dataset_id),
    }


def refusals(ask: Ask, dataset_id: str, taken: str) -> Heard:
    """What the client raises."""
    return {
        "taken": said(ask, "create", name=taken),
        "renamed to one taken": said(ask, "update", dataset_id, name=taken),
        "unknown encoder": said(ask, "create", name="a", encoder="clip", description=[]),
        "unknown page": said(ask, "list", offset=-1),
        "unknown dataset": said(ask, "get", UNUSED),
        "unknown to update": said(ask, "update", UNUSED, name="a"),
        "unknown to delete": said(ask, "delete", UNUSED),
        "not emulated": said(ask, "delete_image", dataset_id, "a"),
        "images": said(ask, "get_images", dataset_id, limit=10),
    }


def named(heard: Heard, names: dict[str, str]) -> Heard:
    """Put names in the place of identifiers that are drawn."""
    text = json.dumps(heard, default=str)
    for identifier, name in names.items():
        text = text.replace(identifier, name)
    document: Heard = json.loads(text)
    return document


if __name__ == "__main__":
    service, control = sys.argv[1:]
    emulator = Emulator(service, control)
    print(json.dumps([flow(make(service), emulator) for make in (synchronous, asynchronous)]))
