"""The wire format of file metadata; tags and attributes are JSON in a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import fields

from emulator.api import IsoMillis, Text, Wire, json_text, pascal, reads
from emulator.providers.pai.wire import Pascal, Texts


class _JsonText(fields.Field[Any]):
    """A JSON object in a text."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: object) -> str:
        return json_text.write(value).decode()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: object) -> object:
        return json_text.read(value)


class _Sent(Pascal):
    """Members of a file that any request may set."""

    file_name = fields.String()
    file_type = fields.String()
    content_type = fields.String()
    file_finger_print = fields.String()
    file_create_time = fields.String()
    file_update_time = fields.String()
    data_size = fields.Integer()
    comment = fields.String()
    tags = _JsonText()
    meta_attributes = fields.String()


class _New(_Sent):
    uri = fields.String()


class _Change(_Sent):
    id = fields.String(data_key="DatasetFileMetaId")
    semantic_index_job_id = fields.String()
    semantic_index_update_time = fields.String()


@dataclass(frozen=True, kw_only=True)
class CreateDatasetFileMetas:
    """The request to create file metadata."""

    dataset_id: str
    dataset_file_metas: list[dict[str, Any]] = field(
        metadata={"wire": fields.List(fields.Nested(_New))}
    )
    dataset_version: str
    workspace_id: str = field(metadata={"wire": Text()})


@dataclass(frozen=True, kw_only=True)
class UpdateDatasetFileMetas:
    """The request to change file metadata."""

    dataset_id: str
    dataset_file_metas: list[dict[str, Any]] = field(
        metadata={"wire": fields.List(fields.Nested(_Change))}
    )
    dataset_version: str | None = None
    workspace_id: str | None = field(default=None, metadata={"wire": Text()})


@dataclass(frozen=True, kw_only=True)
class DeleteDatasetFileMetas:
    """The request to delete file metadata."""

    dataset_id: str
    dataset_file_meta_ids: list[str] = field(metadata={"wire": Texts()})
    dataset_version: str | None = None
    workspace_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ListDatasetFileMetas:
    """The request to list the file metadata of a version; None does not filter."""

    dataset_id: str
    dataset_version: str
    workspace_id: str
    page_size: int
    order: str
    status: str
    query_type: str
    next_token: str | None = None
    max_results: int | None = None
    sort_by: str | None = None
    dataset_file_meta_ids: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    query_text: str | None = None
    query_image: str | None = None
    query_video: str | None = None
    query_expression: str | None = None
    query_tags_include_any: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    query_tags_include_all: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    query_tags_exclude: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    query_file_type_include_any: list[str] = field(default_factory=list, metadata={"wire": Texts()})
    query_content_type_include_any: list[str] = field(
        default_factory=list, metadata={"wire": Texts()}
    )
    query_file_dir: str | None = None
    query_file_name: str | None = None
    start_file_update_time: str | None = None
    end_file_update_time: str | None = None
    start_tag_update_time: str | None = None
    end_tag_update_time: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetDatasetFileMeta:
    """The request to get the metadata of a file."""

    dataset_id: str
    dataset_file_meta_id: str
    dataset_version: str | None = None
    workspace_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetDatasetFileMetasStatistics:
    """The request to count file metadata."""

    dataset_id: str
    dataset_version: str
    workspace_id: str
    max_results: int
    aggregate_by: str | None = None


class _Outcome(Pascal):
    dataset_file_meta_id = fields.String(attribute="id")
    result = fields.String()
    uri = fields.String()


class _Changed(Pascal):
    status = fields.Boolean()
    failed_details = fields.List(fields.Nested(_Outcome))


class _Created(Pascal):
    status = fields.Boolean()
    succeed_details = fields.List(fields.Nested(_Outcome))
    failed_details = fields.List(fields.Nested(_Outcome))


class _FileMeta(Pascal):
    dataset_file_meta_id = fields.String(attribute="id")
    uri = fields.String()
    file_dir = fields.String()
    file_name = fields.String()
    file_type = fields.String()
    content_type = fields.String()
    file_finger_print = fields.String()
    file_create_time = fields.String()
    file_update_time = fields.String()
    data_size = fields.Integer()
    comment = fields.String()
    meta_attributes = fields.String()
    tags = _JsonText()
    tag_update_time = IsoMillis()
    semantic_index_job_id = fields.String()
    semantic_index_update_time = fields.String()
    status = fields.String()


class _FileMetas(Pascal):
    dataset_file_metas = fields.List(
        fields.Nested(_FileMeta, exclude=("file_dir", "comment", "tag_update_time"))
    )
    dataset_id = fields.String()
    dataset_version = fields.String()
    workspace_id = fields.String()
    total_count = fields.Integer()
    max_results = fields.Integer()
    page_size = fields.Integer()
    next_token = fields.String()


class _OneFileMeta(Pascal):
    dataset_file_meta = fields.Nested(_FileMeta)
    dataset_id = fields.String()
    dataset_version = fields.String()
    workspace_id = fields.String()


class _Stat(Pascal):
    key = fields.String()
    count = fields.Integer()


class _Statistics(Pascal):
    dataset_file_metas_stats = fields.List(fields.Nested(_Stat))
    total_count = fields.Integer()


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDatasetFileMetas": reads(CreateDatasetFileMetas, pascal),
    "UpdateDatasetFileMetas": reads(UpdateDatasetFileMetas, pascal),
    "DeleteDatasetFileMetas": reads(DeleteDatasetFileMetas, pascal),
    "ListDatasetFileMetas": reads(ListDatasetFileMetas, pascal),
    "GetDatasetFileMeta": reads(GetDatasetFileMeta, pascal),
    "GetDatasetFileMetasStatistics": reads(GetDatasetFileMetasStatistics, pascal),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDatasetFileMetas": _Created,
    "UpdateDatasetFileMetas": _Changed,
    "DeleteDatasetFileMetas": _Changed,
    "ListDatasetFileMetas": _FileMetas,
    "GetDatasetFileMeta": _OneFileMeta,
    "GetDatasetFileMetasStatistics": _Statistics,
}
