"""Avro schemas as Amazon Personalize reads them: which fields a dataset type wants.

Source: https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Rule = Mapping[str, Any]
"""The entry of a dataset type in rules.json."""


def has_ambiguous_names(text: str) -> bool:
    """Tell whether two fields have one name, compared without case of underscores."""
    names = [field["name"].replace("_", "") for field in json.loads(text)["fields"]]
    return len(set(names)) < len(names)


def missing_fields(text: str, rule: Rule, domain: str | None) -> list[str]:
    """List the fields a schema lacks, or has with another type, for a dataset type."""
    wanted = {**rule["required"], **rule.get("requiredInDomain", {}).get(domain, {})}
    types = {field["name"]: field["type"] for field in json.loads(text)["fields"]}
    return [name for name, kind in wanted.items() if kind not in _union(types.get(name, []))]


def is_for_another_type(text: str, rule: Rule, rules: Mapping[str, Rule]) -> bool:
    """Tell whether the record's name is that of another dataset type."""
    name = json.loads(text)["name"]
    records = {other["record"] for other in rules.values()}
    return name in records - {rule["record"]}


def has_too_little_metadata(text: str, rule: Rule) -> bool:
    """Tell whether a schema has fewer fields besides the required ones than its type needs."""
    names = {field["name"] for field in json.loads(text)["fields"]}
    return len(names - set(rule["required"])) < int(rule["leastMetadata"])


def _union(type_of_field: str | list[str]) -> list[str]:
    return [type_of_field] if isinstance(type_of_field, str) else type_of_field
