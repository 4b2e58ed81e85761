"""Manifests: JSON Lines with one labelled image each.

The rules of a line and the texts for a bad manifest are in rules.json.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.api import Document, json_text, whole_match


class BadManifest(Exception):
    """A manifest or an update is invalid; `cause` names a row of manifestFaults."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One line, as the service returns it; an image without a class is unlabeled."""

    source_ref: str
    label: str | None
    line: str


Images = Mapping[str, Image]
"""The images of a manifest by their source-ref, which is their key."""

_SPACE = " \t\r"
"""Characters allowed around a JSON document on its line."""


def read(text: str, rules: Document) -> Images:
    """Parse a manifest; of two lines for one image the last wins; raises `BadManifest`."""
    rows = [row for line in text.split("\n") if (row := line.strip(_SPACE))]
    try:
        parsed = [json_text.read(row) for row in rows]
    except json_text.NotJson:
        raise BadManifest("contents") from None
    if not rows or not all(isinstance(line, dict) for line in parsed):
        raise BadManifest("contents")
    found = [_image(row, line, rules["jsonLine"]) for row, line in zip(rows, parsed, strict=True)]
    if found.count(None) > rules["invalidRows"]["allowed"]:
        raise BadManifest("invalidRows")
    return {image.source_ref: image for image in found if image}


def count(labels: Iterable[str | None]) -> dict[str, int]:
    """Count images by their labels, as `ImageStats` does."""
    found = Counter(labels)
    normal, anomaly = found["normal"], found["anomaly"]
    labeled = normal + anomaly
    return {
        "total": found.total(),
        "labeled": labeled,
        "normal": normal,
        "anomaly": anomaly,
    }


def bucket(source_ref: str) -> str:
    """Return the bucket of `s3://<bucket>/<key>`."""
    return source_ref.split("/")[2]


def default_manifest(bucket_name: str, rules: Document) -> str:
    """Make the default manifest of a dataset, with images in one bucket."""
    counts, line = rules["unsuppliedManifest"], rules["jsonLine"]
    if counts["fault"]:
        raise BadManifest(counts["fault"])
    return "\n".join(
        _to_json(_labeled(f"s3://{bucket_name}/{name}/{number}.jpg", name, line))
        for name in ("normal", "anomaly", "unlabeled")
        for number in range(1, counts[name] + 1)
    )


def _labeled(source_ref: str, name: str, rules: Document) -> Document:
    label = rules["label"]
    return {
        rules["sourceRef"]["member"]: source_ref,
        "anomaly-label": label["values"].get(name, 0),
        f"anomaly-label{rules['metadataSuffix']}": {
            "confidence": 1,
            label["classMember"]: name,
            rules["human"]["member"]: rules["human"]["values"][0],
            "type": label["type"],
        },
    }


def _image(row: str, line: Any, rules: Document) -> Image | None:
    """Parse one line; return None if it breaks a rule."""
    source = rules["sourceRef"]
    source_ref = line.get(source["member"])
    valid = (
        len(row) <= rules["longest"]
        and isinstance(source_ref, str)
        and whole_match(source["pattern"])(source_ref)
        and _masks_are_valid(line, rules)
    )
    name = _label_attribute(line, rules)
    if not valid or name is None:
        return None
    label = rules["label"]
    class_name = line[name + rules["metadataSuffix"]][label["classMember"]]
    if class_name in label["values"]:
        line = {**line, name: label["values"][class_name]}
    else:
        class_name = None
    text = _to_json(line)
    if len(text) > rules["longest"]:  # some numbers are written longer than they were sent
        return None
    return Image(source_ref=source_ref, label=class_name, line=text)


def _label_attribute(line: Document, rules: Document) -> str | None:
    """Return the attribute that labels an image, by its metadata."""
    for name, metadata in _attributes_of_type(line, rules["label"]["type"], rules):
        valid = (
            type(line.get(name)) is int
            and isinstance(metadata.get(rules["label"]["classMember"]), str)
            and metadata.get(rules["human"]["member"]) in rules["human"]["values"]
        )
        return name if valid else None
    return None


def _masks_are_valid(line: Document, rules: Document) -> bool:
    """Return whether each mask of a segmented image is an S3 object with a colour map."""
    in_s3, mask = whole_match(rules["sourceRef"]["pattern"]), rules["mask"]
    return all(
        isinstance(line.get(name), str)
        and in_s3(line[name])
        and isinstance(metadata.get(mask["colorMember"]), dict)
        for name, metadata in _attributes_of_type(line, mask["type"], rules)
    )


def _attributes_of_type(line: Document, kind: str, rules: Document) -> list[tuple[str, Document]]:
    """List the attributes with metadata of a type, with these metadata."""
    suffix = rules["metadataSuffix"]
    return [
        (name.removesuffix(suffix), value)
        for name, value in line.items()
        if name.endswith(suffix) and isinstance(value, dict) and value.get("type") == kind
    ]


def _to_json(line: Document) -> str:
    return json_text.write(line).decode()
