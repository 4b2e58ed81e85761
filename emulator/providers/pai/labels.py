"""Labels, which datasets and versions have alike."""

from __future__ import annotations

from collections.abc import Container, Mapping

from emulator.api import Call
from emulator.providers.pai.resources import Labelled


def add_labels(call: Call, labelled: Labelled, labels: Mapping[str, str]) -> None:
    """Add labels; one whose key there is already gets the new value."""
    _label(call, labelled, {**labelled.labels, **labels})


def delete_labels(call: Call, labelled: Labelled, keys: Container[str]) -> None:
    """Take labels off; keys there are none of do not matter."""
    _label(call, labelled, {key: text for key, text in labelled.labels.items() if key not in keys})


def _label(call: Call, labelled: Labelled, labels: dict[str, str]) -> None:
    """Store labels; where they are what they were, nothing was updated."""
    if labels != labelled.labels:
        labelled.labels = labels
        call.resources.change(labelled, lifecycle="update")
