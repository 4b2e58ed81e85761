"""Every code block of the pages: it runs, or is at least what it says that it is."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
import requests

from emulator.cli import cli
from emulator.commands.environment import variables
from tests.programs import missing
from tests.project.served import PATIENCE, Served, served

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for folder in (".", "docs", "emulator", "examples")
    for page in (ROOT / folder).glob("*.md" if folder == "." else "**/*.md")
    if page.parent.name != "providers"  # generated, from those beside the code
)
USUAL = re.compile(r"((?:http://)?)(127\.0\.0\.1|localhost):4680")
"""Where the pages have the emulator."""
FILES = {
    "train.manifest": '{"source-ref": "s3://bucket/a.png", "l": 1, "l-metadata": {"confidence": 1, "job-name": "j", '
    '"class-name": "anomaly", "human-annotated": "yes", "creation-date": "2026-04-01T00:00:00", '
    '"type": "groundtruth/image-classification"}}\n'
}
OURS = ("curl ", "dataset-emulator ")
FAIL = 'curl() { command curl --fail-with-body "$@"; }\n'
"""Lets curl end with an error where the answer is one."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def is_shell(self) -> bool:
        return self.language == "sh" or (not self.language and self.text.startswith(OURS))

    @property
    def runs(self) -> bool:
        """Whether it is code that runs here; tests are run elsewhere, as tests."""
        imported = re.findall(r"^(?:from|import) (\w+)", self.text, re.MULTILINE)
        is_test = re.search(r"^(def test_|@)", self.text, re.MULTILINE)
        return self.language == "python" and not is_test and all(map(find_spec, imported))

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text(encoding="utf-8")
    assert len(re.findall(r"^ *```", text, re.MULTILINE)) % 2 == 0, page
    for found in re.finditer(r"^( *)```(\w*)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        inside = re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE)
        yield Block(page, text.count("\n", 0, found.start()) + 1, found[2], inside)


BLOCKS = [block for page in PAGES for block in blocks(page)]
WITH_COMMANDS = sorted({block.page for block in BLOCKS if block.is_shell})
WITH_CODE = sorted({b.page for b in BLOCKS if b.language == "python" and USUAL.search(b.text)})


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def commands(block: Block) -> Iterator[str]:
    """List the commands of a block, those of several lines as one."""
    command = ""
    for line in block.text.splitlines(keepends=True):
        command += line
        if not line.endswith(("\\\n", "|\n")) and is_whole(command):
            yield command.strip()
            command = ""
    assert not command, (block.place, command)


def is_whole(command: str) -> bool:
    try:
        shlex.split(command, comments=True)
    except ValueError:  # no closing quotation
        return False
    return True


def arguments(command: str) -> Iterator[list[str]]:
    """Find the calls of our command, in `$(...)` as well; give the arguments of each."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    for word in words:
        if "dataset-emulator " in word:
            yield from arguments(word.removeprefix("$(").removesuffix(")"))
    for index, word in enumerate(words):
        if word == "dataset-emulator":
            rest = words[index + 1 :]
            end = next((n for n, each in enumerate(rest) if set(each) <= set("();<>|&")), len(rest))
            yield rest[:end]


def parse(group: click.Command, words: list[str]) -> None:
    """Let click read arguments, and do nothing with them; raises what it raises."""
    while isinstance(group, click.Group):
        with click.Context(group) as context:
            _, found, words = group.resolve_command(context, words)
        assert found is not None
        group = found
    group.make_context(group.name, words)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Served]:
    with served("--demo", "--port", "0") as emulator:
        yield emulator


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with the files that pages take for the reader's own."""
    for file, text in FILES.items():
        (tmp_path / file).write_text(text)
    return tmp_path


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name)
def test_the_commands_of_a_page_work(page: Path, emulator: Served, given: Path) -> None:
    requests.post(f"{emulator.base}/_emulator/reset", json={}, timeout=10).raise_for_status()
    for block in (block for block in blocks(page) if block.is_shell):
        subprocess.run(["bash", "-n"], input=block.text, text=True, check=True, timeout=PATIENCE)
        for command in commands(block):
            for words in arguments(command):
                parse(cli, words)
            if "curl " in command and shutil.which(command.split()[0]):
                line = FAIL + USUAL.sub(emulator.base, command)
                done = subprocess.run(["bash", "-c", line], cwd=given, capture_output=True, text=True, timeout=PATIENCE, check=False)  # fmt: skip
                assert done.returncode == 0, (block.place, done.stdout, done.stderr)


@pytest.mark.parametrize("page", WITH_CODE, ids=name)
def test_the_code_of_a_page_runs(page: Path, emulator: Served, given: Path) -> None:
    code = ""
    for block in blocks(page):
        if block.runs:
            code += f"import requests\nrequests.post('{emulator.base}/_emulator/reset', json={{}}).raise_for_status()\n"
            host = emulator.base.removeprefix("http://")
            code += USUAL.sub(rf"\g<1>{host}", block.text)
    done = subprocess.run([sys.executable, "-c", code], cwd=given, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=PATIENCE, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "js"], ids=lambda b: b.place)
def test_the_javascript_of_a_page_runs(block: Block, emulator: Served, given: Path) -> None:
    node = shutil.which("node") or missing("node")
    (given / "shown.test.mjs").write_text(block.text)
    environment = {**os.environ, **dict(variables(emulator.base)), "NO_PROXY": "*"}
    done = subprocess.run([node, "--test"], cwd=given, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_block_is_what_it_says() -> None:
    for block in BLOCKS:
        match block.language:
            case "python":
                shown_alone = block.text.rstrip().rpartition("\n")[2].startswith("@")
                below = "def decorated(): ..." if shown_alone else ""
                compile(block.text + below, block.place, "exec")
            case "json":
                json.loads(block.text)
            case "ini":
                configparser.ConfigParser().read_string(block.text)
            case "toml":
                tomllib.loads(block.text)
            case "diff":  # test_new_provider.py applies them
                assert block.text.startswith("--- a/"), block.place
            case language:
                assert language in ("", "js", "sh", "text"), (block.place, language)


def test_every_target_of_make_that_a_page_names_is_there() -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)(?=`|\s+[#A-Z]|$)", page.read_text(), re.MULTILINE):  # fmt: skip
            assert target in known, (page, target)
