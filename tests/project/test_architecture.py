"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from emulator.server.endpoints import Endpoints
from emulator.settings import Settings
from tests.contract import catalogue

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "emulator").rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
"""Lines, without the docstring."""
LONGEST_CHAIN = 7
"""Packages of core that import each other in a row."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def trees() -> Iterator[tuple[Path, ast.Module]]:
    return ((module, ast.parse(module.read_text(encoding="utf-8"))) for module in MODULES)


def body_lines(function: Function) -> int:
    """Count the lines of a body without its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    if not statements:
        return 0
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


def test_modules_are_short() -> None:
    lines = {str(module.relative_to(ROOT)): module.read_text().count("\n") for module in MODULES}
    assert {module: count for module, count in lines.items() if count > LONGEST_MODULE} == {}


def test_functions_are_short() -> None:
    lines = {
        f"{module.relative_to(ROOT)}:{node.lineno} {node.name}": body_lines(node)
        for module, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, Function)
    }
    assert {name: count for name, count in lines.items() if count > LONGEST_FUNCTION} == {}


def test_modules_keep_no_mutable_state() -> None:
    """A dictionary, list or set at module level is named as a constant."""
    mutable = [
        f"{module.relative_to(ROOT)}:{node.lineno}"
        for module, tree in trees()
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and is_mutable_state(node)
    ]
    assert mutable == []


def is_mutable_state(node: ast.Assign | ast.AnnAssign) -> bool:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    name, value = getattr(target, "id", ""), node.value
    if isinstance(value, ast.Call):
        return getattr(value.func, "id", "") in ("dict", "list", "set")
    literals = ast.Dict | ast.List | ast.Set | ast.ListComp | ast.SetComp | ast.DictComp
    return isinstance(value, literals) and not name.strip("_").isupper() and name != "__all__"


# ---- which module imports which


def name_of(module: Path) -> str:
    parts = module.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """List what runs when a module is imported, and what a type checker takes for that."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody", "handlers"):
            inside = getattr(node, part, []) if not isinstance(node, Function) else []
            yield from statements(inside)


def imports() -> dict[str, set[str]]:
    """Find which modules of ours each of them imports, for types only or not."""
    known = {name_of(module) for module in MODULES}
    found: dict[str, set[str]] = {name: set() for name in known}
    for module, tree in trees():
        mine = found[name_of(module)]
        for node in statements(tree.body):
            if isinstance(node, ast.Import):
                mine |= {alias.name for alias in node.names} & known
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: a relative import"
                inside = {f"{node.module}.{alias.name}" for alias in node.names} & known
                mine |= inside or {node.module or ""} & known
    return found


def circles(arrows: Mapping[str, set[str]]) -> list[list[str]]:
    """Give the groups in which each node can be reached from each other."""
    reached = {node: reachable(arrows, node) for node in arrows}
    groups = {
        frozenset({node} | {other for other in reached[node] if node in reached[other]})
        for node in arrows
        if node in reached[node]
    }
    return sorted(sorted(group) for group in groups)


def reachable(arrows: Mapping[str, set[str]], node: str) -> set[str]:
    found, left = set[str](), [node]
    while left:
        new = arrows[left.pop()] - found
        found |= new
        left += new
    return found


def test_circles_are_found() -> None:
    arrows = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a", "d"}, "e": {"d"}}
    assert circles(arrows) == [["a", "b", "c"], ["d"]]


def test_no_modules_import_each_other_in_a_circle() -> None:
    arrows = imports()
    assert len(arrows) == len(MODULES)
    assert circles(arrows) == []


def test_no_chain_of_packages_in_core_is_longer_than_designed() -> None:
    arrows: dict[str, set[str]] = defaultdict(set)
    for module, imported in imports().items():
        for other in imported:
            package, used = (name.split(".")[2:3] for name in (module, other))
            if is_in_core(module) and is_in_core(other) and package != used:
                arrows[package[0]].add(used[0])
                arrows[used[0]] |= set()
    assert circles(arrows) == []

    def longest(package: str) -> list[str]:
        return [package, *max((longest(used) for used in arrows[package]), key=len, default=[])]

    chain = max((longest(package) for package in arrows), key=len)
    assert len(chain) <= LONGEST_CHAIN, chain


def is_in_core(name: str) -> bool:
    return name.startswith("emulator.core.")


# ---- words and pages


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
