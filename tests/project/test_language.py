"""Help texts, error texts and pages are in plain English: a few habits that hide the subject."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from emulator.catalogue import ProviderCatalogue
from emulator.cli import cli

ROOT = Path(__file__).parents[2]

HABITS = re.compile(
    r"\bwhom\b|\b(is|are) none\b|\bhas the word\b|\bwho(ever)? (is|are|was|were) let in\b"
    r"|\b(has|have) to bear\b|\bthat there (is|are) not\b|\b(it|that) was not that\b"
    r"|\bthat can(not)? be\b(?! \w)|\b(he|his|him)\b|\bis meant by\b|\bgoes without saying\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"```.*?```|`[^`]*`|\"[^\"]*\"", re.DOTALL)
"""Code, and what vendors say."""


def help_texts(command: click.Command, path: str) -> Iterator[tuple[str, str]]:
    yield path, command.help or ""
    for option in command.get_params(click.Context(command)):
        if isinstance(option, click.Option):
            yield f"{path} {option.opts[-1]}", option.help or ""
    for name, child in getattr(command, "commands", {}).items():
        yield from help_texts(child, f"{path} {name}")


def pages() -> Iterator[tuple[str, str]]:
    """Read the pages written by hand: generated ones quote vendors."""
    written = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    for folder in ("emulator", "examples", "schemas"):
        written += (ROOT / folder).rglob("*.md")
    for page in written:
        if page.parent != ROOT / "docs/providers":
            yield str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")


def control_errors() -> Iterator[tuple[str, str]]:
    errors = json.loads((ROOT / "schemas/control/errors.json").read_text(encoding="utf-8"))
    for name, row in errors["failures"].items():
        yield f"control {name}", row["text"]


def test_texts_are_plain() -> None:
    texts = [*help_texts(cli, "dataset-emulator"), *control_errors(), *pages()]
    found = [(name, HABITS.search(QUOTED.sub("", text))) for name, text in texts]
    assert [(name, habit[0]) for name, habit in found if habit] == []


def test_every_command_and_option_has_a_sentence_of_help() -> None:
    texts = dict(help_texts(cli, "dataset-emulator"))
    assert [name for name, text in texts.items() if not re.fullmatch(r"(?s)[A-Z].*\.", text)] == []


@pytest.mark.parametrize(
    ("text", "is_plain"),
    [
        ("Whom it lets in", False),
        ("a seed that cannot be.", False),
        ("a day that there is not", False),
        ("What changes have to bear", False),
        ("A user keeps his role.", False),
        ("A kind that cannot be deleted", True),
        ("There is no world x.", True),
    ],
)
def test_the_habits_are_found_and_good_english_is_not(text: str, is_plain: bool) -> None:
    assert bool(HABITS.search(text)) is not is_plain


def test_every_package_has_a_readme() -> None:
    packages = {file.parent for file in (ROOT / "emulator").rglob("__init__.py")}
    providers = {ROOT / "emulator/providers" / name for name in ProviderCatalogue.find().names}
    inner = {package for package in packages if providers & set(package.parents)}
    families = {package for package in packages if package.parent.name == "dialects"}
    for package in packages - inner - families - {ROOT / "emulator"}:
        assert (package / "README.md").is_file(), package
