"""How Coactive AI's datasets look on the wire: snake case, nulls written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import fields

from emulator.core.wire import IsoMicros, Spelling, Wire, reads, snake


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request for a dataset, complete: what was left out has the default of its schema."""

    name: str
    encoder_name: str
    dataset_id: str | None
    description: str | None
    allowed_asset_types: list[str]
    keyframe_sampling_method: str
    keyframe_uniform_fps_sampling_rate: float | None
    store_original: bool
    store_preview: bool
    metadata_fields_to_index: list[str] | None
    metadata_fields_to_embed: list[str] | None
    dataset_config: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class GetDataset:
    """The request to see a dataset."""

    dataset_id: str


class _Dataset(Wire):
    naming: ClassVar[Spelling] = snake
    omits_none = False

    created_dt = IsoMicros(attribute="created_at")
    created_by = fields.String()
    id = fields.String()
    name = fields.String()
    embeddings = fields.Raw(attribute="encoders", dump_only=True)
    encoders = fields.Raw()
    description = fields.String()
    allowed_asset_types = fields.Raw()
    status = fields.String(attribute="state.name")
    keyframe_sampling_method = fields.String()
    store_original = fields.Boolean()
    store_preview = fields.Boolean()
    updated_dt = IsoMicros()
    updated_by = fields.String()
    deleted_dt = IsoMicros()
    deleted_by = fields.String()
    keyframe_uniform_fps_sampling_rate = fields.Raw()
    metadata_fields_to_index = fields.Raw()
    metadata_fields_to_embed = fields.Raw()
    dataset_config = fields.Raw()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDataset": reads(CreateDataset, snake),
    "GetDataset": reads(GetDataset, snake),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDataset": _Dataset,
    "GetDataset": _Dataset,
}
