"""Labels of datasets and versions."""

from __future__ import annotations

from collections.abc import Container, Mapping

from emulator.api import Call
from emulator.providers.pai.resources import Labelled


def add_labels(call: Call, labelled: Labelled, labels: Mapping[str, str]) -> None:
    """Add labels; an existing key gets the new value."""
    _label(call, labelled, {**labelled.labels, **labels})


def delete_labels(call: Call, labelled: Labelled, keys: Container[str]) -> None:
    """Remove labels; unknown keys are ignored."""
    _label(call, labelled, {key: text for key, text in labelled.labels.items() if key not in keys})


def _label(call: Call, labelled: Labelled, labels: dict[str, str]) -> None:
    """Store labels; unchanged ones do not count as an update."""
    if labels != labelled.labels:
        labelled.labels = labels
        call.resources.change(labelled, lifecycle="update")
