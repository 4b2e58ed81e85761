"""The journal keeps what came, bounded and without secrets, and renders what is read."""

from __future__ import annotations

import gc
import json
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from emulator.core.worlds.journal import (
    LONGEST_BODY,
    LONGEST_PATH,
    MOST_BYTES,
    MOST_ENTRIES,
    Journal,
)
from emulator.core.worlds.journal_entry import Entry
from emulator.core.worlds.redaction import Redaction

REAL = "AKIA" + "B" * 16


@dataclass
class Rejected:
    """A rejection whose explanation is given, and how often it was asked for."""

    document: Any
    text: str = ""
    why: str = ""
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


def held(journal: Journal) -> list[str]:
    """Every text that the entries keep, as it is kept; nothing is read."""
    texts, seen = list[str](), set[int]()
    left: list[object] = [journal._entries]
    while left:
        each = left.pop()
        if isinstance(each, str | bytes):
            texts.append(each if isinstance(each, str) else each.decode("utf-8", "replace"))
        elif id(each) not in seen and not isinstance(each, type):
            seen.add(id(each))
            left += gc.get_referents(each)
    return texts


def test_nothing_is_rendered_or_explained_before_somebody_reads_it() -> None:
    journal, rejected = Journal(Redaction(["hidden"])), Rejected({"reason": "r"})
    body = b'{"a": 1}'
    add(journal, sent=([("Accept", "x")], body), rejection=rejected, query=[("a", "b")])
    assert rejected.asked == 0
    assert not any(isinstance(entry, Entry) for entry in journal._entries)
    (entry,) = journal
    assert (entry.query, entry.request.body, entry.explain) == ("a=b", '{"a": 1}', {"reason": "r"})
    assert list(journal) == [entry]
    assert rejected.asked == 1


SECRETS: list[dict[str, Any]] = [
    {"path": "/a/SECRET"},
    {"query": [("SECRET", "a")]},
    {"query": [("a", "b"), ("c", '{"d": "SECRET"}')]},
    {"sent": ([("X-Key", "SECRET")], b"")},
    {"sent": ([], b"a=SECRET&b=c")},
    {"sent": ([], b'{"a": "SECRET"}')},
    {"sent": ([], '{"a": "SECRET"}'.encode("utf-16"))},
    {"answered": ([("X-Key", "SECRET")], b"")},
    {"answered": ([], b'{"a": "{\\"b\\": \\"SECRET\\"}"}')},
    {"rejection": Rejected({"facts": {"id": "SECRET"}}, text="SECRET")},
]


def with_key(value: Any) -> Any:
    """Put a key of the form the vendor gives out in the places of an entry marked for it."""
    if isinstance(value, bytes):
        wide = "SECRET".encode("utf-16-le")
        return value.replace(b"SECRET", REAL.encode()).replace(wide, REAL.encode("utf-16-le"))
    if isinstance(value, str):
        return value.replace("SECRET", REAL)
    if isinstance(value, Rejected):
        return Rejected(with_key(value.document), with_key(value.text))
    if isinstance(value, dict):
        return {name: with_key(member) for name, member in value.items()}
    return type(value)(map(with_key, value)) if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("member", SECRETS, ids=str)
def test_what_looks_real_is_never_kept_not_even_until_somebody_reads(
    member: dict[str, Any],
) -> None:
    journal = Journal(Redaction(looks=["AKIA[A-Z0-9]{16}"]))
    add(journal, **{"sent": ([], b"{}"), **with_key(member)})
    texts = [text.replace("\0", "") for text in held(journal)]
    assert any("***" in text for text in texts)
    assert not any(REAL in text for text in texts)


@pytest.mark.parametrize(
    "member",
    [
        {"query": [("a", "b"), ("access_TOKEN", "hush")]},
        {"sent": ([("authorization", "hush"), ("Accept", "x")], b"{}")},
        {"sent": ([("Referer", "https://a/b?c=d&access_token=hush")], b"{}")},
        {"sent": ([], b'{"Access_Token": "hush"}')},
        {"sent": ([], b"a=b&access%5Ftoken=hush")},
        {"answered": ([("Cookie", "hush")], b"")},
        {"answered": ([], b'{"access_token": "hush"}')},
    ],
    ids=str,
)
def test_the_value_of_a_secret_name_is_never_kept_either(member: dict[str, Any]) -> None:
    journal = Journal(Redaction(["access_token"]))
    add(journal, **member)
    assert not any("hush" in text for text in held(journal))


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


def test_a_real_key_where_a_body_is_cut_is_not_shown_even_if_secrets_made_it_shorter() -> None:
    journal = Journal(Redaction(["access_token"], looks=["AKIA[A-Z0-9]{16}"]))
    token = b'{"access_token": "' + b"h" * 5000 + b'", "b": "'
    begun = 17 * 1024 - len(token) - 10
    entry = write(journal, sent=([], token + b"x" * begun + REAL.encode() + b"y" * 5000))
    assert "AKIA" not in entry.request.body
    assert len(entry.request.body) > LONGEST_BODY - 6000


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
    assert sum(map(len, held(journal))) <= 1.1 * MOST_BYTES
    kept = sum(len(json.dumps(asdict(entry))) for entry in journal)
    assert kept <= 1.1 * MOST_BYTES
    assert sum(map(len, held(journal))) <= 1.1 * MOST_BYTES


def test_what_is_too_long_to_be_shown_is_not_kept_until_somebody_reads() -> None:
    journal = Journal(Redaction())
    add(journal, sent=([("X", "y" * 100_000)], b""))
    assert sum(map(len, held(journal))) < 2_000


def test_what_is_kept_unread_counts() -> None:
    journal = Journal(Redaction())
    for _ in range(MOST_ENTRIES):
        values = [(f"name-{number}", f"{number}" * 500) for number in range(9)]
        add(journal, sent=(values, b"s" * 9000), answered=(values, b"a" * 9000), query=values)
    assert not any(isinstance(entry, Entry) for entry in journal._entries)
    unread = sum(map(len, held(journal)))
    assert 0.9 * MOST_BYTES <= unread <= 1.1 * MOST_BYTES


def test_clearing_one_provider_leaves_the_others() -> None:
    journal = Journal(Redaction())
    write(journal, provider="one")
    write(journal, provider="two")
    journal.clear("one")
    assert [entry.provider for entry in journal] == ["two"]
    journal.clear()
    assert list(journal) == []
