"""The wire format of the earlier generation: camel case, times without a zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import fields

from emulator.api import IsoMicros, Spelling, Wire, camel, reads, snake
from emulator.providers.coactive.wire import Page


@dataclass(frozen=True, kw_only=True)
class CreateDataset:
    """The request to create a dataset; None was not sent."""

    name: str
    description: str | None
    credentials_id: str | None
    encoder: str | None
    settings: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class OneDataset:
    """The request to get or delete a dataset."""

    dataset_id: str


@dataclass(frozen=True, kw_only=True)
class UpdateDataset:
    """The request to change a dataset; None leaves a member unchanged."""

    dataset_id: str
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class GetDatasets:
    """The request to list a page of datasets."""

    offset: int
    limit: int


class LocalMicros(IsoMicros):
    """Microseconds as `2018-09-11T15:11:45.456777`: UTC, without a zone."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: object) -> str | None:
        text = super()._serialize(value, attr, obj, **options)
        return text and text.removesuffix("Z")


class _Whole(Wire):
    omits_none: ClassVar[bool] = False


class _Dataset(_Whole):
    created_user_id = fields.String(attribute="created_by")
    created_dt = LocalMicros(attribute="created_at")
    updated_user_id = fields.String(attribute="updated_by")
    updated_dt = LocalMicros()
    name = fields.String()
    description = fields.String()
    dataset_id = fields.String(attribute="id")
    status = fields.String(attribute="state.name")
    is_deletable = fields.Boolean()
    image_count = fields.Integer()
    video_count = fields.Integer()
    encoder = fields.String()


class _Page(Page):
    naming: ClassVar[Spelling] = camel


class _Meta(_Whole):
    page = fields.Nested(_Page)
    links = fields.Raw()
    sort = fields.Raw()


class _Datasets(_Whole):
    meta = fields.Nested(_Meta)
    data = fields.List(fields.Nested(_Dataset))


REQUESTS: Mapping[str, type[Wire]] = {
    "CreateDataset": reads(CreateDataset, camel),
    "GetDataset": reads(OneDataset, snake),
    "GetDatasets": reads(GetDatasets, snake),
    "UpdateDataset": reads(UpdateDataset, snake),
    "DeleteDataset": reads(OneDataset, snake),
}

RESPONSES: Mapping[str, type[Wire] | None] = {
    "CreateDataset": _Dataset,
    "GetDataset": _Dataset,
    "GetDatasets": _Datasets,
    "UpdateDataset": _Dataset,
    "DeleteDataset": None,
}
