"""Writes the generated pages of `docs/`; with `--check`, fails when one is out of date.

python -m tools.docs [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from emulator.app import load_contracts
from emulator.catalogue import find_providers
from emulator.core.contract.loader import Loader
from emulator.core.contract.location import built_in_folder
from emulator.core.contract.model import Contract, Document
from emulator.core.contract.switches import find_switches, switches_of
from emulator.core.http.plain_json import PlainJson
from emulator.settings import ENVIRONMENT_PREFIX, Settings

DOCS = Path(__file__).parents[1] / "docs"
PROVIDERS = DOCS.parent / "emulator" / "providers"
NOTE = (
    "<!-- Written by `make docs` from schemas/, settings and READMEs: change those, not this. -->"
)
LOADER = Loader()


def pages() -> dict[Path, str]:
    """Make every generated page, by its file."""
    contracts = load_contracts(LOADER, find_providers())
    made = {DOCS / "providers" / f"{n}.md": provider_page(c) for n, c in contracts.items()}
    made[DOCS / "control.md"] = control_page(LOADER.load("control", PlainJson.formats))
    made[DOCS / "settings.md"] = settings_page()
    return {file: "\n".join([NOTE, "", *lines]).rstrip() + "\n" for file, lines in made.items()}


def provider_page(contract: Contract) -> Iterator[str]:
    """Tell what one provider's contract says, with its evidence."""
    service = contract.service
    yield from (PROVIDERS / contract.provider / "README.md").read_text().splitlines()
    yield from ("", f"The vendor's pages: <{service['documentation']}>", "")
    yield from (
        "## Operations",
        "",
        *table("Operation|Route|Status|Errors|Evidence", operations(contract)),
    )
    others = ", ".join(op.name for op in contract.operations.values() if not op.emulated)
    yield from (f"Not emulated, and answered so at once: {others}.", "")
    yield from ("## Requests", "")
    for operation in contract.operations.values():
        if operation.emulated:
            rows = rules(operation.request.schema, operation.request.schema["evidence"])
            yield from (f"### {operation.name}", "", *table("Member|Where|Rules|Evidence", rows))
    yield from ("## Errors", "", *table("Failure|Status|Code|Text|Evidence", failures(contract)))
    yield from (f"Of broken rules, the vendor reports: {contract.violations['report']}.", "")
    yield from table("Rule|Code|Text|Evidence", violations(contract))
    lifecycles = LOADER.read(contract.provider, "lifecycles.json", default={})
    yield from (
        "## States",
        "",
        *table("Kind|Lifecycle|States|Delays|Evidence", states(lifecycles)),
    )
    quotas = ((name, quota["limit"], quota["evidence"]) for name, quota in contract.quotas.items())
    yield from ("## Quotas", "", *table("Quota|Limit|Evidence", quotas))
    if "switches" in service:
        yield from ("## Switches", "", *table("Flag|Choice|Meaning|Evidence", switches(contract)))
    yield from ("## Keys of sources", "", *table("Key|Source", service["sources"].items()))


def control_page(contract: Contract) -> Iterator[str]:
    """Tell what the control API answers."""
    yield from ("# The control API", "", "Under `/_emulator` on the emulator's port, in JSON.", "")
    yield "It answers programs on the same machine: a foreign `Host`, `Origin`, `Referer` or"
    yield "`Sec-Fetch-Site` is refused before anything happens, and a call that changes something"
    yield from ("needs `Content-Type: application/json` or `X-Emulator-Control: 1`.", "")
    yield "Web pages of origins that `--cors-origin` lists are answered as programs are"
    yield from ("([commands.md](commands.md#web-pages)).", "")
    yield from ("`GET /_emulator/` is [the inspector](inspector.md), a page on these calls.", "")
    calls = ((op.name, f"{op.method} {op.path}", op.status) for op in contract.operations.values())
    yield from table("Operation|Route|Status", calls)
    for operation in contract.operations.values():
        if operation.emulated and operation.request.schema.get("properties"):
            rows = rules(operation.request.schema, "")
            yield from (f"### {operation.name}", "", *table("Member|Where|Rules|", rows))
    yield from ("## Errors", "", '`{"error": code, "message": text}`', "")
    rows = ((row["status"], row["code"], row["text"]) for row in contract.failures.values())
    yield from table("Status|Code|Text", rows)


