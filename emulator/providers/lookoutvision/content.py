"""The contents of datasets: entries that change with the revisions of a dataset.

A manifest or an update makes the next revision. Its entries are stored at once and visible when
the dataset is ready, or never, if it fails; until then the entries of the previous revision are
visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from emulator.api import Call
from emulator.providers.lookoutvision import manifest
from emulator.providers.lookoutvision.manifest import BadManifest, Images
from emulator.providers.lookoutvision.resources import Dataset, Entry

Held = Mapping[str, Entry]
"""The entries of a dataset by their source-ref."""


def create(call: Call, dataset: Dataset) -> Dataset:
    """Store a dataset with the entries of its manifest; with a bad one, its creation fails."""
    try:
        images = manifest.read(_text(call, dataset.manifest or {}), call.contract.rules)
        made = _next(call, dataset, {}, images)
    except BadManifest as bad:
        images, made = {}, _failed(call, dataset, bad)
    lifecycle = "create_failed" if made.fault else "create"
    stored = call.resources.add(made, lifecycle=lifecycle, parent=dataset.project_name)
    _write(call, stored, {}, images)
    return stored


def update(call: Call, dataset: Dataset, changes: bytes) -> Dataset:
    """Add or replace the images in changes; bad ones change nothing, and the update fails."""
    held = _settled(call, dataset)
    try:
        images = manifest.read(_decoded(changes), call.contract.rules)
        made = _next(call, dataset, held, images)
    except BadManifest as bad:
        images, made = {}, _failed(call, dataset, bad)
    _write(call, made, held, images)
    return call.resources.change(made, lifecycle="update_failed" if made.fault else "update")


def limit(call: Call, quota: str) -> float:
    """Return the limit of a quota that does not count resources."""
    found = call.limit(quota)
    return float("inf") if found is None else found


def _text(call: Call, source: Mapping[str, str]) -> str:
    """Return the uploaded manifest, or the default that stands in for it."""
    text = call.object(source["Bucket"], source["Key"])
    if text is None:
        return manifest.stand_in(source["Bucket"], call.contract.rules)
    if len(text.encode("utf-8", "surrogatepass")) > limit(call, "manifest_bytes"):
        raise BadManifest("size")
    return text


def _decoded(changes: bytes) -> str:
    try:
        return changes.decode("utf-8")
    except UnicodeDecodeError:
        raise BadManifest("contents") from None


def _next(call: Call, dataset: Dataset, held: Held, images: Images) -> Dataset:
    """Make the next revision of a dataset; raises `BadManifest`."""
    labels = {entry.source_ref: entry.label for entry in held.values()}
    labels |= {image.source_ref: image.label for image in images.values()}
    if len(labels) > limit(call, f"{dataset.dataset_type}_images"):
        raise BadManifest("rows")
    if len(set(map(manifest.bucket, labels))) > 1:
        raise BadManifest("buckets")
    return _revised(dataset, manifest.count(labels.values()))


def _failed(call: Call, dataset: Dataset, bad: BadManifest) -> Dataset:
    fault = call.contract.rules["manifestFaults"][bad.cause]
    return _revised(dataset, dataset.image_stats, fault)


def _revised(dataset: Dataset, stats: dict[str, int], fault: str = "") -> Dataset:
    return replace(
        dataset,
        revision=dataset.seen + 1,
        former_stats=dataset.image_stats,
        stats=stats,
        fault=fault,
    )


def _settled(call: Call, dataset: Dataset) -> Held:
    """Delete the entries of past and failed revisions; return the others."""
    held = {}
    for entry in call.resources.children(Entry, dataset.id):
        if not entry.is_in(dataset.seen):
            call.resources.drop(entry)
            continue
        if entry.until is not None:
            call.resources.change(replace(entry, until=None))
        held[entry.source_ref] = entry
    return held


def _write(call: Call, dataset: Dataset, held: Held, images: Images) -> None:
    """Store the entries of a new revision, and until when the replaced ones are visible."""
    for source_ref in images.keys() & held.keys():
        call.resources.change(replace(held[source_ref], until=dataset.revision))
    first = 1 + max(_numbers(held.values()), default=0)
    for number, image in enumerate(images.values(), first):
        entry = Entry(
            id=f"{dataset.id}/{number:08}",
            source_ref=image.source_ref,
            label=image.label,
            line=image.line,
            since=dataset.revision,
        )
        call.resources.add(entry, parent=dataset.id)


def _numbers(entries: Iterable[Entry]) -> Iterable[int]:
    return (int(entry.id.rpartition("/")[2]) for entry in entries)
