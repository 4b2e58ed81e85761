from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from emulator.core.worlds.journal import (
    LONGEST_BODY,
    LONGEST_PATH,
    MOST_BYTES,
    MOST_ENTRIES,
    Entry,
    Journal,
)
from emulator.core.worlds.redaction import Redaction

REAL = "AKIA" + "B" * 16


@dataclass
class Rejected:
    """A rejection whose explanation is given, and how often it was asked for."""

    document: Any
    text: str = ""
    asked: int = 0

    def explain(self) -> Any:
        self.asked += 1
        return self.document


def add(journal: Journal, **changes: Any) -> None:
    entry: dict[str, Any] = {
        "at": 0,
        "provider": "one",
        "operation": "Create",
        "method": "POST",
        "path": "/",
        "query": [],
        "status": 200,
        "sent": ([], b""),
        "answered": ([], b""),
    }
    journal.add(**{**entry, **changes})


def write(journal: Journal, **changes: Any) -> Entry:
    """Add an entry and read it."""
    add(journal, **changes)
    return list(journal)[-1]


def test_secrets_are_taken_out_when_an_entry_is_written() -> None:
    journal = Journal(Redaction(["X-Amz-Signature", "access_token"], ["AKIA[A-Z0-9]{16}"]))
    entry = write(
        journal,
        path=f"/a/{REAL}",
        query=[("X-Amz-Signature", "hush"), ("a", "b"), ("b", REAL)],
        sent=(
            [("AUTHORIZATION", "hush"), ("Accept", "x"), ("X-Key", f"a.{REAL}")],
            f"a {REAL} body".encode(),
        ),
        rejection=Rejected(
            {"facts": {"path": f"/a/{REAL}", "limit": 1.5}, "nearest": {"why": REAL}}
        ),
        answered=([], b'{"access_token" : "hush", "b": 1}'),
    )
    assert entry.request.headers == {"AUTHORIZATION": "***", "Accept": "x", "X-Key": "a.***"}
    assert entry.explain == {"facts": {"path": "/a/***", "limit": 1.5}, "nearest": {"why": "***"}}
    assert (entry.path, entry.query) == ("/a/***", "X-Amz-Signature=***&a=b&b=***")
    assert (entry.request.body, entry.response.body) == (
        "a *** body",
        '{"access_token" : "***", "b": 1}',
    )
    assert "hush" not in repr(list(journal))
    assert REAL not in repr(list(journal))


def test_a_secret_that_was_cut_off_is_taken_out_as_well() -> None:
    body = b'{"a": "' + b"x" * (LONGEST_BODY - 40) + b'", "access_token": "' + b"hush" * 100
    entry = write(Journal(Redaction(["access_token"])), answered=([], body))
    assert "hush" not in entry.response.body


def test_a_real_key_at_the_end_of_what_is_kept_is_taken_out_whole() -> None:
    journal = Journal(Redaction(looks=["AKIA[A-Z0-9]{16}"]))
    body = b"x" * (LONGEST_BODY - 10) + REAL.encode() + b"x" * 100
    entry = write(journal, answered=([], body), path="/" * (LONGEST_PATH - 10) + REAL)
    assert entry.response.body == "x" * (LONGEST_BODY - 10) + "***" + "x" * 7
    assert entry.path == "/" * (LONGEST_PATH - 10) + "***"


def test_a_secret_with_quotation_marks_is_taken_out_whole() -> None:
    body = rb'{"access_token": "hu\"sh\\", "b": "\"c"}'
    entry = write(Journal(Redaction(["access_token"])), answered=([], body))
    assert entry.response.body == r'{"access_token": "***", "b": "\"c"}'


def test_the_oldest_entries_make_room() -> None:
    journal = Journal(Redaction())
    for _ in range(MOST_ENTRIES + 5):
        add(journal)
    assert next(entry.id for entry in journal) == "6"
    assert len(list(journal)) == MOST_ENTRIES


def test_a_long_body_is_cut_and_counted() -> None:
    entry = write(Journal(Redaction()), sent=([], b"x" * 100_000))
    assert (len(entry.request.body), entry.request.body_bytes) == (LONGEST_BODY, 100_000)


def test_the_journal_is_bounded_in_bytes() -> None:
    journal = Journal(Redaction())
    for _ in range(700):
        add(journal, sent=([("X", "y" * 100_000)], b"\xff" * LONGEST_BODY))
    assert sum(entry.size for entry in journal) <= MOST_BYTES


@pytest.mark.parametrize(
    "member",
    [
        {"path": "/" + "p" * 1_000_000},
        {"query": [("q", "v" * 1_000_000)] * 10},
        {"sent": ([("n" * 20 + str(n), "v" * 20_000) for n in range(100)], b"")},
        {"rejection": Rejected({"reason": "r" * 200_000})},
    ],
    ids=lambda member: next(iter(member)),
)
def test_every_part_of_an_entry_is_bounded_or_counts(member: dict[str, Any]) -> None:
    journal = Journal(Redaction())
    for _ in range(100):
        add(journal, **member)
    kept = sum(len(json.dumps(asdict(entry))) for entry in journal)
    assert kept <= 1.1 * MOST_BYTES


def test_clearing_one_provider_leaves_the_others() -> None:
    journal = Journal(Redaction())
    write(journal, provider="one")
    write(journal, provider="two")
    journal.clear("one")
    assert [entry.provider for entry in journal] == ["two"]
    journal.clear()
    assert list(journal) == []
