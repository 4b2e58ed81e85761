"""What exists at Coactive AI: datasets. Ids are lower-case dashed UUIDs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.core.resources import Resource

Encoder = dict[str, Any]
"""`id`, `name`, `modality` and `modalities` of the model that reads a dataset's assets."""


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset with its encoders; what was never updated or deleted says so with None."""

    kind: ClassVar[str] = "dataset"

    name: str
    created_by: str
    encoders: list[Encoder]
    description: str | None
    allowed_asset_types: list[str]
    keyframe_sampling_method: str
    keyframe_uniform_fps_sampling_rate: float | None
    store_original: bool
    store_preview: bool
    metadata_fields_to_index: list[str] | None
    metadata_fields_to_embed: list[str] | None
    dataset_config: dict[str, Any] | None
    updated_dt: int | None = None
    updated_by: str | None = None
    deleted_dt: int | None = None
    deleted_by: str | None = None
