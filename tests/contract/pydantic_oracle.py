"""FastAPI and Pydantic themselves, with the documented models, as the judge of Coactive's errors.

The same request goes to the emulator and to an application built as the vendor's is thought to
be. What the application answers, item by item, the emulator answers, too.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field
from werkzeug.test import Client

from emulator.app import Application
from emulator.settings import Settings

DATASETS = "/api/v1/datasets"
LOGIN = "/api/v0/login"
ENCODERS = [
    "multimodal", "multimodal-tx-large2", "multimodal-tx-large3", "multimodal-tx-large4",
    "nova2-multimodal", "resnet-50", "resnet-50-reduced",
]  # fmt: skip
ID = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
"""The one dataset that the application knows."""

if TYPE_CHECKING:

    class VisualEncoderName(StrEnum):
        """One of `ENCODERS`."""

else:
    VisualEncoderName = Enum("VisualEncoderName", {name: name for name in ENCODERS}, type=str)


class AssetType(StrEnum):
    image = "image"
    video = "video"


class SamplingMethod(StrEnum):
    intelligent = "intelligent"
    uniform = "uniform"


class Status(StrEnum):
    active = "active"
    inactive = "inactive"
    deleting = "deleting"
    deleted = "deleted"


class Grant(StrEnum):
    refresh_token = "refresh_token"
    client_credentials = "client_credentials"


class CompositeSettings(BaseModel):
    maximum_slice_duration_seconds: int


class ExtraConfig(BaseModel):
    composite_settings: dict[str, CompositeSettings]


class HybridSearchConfig(BaseModel):
    weights: dict[str, float]


class DatasetConfig(BaseModel):
    embedding_id: dict[str, UUID]
    encoder_name: dict[str, str]
    extra_config: ExtraConfig | None = None
    hybrid_search: HybridSearchConfig | None = None
    context_studio_enabled: bool | None = False
    metadata_fields_to_embed: list[str] | None = None
    metadata_fields_to_index: list[str] | None = None
    celebrity_detection_enabled: bool | None = False
    agentic_search_metadata_description: dict[str, str] | None = None
    asset_identifier_key: str | None = None
    context_studio_export_json_connection_name: str | None = None


class DatasetCreateRequest(BaseModel):
    name: str = Field(min_length=1, pattern=r"^[a-zA-Z0-9_]+$")
    encoder_name: VisualEncoderName
    dataset_id: UUID | None = None
    add_to_permit: bool = True
    description: str | None = None
    allowed_asset_types: list[AssetType] = [AssetType.image, AssetType.video]
    keyframe_sampling_method: SamplingMethod = SamplingMethod.intelligent
    keyframe_uniform_fps_sampling_rate: float | None = Field(None, ge=0.00001, le=5)
    store_original: bool = True
    store_preview: bool = True
    metadata_fields_to_index: list[str] | None = None
    metadata_fields_to_embed: list[str] | None = None
    dataset_config: DatasetConfig | None = None


class DatasetUpdateRequest(BaseModel):
    name: str | None = Field(None, min_length=1, pattern=r"^[a-zA-Z0-9_]+$")
    description: str | None = None
    status: Literal["active", "inactive"] = "active"
    store_original: bool | None = None
    store_preview: bool | None = None
    dataset_config: DatasetConfig | None = None


class LoginRequest(BaseModel):
    grant_type: Grant = Grant.refresh_token


oracle = FastAPI()


@oracle.post(DATASETS)
async def create_dataset(request: DatasetCreateRequest) -> DatasetCreateRequest:
    return request


@oracle.get(DATASETS)
async def get_datasets(  # noqa: PLR0917
    skip: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1)] = 100,
    include_deleted: bool = False,
    dataset_ids: Annotated[list[UUID] | None, Query()] = None,
    status: Annotated[list[Status] | None, Query()] = None,
    allowed_asset_types: Annotated[list[AssetType] | None, Query()] = None,
    keyframe_sampling_method: SamplingMethod | None = None,
    store_original: bool | None = None,
    store_preview: bool | None = None,
    created_before: datetime | None = None,
    created_after: datetime | None = None,
    last_updated_before: datetime | None = None,
    last_updated_after: datetime | None = None,
    name_pattern: str | None = None,
    new_video_data_model: bool | None = None,
    celebrity_detection_enabled: bool | None = None,
    context_studio_enabled: bool | None = None,
) -> Mapping[str, int]:
    return {"limit": limit, "offset": skip}


@oracle.get(f"{DATASETS}/{{dataset_id}}")
async def get_dataset(dataset_id: UUID, include_deleted: bool = False) -> None:
    raise HTTPException(404, "Dataset not found")


@oracle.patch(f"{DATASETS}/{{dataset_id}}")
async def update_dataset(dataset_id: UUID, request: DatasetUpdateRequest) -> DatasetUpdateRequest:
    if str(dataset_id) != ID:
        raise HTTPException(404, "Dataset not found")
    return request


@oracle.delete(f"{DATASETS}/{{dataset_id}}")
async def delete_dataset(dataset_id: UUID) -> None:
    raise HTTPException(404, "Dataset not found")


@oracle.get(f"{DATASETS}/{{dataset_id}}/config")
async def get_dataset_config(dataset_id: UUID) -> None:
    raise HTTPException(404, "Dataset not found")


@oracle.get("/api/v1/encoders")
async def list_available_encoders() -> None:
    return None


@oracle.post(LOGIN)
async def login(request: LoginRequest | None = None) -> None:
    return None


@oracle.get("/crash")
async def crash() -> None:
    raise RuntimeError


@dataclass(frozen=True)
class Said:
    status: int
    content_type: str
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)


def ask_oracle(
    method: str, path: str, body: bytes = b"", content_type: str | None = None, query: str = ""
) -> Said:
    """Call the application as a server would."""
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [] if content_type is None else [(b"content-type", content_type.encode())],
        "state": {},
    }
    sent: list[Mapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    try:
        asyncio.run(oracle(scope, receive, send))
    except Exception:
        assert sent[0]["status"] == 500
    headers = dict(sent[0]["headers"])
    text = b"".join(message.get("body", b"") for message in sent)
    return Said(sent[0]["status"], headers[b"content-type"].decode(), text)


@cache
def application() -> Application:
    return Application(Settings(auth="off", clock="frozen", strict=True))


def ask_emulator(
    method: str, path: str, body: bytes = b"", content_type: str | None = None, query: str = ""
) -> Said:
    application().world.reset("coactive")
    client = Client(application())
    if method == "PATCH":
        params = {"name": "before", "encoder_name": "multimodal", "dataset_id": ID}
        assert client.post(f"/coactive{DATASETS}", json=params).status_code == 200
    answer = client.open(
        f"/coactive{path}",
        method=method,
        data=body,
        query_string=query,
        headers={} if content_type is None else {"Content-Type": content_type},
    )
    return Said(answer.status_code, answer.headers["Content-Type"], answer.get_data())


def compare(method: str, path: str, *request: Any, **more: Any) -> tuple[Any, Any] | None:
    """Ask both; give what they answered where both succeed.

    The framework crashes when it writes numbers that are not finite; the emulator refuses them.
    """
    wanted = ask_oracle(method, path, *request, **more)
    said = ask_emulator(method, path, *request, **more)
    asked = (method, path, request, more)
    assert said.status == {500: 422}.get(wanted.status, wanted.status), (asked, said.body)
    if wanted.status == 500:
        return None
    assert said.content_type == wanted.content_type, asked
    if wanted.status == 200:
        return said.document, wanted.document
    assert json.dumps(said.document) == json.dumps(wanted.document), asked
    return None
