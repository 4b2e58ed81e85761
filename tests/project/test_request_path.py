"""The way of a request, as docs/architecture.md shows it, is the one that a request goes."""

from __future__ import annotations

import json
import re
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from werkzeug.test import Client

import emulator
from emulator import Settings, create_app

CODE = Path(emulator.__file__).parent
PAGE = CODE.parent / "docs" / "architecture.md"

MOST_CHANGES = 110
"""From a function of one file to one of another, in one CreateDataset of PAI."""


def entered() -> list[str]:
    """The file of each function of ours that a CreateDataset of PAI calls, when it is warm."""
    application = create_app(Settings(demo=True, clock="frozen"))
    client = Client(application)
    example = application.contracts["pai"].seed["example"]

    def create(name: str) -> int:
        body = json.dumps({**example["body"], "Name": name})
        return client.open(
            f"/pai{example['path']}",
            method=example["method"],
            headers=example["headers"],
            data=body,
        ).status_code

    assert create("warm") == create("up") == 200
    files: list[str] = []

    def note(frame: Any, event: str, _: object) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(CODE):
            files.append(path.relative_to(CODE).as_posix())

    sys.setprofile(note)
    try:
        status = create("traced")
    finally:
        sys.setprofile(None)
    assert status == 200
    return files


def shown() -> list[str]:
    """The files of the page's way, those of the family and the provider by their names."""
    way = PAGE.read_text(encoding="utf-8").partition("## One CreateDataset, file by file")[2]
    block = way.split("```")[1]
    return re.findall(r"^ *([a-z0-9_/]+\.py) ", block, flags=re.MULTILINE)


def test_the_page_shows_the_files_of_a_creation_in_the_order_in_which_they_are_entered() -> None:
    files = entered()
    assert shown() == list(dict.fromkeys(files))
    changes = sum(one != other for one, other in pairwise(files))
    assert changes <= MOST_CHANGES
