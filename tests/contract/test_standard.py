"""Standard tools read the files under schemas/ as the emulator does."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from emulator.core.contract.loader import Loader
from emulator.core.contract.validation import Rules
from emulator.core.primitives.regex import whole_match
from tests.cases import runner
from tests.contract import catalogue
from tests.contract.standard import Schemas, by_ajv, by_jsonschema, searches

BASE = "https://schemas.invalid/"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = catalogue.SCHEMAS
MESSAGES = sorted(
    file
    for kind in ("*.request", "*.response", "*.error", "_shared")
    for file in FOLDER.rglob(f"{kind}.json")
)
DATA = [
    file
    for file in sorted(FOLDER.glob("*/*.json"))
    if file not in MESSAGES and file.parent.name != "_meta"
]
METAS = sorted((FOLDER / "_meta").glob("*.json"))


def read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def short(file: Path) -> str:
    return file.relative_to(FOLDER).as_posix()


def check(schema: Any) -> None:
    """Check that a schema is one; not by Python's `re`, which knows less than ECMAScript."""
    Draft202012Validator.check_schema(schema, format_checker=FormatChecker(formats=()))


# Messages


@pytest.mark.parametrize("file", MESSAGES, ids=short)
def test_a_message_names_the_dialect_and_is_a_schema_of_it(file: Path) -> None:
    schema = read(file)
    assert schema["$schema"] == DIALECT
    check(schema)


