"""The page of the contract files tells what each member means."""

from __future__ import annotations

import pytest

from tools.contract_page import FILES, META, rows_of


@pytest.mark.parametrize("file", FILES)
def test_every_member_of_a_contract_file_has_a_meaning(file: str) -> None:
    rows = list(rows_of(file))
    assert rows
    assert [path for path, _, meaning in rows if not meaning] == []


def test_every_contract_file_is_on_the_page() -> None:
    of_others = {"credentials", "state"}
    assert {file.stem for file in META.glob("*.json")} == {*FILES, *of_others}
