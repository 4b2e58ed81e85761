"""Plain English: a short list of habits that no text for users may have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from emulator.catalogue import find_providers
from emulator.cli import cli

ROOT = Path(__file__).parents[2]

HABITS = re.compile(
    r"\bwhom\b"
    r"|\bis none\b"
    r"|\bthat there (is|are) not\b"
    r"|\bit was not that\b"
    r"|\bhas the (last )?word\b"
    r"|\bwho (is|was|are) let in\b"
    r"|\b(has|have) to bear\b"
    r"|\bstate that can be\b"
    r"|\b(seed|state|file|value) that cannot be\b"
    r"|\bis no (URL|JSON|number|text|emulator)\b"
    r"|\bis meant\b",
    re.IGNORECASE,
)
"""Each is a construction that readers stumbled on, not a word to avoid by itself."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield README, CONTRIBUTING, CHANGELOG and every page of docs/ and beside the code."""
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    below = [file for folder in ("docs", "emulator", "examples", "schemas") for file in (ROOT / folder).rglob("*.md")]  # fmt: skip
    for file in [*top, *below]:
        yield str(file.relative_to(ROOT)), file.read_text(encoding="utf-8")


def helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Yield the help of a command and of its options, and of the commands below it."""
    yield name, command.help or ""
    for option in command.params:
        yield f"{name} {option.name}", getattr(option, "help", None) or ""
    for below in getattr(command, "commands", {}).values():
        yield from helps(below, f"{name} {below.name}")


def texts(node: Any) -> Iterator[str]:
    """Yield the texts of error rows, at any depth."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)


def errors() -> Iterator[tuple[str, str]]:
    """Yield the error texts of the control API, which are the emulator's own words."""
    document = json.loads((ROOT / "schemas" / "control" / "errors.json").read_text("utf-8"))
    yield from (("schemas/control/errors.json", text) for text in texts(document))


@pytest.mark.parametrize(
    "sources", [pages, lambda: helps(cli, "dataset-emulator"), errors], ids=["pages", "help", "errors"]
)  # fmt: skip
def test_texts_for_users_have_none_of_the_habits(sources: Any) -> None:
    found = [f"{where}: ...{text[max(0, hit.start() - 40) : hit.end() + 40]}..." for where, text in sources() for hit in HABITS.finditer(text)]  # fmt: skip
    assert not found, "\n".join(found)


def test_the_help_of_an_option_is_a_sentence_without_a_promise_of_more() -> None:
    for where, text in helps(cli, "dataset-emulator"):
        assert "..." not in text.replace("postgresql://...", ""), where
        if text:
            assert text.endswith("."), where


def test_every_package_says_what_is_in_it() -> None:
    packages = {file.parent for file in (ROOT / "emulator").rglob("__init__.py")}
    below = {ROOT / "emulator" / "providers" / name for name in find_providers()}
    parts = {package for package in packages if below & set(package.parents)}
    families = {package for package in packages if package.parent.name == "dialects"}
    for package in packages - parts - families - {ROOT / "emulator"}:
        assert (package / "README.md").is_file(), package
