"""The known name that a misspelt one probably stands for."""

from __future__ import annotations

import pytest

from emulator.core.primitives.nearest import LONGEST, hint, nearest, with_hint

KNOWN = ["name", "datasetType", "DatasetGroupArn", "schemaArn", "page_size", "-"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nam", "name"),
        ("Name", "name"),
        ("dataset_type", "datasetType"),
        ("datasetGroupArm", "DatasetGroupArn"),
        ("PageSize", "page_size"),
        ("", None),
        ("x", None),
        ("description", None),
        ("--", None),
        ("a" * 100_000, None),
        ("name" + "x" * LONGEST, None),
    ],
)
def test_the_nearest_name_is_found_or_none(name: str, found: str | None) -> None:
    assert nearest(name, KNOWN) == found
    assert nearest(name, []) is None


def test_of_two_that_are_spelt_alike_the_first_counts() -> None:
    assert nearest("DATASETID", ["DatasetId", "datasetId"]) == "DatasetId"


def test_a_hint_is_a_question_or_nothing() -> None:
    assert hint("nam", KNOWN) == " Did you mean name?"
    assert (hint("x", KNOWN), with_hint("unknown x", "x", KNOWN)) == ("", "unknown x")
    assert with_hint("unknown nam", "nam", KNOWN) == "unknown nam. Did you mean name?"