def without_contents(node: Any) -> Any:
    """Leave out what 2020-12 only annotates and the emulator asserts: texts that hold JSON."""
    if isinstance(node, list):
        return [without_contents(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: without_contents(each) for key, each in node.items() if key != "contentSchema"}


class Recorder:
    """Keeps every document that the emulator validates, with the file of its schema."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.schemas: dict[str, Any] = {}
        self.rules: dict[str, Rules] = {}
        self.documents: dict[tuple[str, str], object] = {}
        self.left_aside = 0
        self._addresses: dict[int, tuple[str, Any]] = {}
        read_message, violations = Loader._message, Rules.violations

        def message(loader: Loader, provider: str, name: str, shared: Any) -> Any:
            schema = read_message(loader, provider, name, shared)
            self._note(loader, provider, name, shared, schema)
            return schema

        def judge(rules: Rules, document: object) -> Any:
            if id(rules.schema) in self._addresses:
                self._keep(self._addresses[id(rules.schema)][0], document)
            return violations(rules, document)

        patch.setattr(Loader, "_message", message)
        patch.setattr(Rules, "violations", judge)

    def _note(self, loader: Loader, provider: str, name: str, shared: Any, inlined: Any) -> None:
        folder = BASE + "/".join((provider, *map(str, loader._files.layers))) + "/"
        self.schemas[f"{folder}{name}"] = loader.read(provider, name)
        self.schemas[f"{folder}_shared.json"] = shared or {}
        self.rules[f"{folder}{name}"] = Rules(without_contents(inlined))  # asserts no formats
        self._addresses[id(inlined)] = (f"{folder}{name}", inlined)  # kept: its id stays its own

    def _keep(self, address: str, document: object) -> None:
        if is_json(document):
            self.documents[address, json.dumps(document)] = document
        else:
            self.left_aside += 1


def is_json(document: object) -> bool:
    """Tell whether JSON can say it: lax readers make infinities, bytes and absent bodies."""
    if isinstance(document, float):
        return math.isfinite(document)
    if isinstance(document, dict):
        return all(map(is_json, document.values()))
    if isinstance(document, list):
        return all(map(is_json, document))
    return document is None or isinstance(document, str | int)


_ROUNDED = re.compile(r": \d{17,}[,}]")
"""Integers that JavaScript rounds: 2**63 is its nearest number to 2**63 - 1, so no maximum tells."""


@pytest.fixture(scope="module")
def recorded() -> Recorder:
    """All cases, run once."""
    with pytest.MonkeyPatch.context() as patch:
        runner._application.cache_clear()  # so that every message is read while we watch
        recorder = Recorder(patch)
        for case in runner.all_cases():
            runner.Runner(case).run()
        runner._application.cache_clear()
    return recorder


@pytest.mark.slow
@pytest.mark.unmeasured
def test_three_validators_judge_every_document_of_every_case_alike(recorded: Recorder) -> None:
    keys = list(recorded.documents)
    ours = [not recorded.rules[address].violations(recorded.documents[address, text]) for address, text in keys]  # fmt: skip
    theirs = by_jsonschema(recorded.schemas, keys)
    different = [key for key, one, other in zip(keys, ours, theirs, strict=True) if one != other]
    assert different == []
    assert len(keys) > 2000
    assert 100 < ours.count(False) < len(keys)
    assert recorded.left_aside < 50
    ajv = by_ajv(recorded.schemas, keys)
    assert ajv.faults == {}
    different = [key for key, a, b in zip(keys, ours, ajv.verdicts, strict=True) if a != b]
    assert [key for key in different if not _ROUNDED.search(key[1])] == []
    assert len(different) <= 3


def test_ajv_compiles_every_file_strictly() -> None:
    schemas = {BASE + short(file): read(file) for file in (*MESSAGES, *METAS)}
    layered = {name for name in schemas if name.removeprefix(BASE).count("/") > 1}
    for name in layered:  # a layer's file refers to the definitions of its provider
        provider, layer, _ = name.removeprefix(BASE).split("/")
        shared = Loader(layers=[layer]).read(provider, "_shared.json")
        schemas[f"{BASE}{provider}/{layer}/_shared.json"] = shared
    assert len(schemas) > 300
    assert by_ajv(schemas, []).faults == {}


# Patterns


def patterns(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from patterns(item)
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "pattern" and isinstance(value, str):
                yield value
            elif not name.startswith("x-"):  # annotations name keywords, too
                yield from patterns(value)


PATTERNS = sorted(
    {
        pattern
        for file in FOLDER.rglob("*.json")
        if file not in DATA
        for pattern in patterns(read(file))
    }
)


def strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for child in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from strings(child)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_is_anchored(pattern: str) -> None:
    assert (pattern[0], pattern[-1]) == ("^", "$")
    depth, inside = 0, False
    for sign, before in zip(pattern[1:], pattern, strict=False):
        if before == "\\":
            continue
        inside = (inside or sign == "[") and sign != "]"
        depth += 0 if inside else {"(": 1, ")": -1}.get(sign, 0)
        assert depth or inside or sign != "|", "an alternative outside of a group is not anchored"


def texts_for(pattern: str) -> list[str]:
    """Draw texts, some of which match."""
    drawn: list[str] = []
    alike = st.text() if "\\p" in pattern else st.from_regex(pattern)
    endings = st.sampled_from(["", "", "\n", " ", "\u2028", "é", "-", "."])

    @settings(max_examples=20, database=None, derandomize=True, deadline=None)
    @given(st.one_of(alike, alike, st.text()), endings)
    def draw(text: str, ending: str) -> None:
        drawn.append(text + ending)

    draw()
    return drawn


@pytest.mark.slow
@pytest.mark.unmeasured
def test_a_pattern_means_one_thing_to_re2_ecmascript_and_python() -> None:
    cases = [case.document["steps"] for case in runner.all_cases()]
    used = sorted({text for steps in cases for text in strings(steps) if len(text) < 300})
    schemas: Schemas = {f"{BASE}{n}": {"pattern": each} for n, each in enumerate(PATTERNS)}
    asked = [
        (f"{BASE}{number}", text)
        for number, pattern in enumerate(PATTERNS)
        for text in (*used[number % 29 :: 29], *texts_for(pattern))
    ]
    of = {f"{BASE}{number}": pattern for number, pattern in enumerate(PATTERNS)}
    re2 = [whole_match(of[name])(text) for name, text in asked]
    python = [searches(of[name], text) for name, text in asked]
    assert [pair for pair, a, b in zip(asked, re2, python, strict=True) if a != b] == []
    ajv = by_ajv(schemas, [(name, json.dumps(text)) for name, text in asked])
    assert [pair for pair, a, b in zip(asked, re2, ajv.verdicts, strict=True) if a != b] == []
    assert len(asked) > 3000
    assert re2.count(True) > 500


# Data files


@pytest.mark.parametrize("file", METAS, ids=short)
def test_a_meta_schema_is_a_schema(file: Path) -> None:
    assert read(file)["$schema"] == DIALECT
    check(read(file))


@pytest.mark.parametrize("file", DATA, ids=short)
def test_a_data_file_fits_the_meta_schema_that_it_names(file: Path) -> None:
    meta = (file.parent / read(file)["$schema"]).resolve()
    assert meta.parent == (FOLDER / "_meta").resolve()
    assert meta.stem == file.stem
    assert by_jsonschema({BASE: read(meta)}, [(BASE, file.read_text(encoding="utf-8"))]) == [True]


@pytest.mark.parametrize("file", MESSAGES, ids=short)
def test_a_message_fits_the_meta_schema_of_messages(file: Path) -> None:
    meta = {BASE: read(FOLDER / "_meta" / "message.json")}
    assert by_jsonschema(meta, [(BASE, file.read_text(encoding="utf-8"))]) == [True]


NONSENSE: list[tuple[str, str, str, object]] = [
    ("service", "pai/service.json", "provider", "NOT a name!"),
    ("service", "pai/service.json", "order", ["guess"]),
    ("service", "pai/service.json", "marks", []),
    ("rules", "pai/rules.json", "own", {"evidence": "xx inferred: y"}),
    ("rules", "pai/rules.json", "own", {"evidence": "documented\n"}),
    ("quotas", "personalize/quotas.json", "own", {"limit": 1, "evidence": "documented "}),
    ("lifecycles", "pai/lifecycles.json", "own", {"create": {"states": []}}),
    ("errors", "pai/errors.json", "envelope", "../gateway"),
    ("seed", "pai/seed.json", "demos", []),
    ("message", "pai/CreateDataset.request.json", "pattern", "a|b"),
    ("message", "pai/CreateDataset.request.json", "x-evidence", "xx inferred: y"),
    ("message", "pai/CreateDataset.request.json", "evidence", "documented reference"),
    ("message", "pai/CreateDataset.request.json", "$ref", "x_shared.json#/$defs/Name"),
]


def test_meta_schemas_accept_no_nonsense() -> None:
    schemas = {f"{BASE}{file.stem}": read(file) for file in METAS}
    whole = [(BASE + meta, json.dumps(read(FOLDER / name))) for meta, name, *_ in NONSENSE]
    broken = [
        (BASE + meta, json.dumps({**read(FOLDER / name), member: value}))
        for meta, name, member, value in NONSENSE
    ]
    expected = [True] * len(whole) + [False] * len(broken)
    assert by_jsonschema(schemas, [*whole, *broken]) == expected
    assert by_ajv(schemas, [*whole, *broken]).verdicts == expected
