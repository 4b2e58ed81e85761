"""What the resources of Amazon Lookout for Vision work out themselves."""

from __future__ import annotations

from emulator.api import Resource


class Dataset(Resource):
    """The training or the test dataset of a project."""

    kind = "dataset"

    @property
    def visible_revision(self) -> int:
        """The revision that is shown: the last one only when it is done."""
        return int(self.revision) - self._unfinished

    @property
    def image_stats(self) -> dict[str, int]:
        """The statistics of the revision that is shown."""
        return dict(self.former_stats if self._unfinished else self.stats)

    @property
    def status_message(self) -> str:
        """The status message; of a failure, its reason."""
        failed = self.state.phase == "failed" and self._unfinished
        shows_fault = failed and self.fault and not self.reason
        return str(self.fault) if shows_fault else super().status_message

    @property
    def _unfinished(self) -> bool:
        return self.state.phase in ("running", "failed") and self.status != "DELETE_FAILED"


class Entry(Resource):
    """A JSON Line of a dataset."""

    kind = "entry"

    def is_in(self, revision: int) -> bool:
        """Return whether the entry belongs to a revision of its dataset."""
        return bool(self.since <= revision and (self.until is None or revision < self.until))
