"""Writes a new provider that works: it creates, lists, gets and deletes datasets, in JSON.

python -m tools.new_provider NAME [--package DIR]

Without --package it goes into this checkout, as folders of its own in schemas/,
emulator/providers/ and tests/cases/. With it, DIR becomes a package that can be installed
beside the emulator, which finds it by its entry point.

Only the standard library is used, so that it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import json
import keyword
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".txt"
"""Of templates that tools would take for the file itself, such as modules."""


class BadName(ValueError):
    """A name cannot be a provider's."""


def write(name: str, package: Path | None = None) -> list[Path]:
    """Write a provider and list its files; raises `BadName` and `FileExistsError`."""
    services = _services()
    _check(name, services)
    module = f"emulator_{name}" if package else f"emulator.providers.{name}"
    facts = {
        "name": name,
        "title": name.capitalize(),
        "module": module,
        "port": str(1 + max(service["portOffset"] for service in services.values())),
    }
    return [
        made
        for template, folder in _folders(name, package).items()
        for made in _fill(TEMPLATES / template, folder, facts)
    ]


def _folders(name: str, package: Path | None) -> Mapping[str, Path]:
    """Return the target of each folder of templates."""
    if package:
        code = package / f"emulator_{name}"
        return {"package": package, "code": code, "schemas": code / "schemas" / name}
    return {
        "schemas": ROOT / "schemas" / name,
        "code": ROOT / "emulator" / "providers" / name,
        "cases": ROOT / "tests" / "cases" / name,
    }


def _services() -> Mapping[str, Mapping[str, Any]]:
    """Read every service.json of this checkout, by the name of its folder."""
    files = (ROOT / "schemas").glob("[a-z]*/service.json")
    return {file.parent.name: json.loads(file.read_text("utf-8")) for file in files}


def _check(name: str, taken: Mapping[str, object]) -> None:
    if not re.fullmatch("[a-z][a-z0-9]*", name) or keyword.iskeyword(name):
        raise BadName(f"{name}: a provider's name has lower-case letters and digits only")
    if name in taken:
        raise BadName(f"{name}: the name is taken")


def _fill(templates: Path, folder: Path, facts: Mapping[str, str]) -> list[Path]:
    made = []
    for template in sorted(templates.rglob("*.*")):
        text = template.read_text("utf-8")
        for fact, value in facts.items():
            text = text.replace(f"{{{{{fact}}}}}", value)
        file = folder / str(template.relative_to(templates)).removesuffix(SUFFIX)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as new:  # nothing is overwritten
            new.write(text)
        made.append(file)
    return made


def main(arguments: Sequence[str]) -> int:
    """Write a provider, and print where its files are."""
    parser = argparse.ArgumentParser(prog="new-provider", description="Write a new provider.")
    parser.add_argument("name", help="name of the provider: lower-case letters and digits")
    parser.add_argument("--package", type=Path, metavar="DIR", help="folder of a new package")
    chosen = parser.parse_args(arguments)
    try:
        made = write(chosen.name, chosen.package)
    except (BadName, FileExistsError) as error:
        parser.error(str(error))
    for file in made:
        print(file.relative_to(ROOT) if file.is_relative_to(ROOT) else file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
