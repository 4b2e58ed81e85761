"""Which generation answers requests that neither a host nor a member gives away.

A dataset is remembered by the generation that made it: programs that know only one of them find
their datasets again.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.api import AnyOf, Call, LayerChoice, Request
from emulator.providers.coactive.lists import IS_LIVE
from emulator.providers.coactive.resources import LIVE

_EARLIER = AnyOf("generation", (f"{LIVE}/old",))
"""The filter that leaves the datasets of the earlier generation."""


def generation_of_dataset(call: Call, request: Request) -> str | None:
    """Return the layer of the generation that made the dataset that a request names."""
    dataset = call.find("dataset", request.parameters["dataset_id"])
    return None if dataset is None or request.query else dataset.generation


def generation_of_list(call: Call, request: Request) -> str | None:
    """Return the layer of the earlier generation if it made all datasets.

    Parameters other than `limit`, which both have, are of the later generation.
    """
    if any(name != "limit" for name, _ in request.query):
        return None
    earlier = call.list("dataset", most=1, counted=True, where=[_EARLIER]).total
    if not earlier:
        return None
    every = call.list("dataset", most=1, counted=True, where=[IS_LIVE]).total
    return "old" if earlier == every else None


LAYER_OF: Mapping[str, LayerChoice] = {
    "GetDatasets": generation_of_list,
    "GetDataset": generation_of_dataset,
    "UpdateDataset": generation_of_dataset,
    "DeleteDataset": generation_of_dataset,
}
