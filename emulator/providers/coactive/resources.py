"""The resources of Coactive AI: datasets. Ids are lower-case dashed UUIDs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.api import AnyOf, IndexKeys, Resource

Encoder = dict[str, Any]
"""`id`, `name`, `modality` and `modalities` of an encoder model."""

FLAGS = ("store_original", "store_preview")
"""Members of a dataset that lists can be filtered by."""
CONFIGURED_FLAGS = ("celebrity_detection_enabled", "context_studio_enabled")
"""Members of its configuration, off by default, that lists can be filtered by."""

LIVE, DELETED = "live", "deleted"
IS_LIVE = AnyOf("life", (LIVE,))
"""The filter that excludes deleted datasets."""


@dataclass(kw_only=True)
class Dataset(Resource):
    """A dataset with its encoders; members for updates and deletions are None before."""

    kind: ClassVar[str] = "dataset"
    identifier: ClassVar[str] = "dataset_id"

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
    credentials_id: str | None = None
    commanded: str = "active"
    """The status last requested."""
    updated_dt: int | None = None
    updated_by: str | None = None
    deleted_dt: int | None = None
    deleted_by: str | None = None

    @property
    def life(self) -> str:
        """`live`, or `deleted` from the request to delete it."""
        return LIVE if self.deleted_dt is None else DELETED

    def index_keys(self) -> IndexKeys:
        """Return the index keys.

        Each contains the dataset's life, because most lists exclude deleted ones.
        """
        config = self.dataset_config or {}
        values = {
            "allowed_asset_types": sorted(set(self.allowed_asset_types)),
            "keyframe_sampling_method": [self.keyframe_sampling_method],
            "updated": [] if self.updated_dt is None else [str(True)],
            **{flag: [str(getattr(self, flag))] for flag in FLAGS},
            **{flag: [str(bool(config.get(flag)))] for flag in CONFIGURED_FLAGS},
        }
        facets = {name: [f"{self.life}/{value}" for value in values[name]] for name in values}
        live = self.life == LIVE
        return IndexKeys(
            facets={"life": self.life, "status": self.commanded if live else DELETED, **facets},
            texts={LIVE: [self.name.lower()]} if live else {},
        )
