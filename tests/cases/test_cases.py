"""Every case file, run: whole answers compared with what the vendor says."""

import pytest

from tests.cases.runner import Case, Runner, all_cases


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])
def test_case(case: Case) -> None:
    Runner(case).run()