def settings_page() -> Iterator[str]:
    """Tell what can be set, and how."""
    yield from (
        "# Settings",
        "",
        "A flag beats the environment, which beats `--config FILE` (JSON or TOML).",
        "",
    )
    rows = [
        (
            f"`--{setting.name.replace('_', '-')}`",
            f"`{ENVIRONMENT_PREFIX}_{setting.name.upper()}`",
            "" if setting.default in (None, ()) else f"`{setting.default}`",
            setting.metadata["help"],
        )
        for setting in fields(Settings)
        if setting.name != "switches"
    ]
    rows += [
        (
            f"`--{switch.flag}`",
            f"`{ENVIRONMENT_PREFIX}_{switch.flag.replace('-', '_').upper()}`",
            f"`{switch.default}`",
            f"{switch.declared['description']} (`{'`, `'.join(switch.choices)}`)",
        )
        for switch in find_switches(built_in_folder())
    ]
    yield from table("Flag|Environment|Default|Meaning", rows)
    exits = "0 stopped by a signal, 2 a bad value, 3 a port in use, 4 a seed that cannot be"
    yield f"Exit codes: {exits}."


def table(headings: str, rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Write a Markdown table and an empty line after it; a line saying so if it has no rows."""
    lines = [f"| {' | '.join(map(cell, row))} |" for row in rows]
    if not lines:
        yield from ("None.", "")
        return
    columns = headings.split("|")
    yield from (f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}", *lines, "")


def cell(value: object) -> str:
    """Write a value so that it stays within its cell."""
    return str(value).replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def operations(contract: Contract) -> Iterator[tuple[object, ...]]:
    """Give a row per emulated operation."""
    for op in contract.operations.values():
        if op.emulated:
            route = op.target or f"{op.method} {op.path}"
            yield op.name, f"`{route}`", op.status, ", ".join(op.errors), op.evidence


def rules(schema: Document, evidence: str, path: str = "") -> Iterator[tuple[object, ...]]:
    """Give a row per member of a request, nested ones by their path."""
    for name, member in schema.get("properties", {}).items():
        here = f"{path}{name}"
        own = member.get("evidence", evidence)
        required = ["required"] if name in schema.get("required", ()) else []
        said = [f"{keyword} `{member[keyword]}`" for keyword in member if keyword in SHOWN]
        yield f"`{here}`", member.get("in", "body"), ", ".join(required + said), own
        yield from rules(member, own, f"{here}.")
        yield from rules(member.get("items", {}), own, f"{here}[].")


SHOWN = {
    *("type", "const", "enum", "pattern", "format"),
    *("minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"),
}
"""Keywords that are shown as rules."""


def failures(contract: Contract) -> Iterator[tuple[object, ...]]:
    """Give a row per failure."""
    for name, row in contract.failures.items():
        yield name, row["status"], row["code"], text(row["text"]), row["evidence"]


def violations(contract: Contract) -> Iterator[tuple[object, ...]]:
    """Give a row per broken rule."""
    for row in contract.violations["rows"]:
        narrowed = " ".join(
            f"{part} {'/'.join(row[part])}" for part in ("expected", "given") if part in row
        )
        yield (
            f"{row['keyword']} {narrowed}",
            row.get("code", ""),
            text(row["text"]),
            row["evidence"],
        )


def switches(contract: Contract) -> Iterator[tuple[object, ...]]:
    """Give a row per choice of each switch."""
    for switch in switches_of(contract.service):
        for name, choice in switch.declared["choices"].items():
            default = " (default)" if name == switch.default else ""
            yield (
                f"`--{switch.flag}`",
                f"`{name}`{default}",
                choice["description"],
                switch.declared["evidence"],
            )


def states(lifecycles: Document) -> Iterator[tuple[object, ...]]:
    """Give a row per lifecycle."""
    for kind, named in lifecycles.items():
        for name, entry in named.items():
            order = " > ".join(state["state"] for state in entry["states"])
            ends = " > gone" if "then" in entry else ""
            yield kind, name, order + ends, entry["timing"], entry["evidence"]


def text(said: Any) -> str:
    """Write an error text; nothing where the vendor says nothing."""
    return "" if said is None else f"`{said}`"


def main(arguments: list[str]) -> int:
    """Write the pages, or tell which are out of date."""
    stale = [
        file
        for file, page in pages().items()
        if not file.exists() or file.read_text(encoding="utf-8") != page
    ]
    if "--check" in arguments:
        for file in stale:
            print(f"{file.relative_to(DOCS.parent)} is out of date: run `make docs`")
        return 1 if stale else 0
    for file in stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(pages()[file], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
