from __future__ import annotations

from typing import Any

from emulator.core.journal import LONGEST_BODY, MOST_BYTES, MOST_ENTRIES, Entry, Journal


def write(journal: Journal, **changes: Any) -> Entry:
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
    return journal.add(**{**entry, **changes})


def test_secrets_are_taken_out_when_an_entry_is_written() -> None:
    journal = Journal(["Authorization", "X-Amz-Signature"])
    entry = write(
        journal,
        query=[("X-Amz-Signature", "hush"), ("a", "b")],
        sent=([("AUTHORIZATION", "hush"), ("Accept", "x")], b"body"),
    )
    assert entry.request.headers == {"AUTHORIZATION": "***", "Accept": "x"}
    assert entry.query == "X-Amz-Signature=***&a=b"
    assert "hush" not in repr(list(journal))


def test_the_oldest_entries_make_room() -> None:
    journal = Journal([])
    for _ in range(MOST_ENTRIES + 5):
        write(journal)
    assert next(entry.id for entry in journal) == "6"
    assert len(list(journal)) == MOST_ENTRIES


def test_a_long_body_is_cut_and_counted() -> None:
    entry = write(Journal([]), sent=([], b"x" * 100_000))
    assert (len(entry.request.body), entry.request.body_bytes) == (LONGEST_BODY, 100_000)


def test_the_journal_is_bounded_in_bytes() -> None:
    journal = Journal([])
    for _ in range(700):
        write(journal, sent=([("X", "y" * 100_000)], b"\xff" * LONGEST_BODY))
    assert sum(entry.size for entry in journal) <= MOST_BYTES


def test_clearing_one_provider_leaves_the_others() -> None:
    journal = Journal([])
    write(journal, provider="one")
    write(journal, provider="two")
    journal.clear("one")
    assert [entry.provider for entry in journal] == ["two"]
    journal.clear()
    assert list(journal) == []
