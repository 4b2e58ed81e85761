"""What the datasets of Coactive AI work out themselves, and their keys in the index."""

from __future__ import annotations

from emulator.api import IndexKeys, Resource

LIVE, DELETED = "live", "deleted"


class Dataset(Resource):
    """A dataset of both generations; a deleted one stays, for callers that list deleted ones."""

    kind = "dataset"

    image_count = 0
    video_count = 0
    """Nothing adds assets to a dataset."""

    @property
    def life(self) -> str:
        """`live`, or `deleted` from the request to delete it."""
        return LIVE if self.deleted_dt is None else DELETED

    @property
    def listed_status(self) -> str:
        """The status last requested, or `deleted` from the request to delete it."""
        return str(self.commanded) if self.life == LIVE else DELETED

    @property
    def was_updated(self) -> bool:
        """Whether it was updated since it was made."""
        return self.updated_dt is not None

    @property
    def celebrity_detection_enabled(self) -> bool:
        """What its configuration says, off by default."""
        return bool((self.dataset_config or {}).get("celebrity_detection_enabled"))

    @property
    def context_studio_enabled(self) -> bool:
        """What its configuration says, off by default."""
        return bool((self.dataset_config or {}).get("context_studio_enabled"))

    @property
    def is_deletable(self) -> bool:
        """Whether its deletion has not begun."""
        return self.state.phase != "deleting"

    @property
    def earlier_id(self) -> str | None:
        """Its id, if the earlier generation made it."""
        return self.id if self.generation else None

    @property
    def last_changed_by(self) -> str:
        """Who updated it last, or made it."""
        return str(self.updated_by or self.created_by)

    @property
    def last_changed_at(self) -> int:
        """When it was updated last, or made, in microseconds."""
        return int(self.updated_dt or self.created_at)

    def index_keys(self) -> IndexKeys:
        """Return the index keys.

        Each contains the dataset's life, because most lists exclude deleted ones.
        """
        facets = {name: self._values(name) for name in self.facets}
        texts = {LIVE: [self.name.lower()]} if self.life == LIVE else {}
        return IndexKeys(facets={"life": self.life, **facets}, texts=texts)

    def _values(self, name: str) -> list[str]:
        found = getattr(self, name)
        values = found if isinstance(found, list) else [] if found is None else [found]
        return [f"{self.life}/{value}" for value in values]
