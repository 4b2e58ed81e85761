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

Entries = Mapping[str, Entry]
"""The entries of a dataset by their source-ref."""


def create(call: Call, dataset: Dataset) -> Dataset:
    """Store a dataset with the entries of its manifest; with a bad one, its creation fails."""
    try:
        images = manifest.read(_text(call, dataset.manifest or {}), call.contract.rules)
        revised = _next(call, dataset, {}, images)
    except BadManifest as bad:
        images, revised = {}, _failed(call, dataset, bad)
    lifecycle = "create_failed" if revised.fault else "create"
    stored = call.resources.add(revised, lifecycle=lifecycle, parent=dataset.project_name)
    _write(call, stored, {}, images)
    return stored


def update(call: Call, dataset: Dataset, changes: bytes) -> Dataset:
    """Add or replace the images in changes; bad ones change nothing, and the update fails."""
    entries = _settled_entries(call, dataset)
    try:
        images = manifest.read(_decoded(changes), call.contract.rules)
        revised = _next(call, dataset, entries, images)
    except BadManifest as bad:
        images, revised = {}, _failed(call, dataset, bad)
    _write(call, revised, entries, images)
    return call.resources.change(revised, lifecycle="update_failed" if revised.fault else "update")


def limit(call: Call, quota: str) -> float:
    """Return the limit of a quota that does not count resources."""
    value = call.limit(quota)
    return float("inf") if value is None else value


def _text(call: Call, source: Mapping[str, str]) -> str:
    """Return the uploaded manifest, or the default that stands in for it."""
    text = call.object(source["bucket"], source["key"])
    if text is None:
        return manifest.default_manifest(source["bucket"], call.contract.rules)
    if len(text.encode("utf-8", "surrogatepass")) > limit(call, "manifest_bytes"):
        raise BadManifest("size")
    return text


def _decoded(changes: bytes) -> str:
    try:
        return changes.decode("utf-8")
    except UnicodeDecodeError:
        raise BadManifest("contents") from None


def _next(call: Call, dataset: Dataset, entries: Entries, images: Images) -> Dataset:
    """Make the next revision of a dataset; raises `BadManifest`."""
    labels = {entry.source_ref: entry.label for entry in entries.values()}
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
        revision=dataset.visible_revision + 1,
        former_stats=dataset.image_stats,
        stats=stats,
        fault=fault,
    )


def _settled_entries(call: Call, dataset: Dataset) -> Entries:
    """Delete the entries of past and failed revisions; return the others."""
    entries = {}
    for entry in call.resources.children(Entry, dataset.id):
        if not entry.is_in(dataset.visible_revision):
            call.resources.drop(entry)
            continue
        if entry.until is not None:
            call.resources.change(replace(entry, until=None))
        entries[entry.source_ref] = entry
    return entries


def _write(call: Call, dataset: Dataset, entries: Entries, images: Images) -> None:
    """Store the entries of a new revision, and until when the replaced ones are visible."""
    for source_ref in images.keys() & entries.keys():
        call.resources.change(replace(entries[source_ref], until=dataset.revision))
    first = 1 + max(_numbers(entries.values()), default=0)
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
