"""Measures the emulator against its neighbours in one run; prints the results as Markdown.

python -m bench [--only PART] [--json FILE] [--write]

Servers are processes of their own on loopback. What is compared takes turns, so that a slow
moment of the machine meets all of it; medians are compared.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.library.options import Bench, Options
from bench.library.results import Section, code, machine, write_into
from bench.library.servers import ROOT
from bench.parts import (
    control_reads,
    creating,
    credentials,
    growth,
    memory,
    refusals,
    serving,
    starts,
)

PAGE = ROOT / "docs/performance.md"
MILLION = 1_000_000

PARTS: Mapping[str, Callable[[Bench], Section]] = {
    part.PART: part.run
    for part in (creating, serving, credentials, refusals, starts, memory, growth, control_reads)
}
"""In their order: worlds with many resources are made last."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen parts, and print and write what they measured."""
    options = _parser().parse_args(arguments)
    stored = (*Options.stored, MILLION) if options.million else Options.stored
    amounts = Options(rounds=options.rounds, requests=options.requests, seconds=options.seconds, stored=stored)  # fmt: skip
    sections = []
    for section in measure(Bench(amounts), options.only or list(PARTS)):
        print(f"## {section.part}\n\n{section.markdown()}\n", flush=True)
        sections.append(section.document())
        if options.write:
            write_into(options.page, section)
        if options.json:
            options.json.write_text(json.dumps(sections, indent=2) + "\n", encoding="utf-8")


def measure(bench: Bench, parts: Sequence[str]) -> Iterator[Section]:
    """Run parts in turn; yield what each has measured, and where."""
    measured = code()  # before a page is written, which changes it
    for part in parts:
        where = machine(measured)
        section = PARTS[part](bench)
        section.machine = where
        yield section


def _parser() -> argparse.ArgumentParser:
    usual = Options()
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n")[0])  # fmt: skip
    add = parser.add_argument
    add("--only", action="append", choices=list(PARTS), help="part to run; may be repeated")
    add("--json", type=Path, metavar="FILE", help="write the results as JSON, too")
    add("--write", action="store_true", help="write the results into docs/performance.md, too")
    add("--page", type=Path, default=PAGE, help=argparse.SUPPRESS)
    add("--million", action="store_true", help="compare a world with 1,000,000 of everything, too")
    add("--rounds", type=int, default=usual.rounds, help=f"rounds ({usual.rounds})")
    add("--requests", type=int, default=usual.requests, help=f"requests per round ({usual.requests})")  # fmt: skip
    add("--seconds", type=float, default=usual.seconds, help=f"seconds after which a part begins no further round ({usual.seconds:.0f})")  # fmt: skip
    return parser


if __name__ == "__main__":
    main()
