"""The contents of datasets: entries that change with the revisions of a dataset.

A manifest or an update makes the next revision. Its entries are stored at once and visible when
the dataset is ready, or never, if it fails; until then the entries of the previous revision are
visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from emulator.api import Call, Params, Resource, create, references
from emulator.providers.lookoutvision import manifest
from emulator.providers.lookoutvision.manifest import BadManifest, Images

Entries = Mapping[str, Resource]
"""The entries of a dataset by their source-ref."""


def create_from(call: Call, params: Params, source: Mapping[str, str]) -> Resource:
    """Store a dataset with the entries of its manifest; with a bad one, its creation fails."""
    found = references(call, params)
    try:
        images, fault = _read(call, params.dataset_type, {}, _text(call, source)), ""
    except BadManifest as bad:
        images, fault = {}, _reason(call, bad)
    lifecycle = "create_failed" if fault else "create"
    stats = manifest.count(_labels({}, images).values())
    made = create(call, params, found, lifecycle=lifecycle, revision=1, stats=stats, fault=fault)
    _write(call, made, {}, images)
    return made


def update(call: Call, dataset: Resource, changes: bytes) -> Resource:
    """Add or replace the images in changes; bad ones change nothing, and the update fails."""
    entries = _settled_entries(call, dataset)
    try:
        images, fault = _read(call, dataset.dataset_type, entries, _decoded(changes)), ""
    except BadManifest as bad:
        images, fault = {}, _reason(call, bad)
    stats = manifest.count(_labels(entries, images).values())
    dataset.former_stats, dataset.stats = dataset.image_stats, stats
    dataset.revision, dataset.fault = dataset.visible_revision + 1, fault
    _write(call, dataset, entries, images)
    return call.resources.change(dataset, lifecycle="update_failed" if fault else "update")


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


def _read(call: Call, dataset_type: str, entries: Entries, text: str) -> Images:
    """Read images that are added to entries; raises `BadManifest`."""
    images = manifest.read(text, call.contract.rules)
    labels = _labels(entries, images)
    if len(labels) > limit(call, f"{dataset_type}_images"):
        raise BadManifest("rows")
    if len(set(map(manifest.bucket, labels))) > 1:
        raise BadManifest("buckets")
    return images


def _reason(call: Call, bad: BadManifest) -> str:
    return str(call.contract.rules["manifestFaults"][bad.cause])


def _labels(entries: Entries, images: Images) -> Mapping[str, str | None]:
    """Return the label of each image of a dataset, by its source-ref."""
    labels = {entry.source_ref: entry.label for entry in entries.values()}
    return {**labels, **{image.source_ref: image.label for image in images.values()}}


def _settled_entries(call: Call, dataset: Resource) -> Entries:
    """Delete the entries of past and failed revisions; return the others."""
    entries = {}
    for entry in call.list("entry", parent=dataset.id).items:
        if not entry.is_in(dataset.visible_revision):
            call.resources.drop(entry)
            continue
        if entry.until is not None:
            entry.until = None
            call.resources.change(entry)
        entries[entry.source_ref] = entry
    return entries


def _write(call: Call, dataset: Resource, entries: Entries, images: Images) -> None:
    """Store the entries of a new revision, and until when the replaced ones are visible."""
    for source_ref in images.keys() & entries.keys():
        replaced = entries[source_ref]
        replaced.until = dataset.revision
        call.resources.change(replaced)
    first = 1 + max(_numbers(entries.values()), default=0)
    for number, image in enumerate(images.values(), first):
        entry = call.kinds["entry"](
            id=f"{dataset.id}/{number:08}",
            source_ref=image.source_ref,
            label=image.label,
            line=image.line,
            since=dataset.revision,
        )
        call.resources.add(entry, parent=dataset.id)


def _numbers(entries: Iterable[Resource]) -> Iterable[int]:
    return (int(entry.id.rpartition("/")[2]) for entry in entries)
