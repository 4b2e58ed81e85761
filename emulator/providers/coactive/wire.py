"""The wire format of Coactive AI's datasets: snake case, nulls written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from marshmallow import fields

from emulator.api import IsoMicros, Spelling, Wire, datetimes, reads, snake


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request to create a dataset, with the defaults of its schema."""

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


class Moment(fields.Field[int]):
    """A date-time of the query as microseconds."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> int:
        return datetimes.parse(value)


def _moment() -> Any:
    return field(default=None, metadata={"wire": Moment()})


@dataclass(frozen=True, kw_only=True)
class GetDatasets:
    """The request to list a page of datasets; a filter that is None or empty was not sent."""

    skip: int
    limit: int
    include_deleted: bool
    dataset_ids: list[str] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    allowed_asset_types: list[str] = field(default_factory=list)
    keyframe_sampling_method: str | None = None
    store_original: bool | None = None
    store_preview: bool | None = None
    created_before: int | None = _moment()
    created_after: int | None = _moment()
    last_updated_before: int | None = _moment()
    last_updated_after: int | None = _moment()
    name_pattern: str | None = None
    new_video_data_model: bool | None = None
    celebrity_detection_enabled: bool | None = None
    context_studio_enabled: bool | None = None


@dataclass(frozen=True, kw_only=True)
class GetDataset:
    """The request to get a dataset, even a deleted one where that is asked for."""

    dataset_id: str
    include_deleted: bool


@dataclass(frozen=True, kw_only=True)
class UpdateDataset:
    """The request to change a dataset; None leaves a member unchanged."""

    dataset_id: str
    name: str | None = None
    description: str | None = None
    status: str | None = None
    store_original: bool | None = None
    store_preview: bool | None = None
    dataset_config: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class DeleteDataset:
    """The request to delete a dataset."""

    dataset_id: str


@dataclass(frozen=True, kw_only=True)
class GetDatasetConfig:
    """The request to get the configuration of a dataset."""

    dataset_id: str


@dataclass(frozen=True, kw_only=True)
class ListAvailableEncoders:
    """The request for the encoders there are."""


class _Whole(Wire):
    naming: ClassVar[Spelling] = snake
    omits_none = False


class _Dataset(_Whole):
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


class Page(_Whole):
    """The position of a page in its list."""

    current_page = fields.Integer()
    last_page = fields.Integer()
    limit = fields.Integer()
    offset = fields.Integer()
    total = fields.Integer()


class _Meta(_Whole):
    page = fields.Nested(Page)


class _Datasets(_Whole):
    meta = fields.Nested(_Meta)
    data = fields.List(fields.Nested(_Dataset))


class _DatasetConfig(_Whole):
    dataset_id = fields.String()
    embedding_id = fields.Raw()
    encoder_name = fields.Raw()
    hybrid_search = fields.Raw()
    metadata_fields_to_embed = fields.Raw()
    metadata_fields_to_index = fields.Raw()
    new_video_data_model = fields.Boolean()
    celebrity_detection_enabled = fields.Boolean()
    context_studio_enabled = fields.Boolean()
    agentic_search_metadata_description = fields.Raw()
    asset_identifier_key = fields.String()


class _Encoders(_Whole):
    """A bare list."""

    name = fields.String()
    description = fields.String()
    modality = fields.String()

    def __init__(self) -> None:
        super().__init__(many=True)


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDataset": reads(CreateDataset, snake),
    "GetDatasets": reads(GetDatasets, snake),
    "GetDataset": reads(GetDataset, snake),
    "UpdateDataset": reads(UpdateDataset, snake),
    "DeleteDataset": reads(DeleteDataset, snake),
    "GetDatasetConfig": reads(GetDatasetConfig, snake),
    "ListAvailableEncoders": reads(ListAvailableEncoders, snake),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDataset": _Dataset,
    "GetDatasets": _Datasets,
    "GetDataset": _Dataset,
    "UpdateDataset": _Dataset,
    "DeleteDataset": _Dataset,
    "GetDatasetConfig": _DatasetConfig,
    "ListAvailableEncoders": _Encoders,
}
