"""Avro schemas as Amazon Personalize reads them: required fields of dataset types.

Source: https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

Rule = Mapping[str, Any]
"""The entry of a dataset type in rules.json."""


class Record:
    """The record of an accepted schema: its name, and the types of its fields by name."""

    def __init__(self, text: str) -> None:
        document = json.loads(text)
        self.name: str = document["name"]
        self.types = {field["name"]: _union(field["type"]) for field in document["fields"]}
        self._attributes = {
            field["name"]: [field.get(attribute, False) for attribute in ("categorical", "textual")]
            for field in document["fields"]
        }
        self._without_underscores = Counter(
            field["name"].replace("_", "") for field in document["fields"]
        )
        self._textual = sum(textual for _, textual in self._attributes.values())

    def has_ambiguous_names(self) -> bool:
        """Return whether two fields have one name, compared without underscores."""
        return any(count > 1 for count in self._without_underscores.values())

    def missing(self, rule: Rule, domain: str | None) -> list[str]:
        """List the required fields that are missing or of another type."""
        required = _listed("required", rule, domain)
        return [name for name, kind in required.items() if kind not in self.types.get(name, ())]

    def fits(self, rule: Rule, domain: str | None) -> bool:
        """Return whether reserved fields have their types and the metadata stays within bounds.

        Every field besides the required ones counts towards the minimum of metadata; reserved
        ones do not count towards the maximum.
        """
        reserved, bounds = _listed("reserved", rule, domain), rule.get("metadata", {})
        metadata = self.types.keys() - _listed("required", rule, domain).keys() - reserved.keys()
        return (
            all(kind in (None, *self.types.get(name, [kind])) for name, kind in reserved.items())
            and len(self.types.keys() - rule["required"].keys()) >= bounds.get("least", 0)
            and len(metadata) <= bounds.get("most", len(metadata))
            and self._textual <= bounds.get("textual", 0)
        )

    def changed(self, old: Record) -> list[str]:
        """List the fields of an older record that are missing or differ."""
        return [name for name in old.types if self._field(name) != old._field(name)]

    def new_required(self, old: Record) -> list[str]:
        """List the fields missing in an older record that data cannot leave empty."""
        new = self.types.keys() - old.types.keys()
        return [name for name in self.types if name in new and "null" not in self.types[name]]

    def _field(self, name: str) -> object:
        return sorted(self.types.get(name, ())), self._attributes.get(name)


def _listed(part: str, rule: Rule, domain: str | None) -> Mapping[str, str | None]:
    """Return the required or reserved fields of a dataset type, those of the domain included."""
    of_domain = rule.get("domains", {}).get(domain, {})
    return {**rule.get(part, {}), **of_domain.get(part, {})}


def _union(type_of_field: str | list[str]) -> list[str]:
    return [type_of_field] if isinstance(type_of_field, str) else type_of_field
