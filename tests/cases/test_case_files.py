"""Case files are what their meta-schema says."""

from __future__ import annotations

import json

import pytest

from emulator.core.contract.loader import built_in_folder
from emulator.core.contract.validation import Rules
from tests.cases.runner import Case, all_cases

META = Rules(json.loads((built_in_folder() / "_meta" / "case.json").read_text()))


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])
def test_a_case_file_is_well_formed(case: Case) -> None:
    assert META.violations(case.document) == []
