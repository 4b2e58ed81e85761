"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.server.endpoints import Endpoints
from emulator.settings import Settings
from tests.contract import catalogue

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "emulator").rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 25
ARGUED = 40
"""Lines of a function's body that a `# long:` comment with a reason allows."""


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def body_lines(function: ast.FunctionDef) -> int:
    """Count the lines of a body without its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_modules_and_functions_are_short(module: Path) -> None:
    text = module.read_text()
    assert text.count("\n") <= LONGEST_MODULE
    for function in functions(ast.parse(text)):
        source = ast.get_source_segment(text, function) or ""
        allowed = ARGUED if "# long:" in source else LONGEST_FUNCTION
        assert body_lines(function) <= allowed, function.name


@pytest.mark.parametrize("module", MODULES, ids=lambda file: str(file.relative_to(ROOT)))
def test_modules_keep_no_mutable_state(module: Path) -> None:
    for node in ast.parse(module.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign) or value is None:
            continue
        name = getattr(targets[0], "id", "")
        if isinstance(value, ast.Dict | ast.List | ast.Set | ast.ListComp | ast.DictComp):
            assert name.strip("_").isupper() or name == "__all__", name
        assert not (isinstance(value, ast.Call) and getattr(value.func, "id", "") in ("dict", "list", "set")), name  # fmt: skip


def test_core_names_no_vendor() -> None:
    names = set(catalogue.contracts()) | {
        "amazon personalize",
        "lookout",
        "alibaba",
        "naver",
        "ncloud",
    }
    for module in MODULES:
        if "core" not in module.parts and module.parent.name != "emulator":
            continue
        code = re.sub(r'"""[\s\S]*?"""|#.*', "", module.read_text()).lower()
        assert not [name for name in names if re.search(rf"\b{name}\b", code)], module


def test_the_readme_shows_the_lines_the_emulator_prints() -> None:
    settings = Settings()
    contracts = catalogue.contracts()
    endpoints = Endpoints(host=settings.host, port=settings.port, ports={}, contracts=contracts)
    printed, readme = endpoints.examples(), (ROOT / "README.md").read_text()
    shown = [
        line
        for line in readme.splitlines()
        if line.startswith(f"curl -sS -X POST {endpoints.base}/") and endpoints.control not in line
    ]
    assert shown == [line for line in printed if line in shown]
    others = "\n".join(line for line in readme.splitlines() if line not in shown).lower()
    told = {name for name in contracts if re.search(rf"\b{name}\b", others)}
    assert told == {name for name in contracts if any(f"{endpoints.of(name)}/" in line for line in shown)}  # fmt: skip


def test_generated_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.docs", "--check"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_link_inside_the_docs_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "emulator").rglob("*.md")]:  # fmt: skip
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page}: {target}"


def test_no_test_sleeps() -> None:
    for file in (ROOT / "tests").rglob("*.py"):
        assert "sleep" + "(" not in file.read_text(), file
